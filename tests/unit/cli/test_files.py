"""Texts and symbol lists that users hand over."""

from __future__ import annotations

import codecs
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.cli import newfile, symbols_file, textfile
from robotrader.core.errors import ResourceError, ValidationError

TEXT = "Revenue ₹96 crore – EPS “12.5”\n"


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
    ],
)
def test_encodings(data: bytes) -> None:
    assert textfile.decode(data, "x") == TEXT


def test_windows_text() -> None:
    assert textfile.decode("“Net profit” up 5 %".encode("cp1252"), "x") == "“Net profit” up 5 %"


def test_utf16_without_a_mark() -> None:
    text = "Revenue grew by 5 percent in the quarter"
    assert textfile.decode(text.encode("utf-16-le"), "x") == text
    assert textfile.decode(text.encode("utf-16-be"), "x") == text


def test_a_text_cut_within_a_character_stays_utf8() -> None:
    cut = "₹96 crore and ₹".encode()[:-1]
    assert textfile.decode(cut, "x").startswith("₹96 crore and ")


@pytest.mark.parametrize("data", [b"%PDF-1.7 x", b"\x89PNG\r\n\x1a\n\0\0\0", b"\x7fELF\0\1", bytes(range(256)) * 4])
def test_binary_is_refused(data: bytes) -> None:
    with pytest.raises(ValidationError, match="not a text file"):
        textfile.decode(data, "x")


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    with suppress(ValidationError):
        assert isinstance(textfile.decode(data, "x"), str)


def test_missing_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="no such file"):
        textfile.read(str(tmp_path / "none"))
    with pytest.raises(ValidationError, match="a folder"):
        textfile.read(str(tmp_path))
    with pytest.raises(ValidationError, match="cannot read"):
        textfile.read("\0")


def test_too_large(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(textfile.LARGEST_BYTES + 1)
    with pytest.raises(ValidationError, match="larger than 20 MB"):
        textfile.read(str(large))


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "home" / "config.toml"
    assert newfile.create(path, "one")
    assert not newfile.create(path, "two")
    assert path.read_text() == "one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir()] == ["config.toml"]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ResourceError, match="cannot write"):
        newfile.create(tmp_path / "file" / "config.toml", "x")


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("SBIN\nTCS\n", ("SBIN", "TCS")),
        ("SBIN\r\n\r\n# a comment\r\nM&M\r\n", ("SBIN", "M&M")),
        ("SBIN, TCS,BAJAJ-AUTO", ("SBIN", "TCS", "BAJAJ-AUTO")),
        ("\ufeffSymbol,Name\nSBIN,State Bank\n", ("SBIN",)),
        ("Tradingsymbol;Qty\nSBIN;5\nTCS;1", ("SBIN", "TCS")),
        ('"Instrument","Qty."\n"SBIN","5"\n"M&M","1,000"\n', ("SBIN", "M&M")),
        ("Name\tNSE Code\nState Bank\tSBIN", ("SBIN",)),
        ("# mine\nTrading Symbol,Exchange\nSBIN,NSE\nABB,BSE\n", ("SBIN", "BSE:ABB")),
        ("'SBIN'\n'3MINDIA'", ("SBIN", "3MINDIA")),
        ("SBIN\nSBIN\nNSE:SBIN", ("SBIN",)),
        ("BSE:SBIN", ("BSE:SBIN",)),
        ("SYMBOL\nSBIN", ("SBIN",)),
        ("", ()),
        ("\n\n#x\n", ()),
    ],
)
def test_symbol_files(text: str, symbols: tuple[str, ...]) -> None:
    assert symbols_file.parse(text) == symbols_file.SymbolFile(symbols, ())


def test_bad_rows_are_told_by_line() -> None:
    found = symbols_file.parse("Symbol,Exchange\nSBIN,NSE\nsbin,NSE\n,NSE\nGOLD,MCX\nRELIANCE.NS,\nTCS,NSE\n")
    assert found.symbols == ("SBIN", "TCS")
    assert [row.line for row in found.bad] == [3, 4, 5, 6]
    assert "did you mean SBIN?" in found.bad[0].message
    assert "MCX" in found.bad[2].message


def test_a_line_of_two_words_is_no_symbol() -> None:
    found = symbols_file.parse("HDFC BANK\nTCS\n")
    assert found.symbols == ("TCS",)
    assert found.bad[0].line == 1


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_is_read_without_an_error(text: str) -> None:
    found = symbols_file.parse(text)
    assert len(set(found.symbols)) == len(found.symbols)


def test_a_monstrous_line_is_a_bad_row() -> None:
    found = symbols_file.parse("SBIN\n" + "x" * 200_000 + "\nTCS")
    assert found.symbols == ("SBIN", "TCS")
    assert found.bad[0].line == 2
    assert len(found.bad[0].message) < 300


def test_ten_thousand_symbols() -> None:
    names = [f"S{number}" for number in range(10_000)]
    assert symbols_file.parse("\n".join(names)).symbols == tuple(names)
