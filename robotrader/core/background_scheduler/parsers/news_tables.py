"""Stories out of tables: rows with a row of names above them, rows without one, cells that list several stories."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, merged, plain, quoted
from robotrader.core.background_scheduler.parsers.news_grids import MOST_ROWS, Grid, Row, columns_of, find_grids
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, word_count
from robotrader.core.background_scheduler.parsers.news_keys import STRICT_HEADLINES, column_key
from robotrader.core.background_scheduler.parsers.news_meta import read_meta, read_value, take_links
from robotrader.core.background_scheduler.parsers.news_words import stated_category
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import Span


def read_tables(page: Page) -> tuple[list[Draft], list[Span]]:
    """The stories of every table, and where the tables that have some stand."""
    found: list[Draft] = []
    used: list[Span] = []
    for grid in find_grids(page):
        drafts = _named_rows(page, grid) if grid.named else _bare_rows(page, grid)
        if drafts:
            found += drafts
            used.append((grid.start, grid.end))
    return found, used


def _told_at_length(page: Page, grid: Grid, columns: dict[str, int]) -> dict[str, int]:
    """The columns, with the details as headline where the other column has but the kinds of announcements."""
    key = column_key(page.view[slice(*grid.rows[0][columns["headline"]])])
    if "summary" not in columns or key in STRICT_HEADLINES:
        return columns
    counts = {
        name: [word_count(page.view[slice(*row[i])]) for row in grid.rows[1:20] if i < len(row)]
        for name, i in columns.items()
        if name in ("headline", "summary")
    }
    short = 2 * sum(n <= 3 for n in counts["headline"]) > len(counts["headline"])
    long = 2 * sum(n >= 6 for n in counts["summary"]) > len(counts["summary"])
    if not (short and long):
        return columns
    changed = {**columns, "headline": columns["summary"], "category": columns["headline"]}
    del changed["summary"]
    return changed


_AHEAD = regex(
    r"(?:to (?:consider|approve|discuss|declare|announce|be held)\b"
    r"|(?:interim |final |special )?dividend (?:of )?(?:rs|inr"
    r"|\u20b9|@)|(?:record|ex)[- ]?(?:date|dividend|bonus|split)\b|board meeting$|agm\b|results? (?:date|for|on)\b)",
    re.IGNORECASE,
)
"""What a calendar says of a day to come, which is no news."""


def _named_rows(page: Page, grid: Grid) -> list[Draft]:
    columns = _told_at_length(page, grid, columns_of(page, grid.rows[0]))
    head_key = column_key(page.view[slice(*grid.rows[0][columns["headline"]])])
    calendar = any(column_key(page.view[a:b]) in ("event", "events") for a, b in grid.rows[0])
    found: list[Draft] = []
    rows = grid.rows[1:MOST_ROWS]
    if rows and len(rows[-1]) < len(grid.rows[0]) and not page.view[rows[-1][-1][1] :].strip():
        rows = rows[:-1]  # the text breaks off in it
    for row in rows:
        if columns["headline"] >= len(row):
            continue
        enough = 1 if head_key in STRICT_HEADLINES else 2
        for cell in _pieces(page, row[columns["headline"]]):
            draft = _row(page, row, columns, cell, event=head_key in ("event", "events"))
            if calendar and draft is not None and _AHEAD.match(draft["headline"].text):
                continue
            if draft is not None and word_count(draft["headline"].text) >= enough:
                found.append(draft)
    return found


_POINT = regex(r"[ \t]*<br\s?/?>[ \t]*(?:[-*][ \t]{1,3}(?=\S))?", re.IGNORECASE)
_LEAD_POINT = regex(r"[ \t]*[-*][ \t]{1,3}(?=\S)")


def _pieces(page: Page, cell: Span) -> list[Span]:
    """The points of a cell that lists several; else the cell."""
    start, end = cell
    lead = _LEAD_POINT.match(page.view, start, end)
    start = lead.end() if lead else start
    spans: list[Span] = []
    for cut in _POINT.finditer(page.view, start, end):
        spans.append((start, cut.start()))
        start = cut.end()
    spans.append((start, end))
    told = [s for s in spans if word_count(page.view[slice(*s)]) >= _LEAST]
    return spans if len(told) == len(spans) and (lead or len(spans) == 1) else [(spans[0][0], end)]


_LEAST = 3
"""Words of a point that is a story."""
_ORIGIN = regex(r"[ \t]?\(([^()\n]{4,80})\)[ \t.]*$")
"""The origin in brackets at the end of a cell."""


def _row(page: Page, row: Row, columns: dict[str, int], cell: Span, *, event: bool) -> Draft | None:
    view, draft = page.view, Draft()
    for name, i in columns.items():
        if i >= len(row):
            continue
        start, end = row[i]
        if name == "headline":
            view, linked = take_links(page, page.view, *cell)
            draft = merged(draft, linked)
            a, b = trimmed(view, *cell)
            behind = _ORIGIN.search(view, a, b)
            told = read_meta(page, view, *behind.span(1)) if behind else None
            if behind and told:
                draft, b = merged(draft, told), behind.start()
            words = _words(page, view, a, b)
            if is_junk(words):
                return None
            draft["headline"] = quoted(page, (a, b), words)
        elif not (event and name == "published_at"):
            draft = merged(draft, _cell(page, name, start, end))
    return draft if "headline" in draft else None


def _words(page: Page, view: str, start: int, end: int) -> str:
    own = "".join(
        c if v != " " or c.isspace() else " " for c, v in zip(page.text[start:end], view[start:end], strict=True)
    )
    return plain(own.replace('""', '"').replace("\\'", "'").replace("''", "'")).strip(" *_")


def _cell(page: Page, name: str, start: int, end: int) -> Draft:
    if name == "category" and (kind := stated_category(page.view[start:end].strip(" *_"))):
        return {"category": Fact(kind, start, end)}
    told = read_value(page, page.view, name, start, end)
    if name in ("url", "source"):
        view, linked = take_links(page, page.view, start, end)
        told = merged(told, linked)
        if name == "url" and "source" not in told and "url" in told and word_count(view[start:end]):
            meta = read_meta(page, view, *trimmed(view, start, end))
            told = merged(told, meta or {})
    return told


def _bare_rows(page: Page, grid: Grid) -> list[Draft]:
    """Rows without names: the longest cell is the headline where the other cells tell its origin."""
    found: list[Draft] = []
    for row in grid.rows[:MOST_ROWS]:
        cells = [c for c in row if c[1] > c[0]]
        if len(cells) < 2:
            continue
        longest = max(cells, key=lambda c: word_count(page.view[slice(*c)]))
        draft: Draft = {}
        for cell in cells:
            if cell != longest:
                view, linked = take_links(page, page.view, *cell)
                draft = merged(draft, linked, read_meta(page, view, *trimmed(view, *cell)) or {})
        view, linked = take_links(page, page.view, *longest)
        words = _words(page, view, *trimmed(view, *longest))
        if (
            ("published_at" in draft or "source" in draft or "url" in draft)
            and word_count(words) >= 4
            and not is_junk(words)
        ):
            found.append(merged({"headline": quoted(page, trimmed(view, *longest), words)}, draft, linked))
    return found
