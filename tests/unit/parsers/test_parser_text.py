from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.parsers.tables import find_tables
from robotrader.core.background_scheduler.parsers.text import (
    blank,
    json_view,
    keep,
    lines,
    prose_view,
    raw_view,
    sentences,
    thoughts,
)


def cells(text: str) -> list[list[list[str]]]:
    return [[[text[a:b] for a, b in row] for row in table.rows] for table in find_tables(text)]


@given(st.text(max_size=400))
def test_views_keep_every_offset(text: str) -> None:
    raw = raw_view(text)
    assert len(raw) == len(json_view(text)) == len(prose_view(raw)) == len(text)
    for line in lines(raw, raw):
        assert 0 <= line.start <= line.body <= line.end <= len(text)


def test_odd_characters_are_made_plain() -> None:
    assert raw_view("Rs\u00a05 \u2013 6 \u201cx\u201d \uff11\u0967 \u25b2") == 'Rs 5 - 6 "x" 11 \u2191'
    assert json_view("\u201cx\u201d") == "\u201cx\u201d"
    assert raw_view("a\r\nb\rc") == "a \nb\nc"
    assert raw_view("> quoted\n>> twice") == "  quoted\n   twice"


def test_marks_are_blanked() -> None:
    assert prose_view("**Net**: 5[1][2] <b>x</b> `y`").split() == ["Net", ":", "5", "x", "`y`"]
    assert prose_view("see https://example.com/q1-fy20 now").split() == ["see", "now"]
    assert prose_view("a\\r\\nb").split("\n")[1] == "b"
    assert prose_view("\\u20b95") == "\u20b9     5"
    assert prose_view("Rs. 5 cr. in Q1. Next") == "Rs  5 cr  in Q1. Next"


def test_thoughts_are_not_read() -> None:
    assert thoughts("<think>a</think>b") == [(0, 16)]
    assert raw_view("<think>a</think>b").strip() == "b"
    assert raw_view("a <think>never closed").strip() == "a"
    assert raw_view("was thinking</think>b").strip() == "b"


def test_blank_and_keep_are_opposites() -> None:
    text = "abc\ndef"
    assert blank(text, [(1, 5), (2, 3)]) == "a  \n ef"
    assert keep(text, [(1, 5)]) == " bc\nd  "


def test_levels_of_lines() -> None:
    text = "# Head\n\n**Bold line**\nplain\n- bullet\n  - deeper\n1. first\n**lead** text"
    assert [line.level for line in lines(prose_view(text), text)] == [1, 7, 8, 10, 12, 10, 8]


def test_sentences_end_where_they_end() -> None:
    text = "Profit rose 5.2%. Revenue fell.Next one? Yes"
    assert [text[a:b].strip() for a, b in sentences(text, 0, len(text))] == [
        "Profit rose 5.2%.",
        "Revenue fell.",
        "Next one?",
        "Yes",
    ]
    long = "x" * 4000
    assert [b - a for a, b in sentences(long, 0, len(long))] == [1500, 1500, 1000]
    assert len(sentences(long + ". y", 0, len(long) + 3)) == 4


def test_pipe_tables() -> None:
    text = "x\n| A | B |\n|---|---|\n| 1 | 2 |\n\nA | B\n--|--\n3 | 4\n"
    assert cells(text) == [[["A", "B"], ["1", "2"]], [["A", "B"], ["3", "4"]]]


def test_other_tables() -> None:
    assert cells('Item,Q1,Q2\nSales,"1,200",900\nProfit,30,40\n') == [
        [["Item", "Q1", "Q2"], ["Sales", "1,200", "900"], ["Profit", "30", "40"]]
    ]
    assert cells("Item\tQ1\nSales\t5\nProfit\t6") == [[["Item", "Q1"], ["Sales", "5"], ["Profit", "6"]]]


def test_what_is_no_table() -> None:
    assert cells("Revenue 5 | Profit 6\nanother line\n") == []
    assert cells("1,200\n1,300\n1,400\n") == []
    assert cells("Dear Sir, hello\nWe met, talked\nBye, then\n") == []
    assert cells("**Revenue:** 5 | 9M: 6\n**Profit:** 7 | 9M: 8\n") == []


def test_a_blanked_row_does_not_end_a_table() -> None:
    assert len(cells("| A | B |\n          \n| 1 | 2 |")) == 1
