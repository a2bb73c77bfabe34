"""Rows of a table that say something about others, and cells that say something about their row."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.earnings_facts import FIGURE_FIELDS, Fact, Reading
from robotrader.core.background_scheduler.parsers.earnings_rows import basis_of
from robotrader.core.background_scheduler.parsers.json_text import Block
from robotrader.core.background_scheduler.parsers.numbers import read_cell
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import find_periods
from robotrader.core.background_scheduler.parsers.tables import UNIT_CELL
from robotrader.core.background_scheduler.parsers.text import Span

_LONGEST_NAME, _LONGEST_UNIT = 60, 24


def words_of(view: str, span: Span) -> str:
    """The words of a cell in one line."""
    return re.sub(r"\s+", " ", view[span[0] : span[1]].replace("*", " ")).strip()


def opened_basis(view: str, cells: tuple[Span, ...]) -> str | None:
    """The basis that a row with one cell of words names for the rows below it."""
    told = [words for s in cells if (words := words_of(view, s))]
    return basis_of(told[0]) if len(told) == 1 and len(told[0]) <= _LONGEST_NAME and not read_cell(told[0]) else None


def unit_cell(view: str, cells: tuple[Span, ...]) -> str:
    """The unit that a cell of its own tells for its row: " (crore)"."""
    short = [s for s in cells if s[1] - s[0] <= _LONGEST_UNIT]
    told = [m["unit"] for s in short if (m := UNIT_CELL.fullmatch(words_of(view, s))) and m["unit"]]
    return f" ({told[0]})" if len(told) == 1 else ""


_OPENS = regex(r"(?:^|\n)([^\n]{4,300}:)[\s*]{0,6}(?:(?:```|   )[a-zA-Z0-9]{0,8}\s{0,4})?$")
_NOT_YET = regex(r"\b(?:estimat|expect|forecast|preview|guidance|consensus|no(?:t| )|template|example)", re.IGNORECASE)


def introduced(reading: Reading, marks: str, blocks: list[Block]) -> Reading:
    """With the one quarter that the sentence before the only JSON names, where the JSON itself does not tell any."""
    told = {"fiscal_year", "fiscal_quarter", "period_end"} & set(reading.fields)
    if told or len(blocks) != 1 or not set(FIGURE_FIELDS) & set(reading.fields):
        return reading
    at = blocks[0].node.start
    opening = _OPENS.search(marks, max(0, at - 340), at)
    if opening is None or _NOT_YET.search(opening[1]):
        return reading
    found = [p for p in find_periods(opening[1]) if p.kind == "quarter" and p.quarter]
    if len({(p.year, p.quarter) for p in found}) != 1 or not found[0].year or not found[0].quarter:
        return reading
    start, end = opening.start(1) + found[0].start, opening.start(1) + found[0].end
    period = {
        n: Fact(n, v, start, end) for n, v in (("fiscal_year", found[0].year), ("fiscal_quarter", found[0].quarter))
    }
    return Reading({**reading.fields, **period}, reading.warnings, reading.judged)
