"""Texts that users hand over: any common encoding, a sane size, one readable line where that fails."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

from robotrader.core.errors import ValidationError

LARGEST_BYTES = 20_000_000
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE = 4_096
BINARY_SHARE = 0.02
HALF = 0.4
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})


def read(name: str) -> str:
    """The text of a file, or of stdin where the name is ``-``.

    Raises:
        ValidationError: no such file, a folder, not readable, larger than 20 MB, or not text.
    """
    return decode(_bytes(name), "stdin" if name == "-" else name)


def decode(data: bytes, name: str) -> str:
    """Bytes as text: by byte order mark, else UTF-8 (also where its end is cut), UTF-16 or Windows-1252.

    Raises:
        ValidationError: the bytes are no text.
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    sample = data[:SAMPLE]
    if wide := _wide(sample):
        return data.decode(wide, "replace")
    if b"\0" in sample or sample.startswith(b"%PDF") or _controls(sample) > BINARY_SHARE * len(sample):
        raise ValidationError(f"not a text file: {name}", remedy="save it as plain text first")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    damaged = text.count("\N{REPLACEMENT CHARACTER}")
    genuine = sum(not character.isascii() for character in text) - damaged
    return text if genuine >= damaged else data.decode("cp1252", "replace")


def _bytes(name: str) -> bytes:
    try:
        if name == "-":
            data = sys.stdin.buffer.read(LARGEST_BYTES + 1)
        else:
            with Path(name).open("rb") as file:
                data = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise ValidationError(f"no such file: {name}", remedy="give a file, or - to read from stdin") from None
    except IsADirectoryError:
        raise ValidationError(f"a folder, not a file: {name}", remedy="give one file at a time") from None
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or error
        raise ValidationError(f"cannot read {name}: {words}", remedy="check the path and its permissions") from None
    if len(data) > LARGEST_BYTES:
        raise ValidationError(f"larger than 20 MB: {name}", remedy="give the text of one answer")
    return data


def _controls(sample: bytes) -> int:
    return len(sample) - len(sample.translate(None, _CONTROLS))


def _wide(sample: bytes) -> str | None:
    """UTF-16 without a byte order mark: every other byte of Western text is zero."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half and odd > HALF * half and not even:
        return "utf-16-le"
    return "utf-16-be" if half and even > HALF * half and not odd else None
