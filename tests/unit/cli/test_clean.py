from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.cli import clean


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r\x1b\\x", "x"),
        ("\x9b2Jx", "x"),
        ("\x1b(Bx", "x"),
        ("\x1bcx", "x"),
        ("a\x00b\x08c\x7fd", "abcd"),
        ("left\u202eright", "leftright"),
        ("a\u2066b\u2069c", "abc"),
        ("a\tb\r\nc", "a b c"),
        ("a\u2028b", "a b"),
        ("[red]M&M[/red]", "[red]M&M[/red]"),
        ("₹ 1,00,000 – भारत", "₹ 1,00,000 – भारत"),
        ("\ud800x", "\ufffdx"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("open \x1b", "open"),
        ("open \x1b]0;never closed", "open"),
    ],
)
def test_line(text: str, shown: str) -> None:
    assert clean.line(text) == shown


@given(st.text(st.characters(), max_size=200))
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    left = clean.block(text)
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} and character != "\n" for character in left)
    assert not set(left) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
    assert clean.block(left) == left


@given(st.text(max_size=100), st.integers(4, 50))
def test_short_is_short(text: str, limit: int) -> None:
    assert len(clean.short(text, limit)) <= limit


def test_a_cut_is_marked() -> None:
    assert clean.short("one two three", 10) == "one two..."


@pytest.mark.parametrize(
    "text",
    [
        "key pplx-abcDEF123 rejected",
        "Authorization: Bearer abcdef123456",
        "https://user:hunter2secret@host/x",
        "api_key=abcdef123456&x=1",
        '{"api_secret": "abcdef123456"}',
        "the configured kite-value-1 failed",
    ],
)
def test_secrets_are_scrubbed(text: str) -> None:
    left = clean.scrub(text, ("kite-value-1", ""))
    assert "***" in left
    for secret in ("abcDEF123", "abcdef123456", "hunter2secret", "kite-value-1"):
        assert secret not in left


def test_scrubbing_leaves_the_rest() -> None:
    assert clean.scrub("no such task 12: see robotrader tasks list") == "no such task 12: see robotrader tasks list"
