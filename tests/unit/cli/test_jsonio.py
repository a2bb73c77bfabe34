from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.cli import jsonio

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False, places=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def read(text: str) -> object:
    return json.loads(text, parse_float=Decimal)


@given(JSON, st.booleans())
def test_what_is_written_is_read_back(value: object, indent: bool) -> None:
    assert read(jsonio.dumps(value, indent=indent)) == value


@given(JSON)
def test_ascii_says_the_same(value: object) -> None:
    text = jsonio.ascii_only(jsonio.dumps(value))
    assert text.isascii()
    assert read(text) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_are_exact(value: Decimal) -> None:
    text = jsonio.dumps(value)
    assert Decimal(text) == value
    assert isinstance(json.loads(text), (int, float))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1349794700000.00", "1349794700000"),
        ("12.50", "12.5"),
        ("0.00", "0"),
        ("-0", "0"),
        ("-0.005", "-0.005"),
        ("1E+3", "1000"),
        ("123456789012345678.123456789", "123456789012345678.123456789"),
        ("1E+100", "1e100"),
        ("NaN", "null"),
        ("Infinity", "null"),
    ],
)
def test_number(value: str, text: str) -> None:
    assert jsonio.dumps(Decimal(value)) == text


def test_floats_are_shortest() -> None:
    assert jsonio.dumps([0.1, 60.0, 1e-7, float("nan")], indent=False) == "[0.1, 60, 0.0000001, null]"


def test_views() -> None:
    class Word(StrEnum):
        ONE = "one"

    @dataclass(frozen=True)
    class View:
        at: datetime
        day: date
        word: Word
        path: Path
        names: frozenset[str]
        more: tuple[int, ...]

    ist = timezone(timedelta(hours=5, minutes=30))
    view = View(datetime(2026, 1, 1, 5, 30, tzinfo=ist), date(2026, 1, 2), Word.ONE, Path("/x"), frozenset("ba"), (1,))
    assert read(jsonio.dumps(view)) == {
        "at": "2026-01-01T00:00:00Z", "day": "2026-01-02", "word": "one", "path": "/x", "names": ["a", "b"], "more": [1]
    }  # fmt: skip


def test_microseconds_are_kept() -> None:
    assert jsonio.dumps(datetime(2026, 1, 1, 0, 0, 0, 250, tzinfo=UTC)) == '"2026-01-01T00:00:00.000250Z"'


def test_nothing_a_terminal_obeys_is_printed() -> None:
    hostile = "\x1b[31m\x9b\x7f\u202e\ud800\u2028"
    text = jsonio.dumps({hostile: hostile})
    assert not set(text) & set(hostile) - set("[31m")
    assert json.loads(text) == {hostile: hostile}


def test_rupee_stays_readable() -> None:
    assert jsonio.dumps("₹ भारत") == '"₹ भारत"'


def test_empty_containers() -> None:
    assert jsonio.dumps({"a": [], "b": {}}, indent=False) == '{"a": [], "b": {}}'


def test_what_has_no_form_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes has no form"):
        jsonio.dumps({"x": b""})
