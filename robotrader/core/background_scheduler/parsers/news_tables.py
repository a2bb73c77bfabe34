"""Stories out of tables: Markdown pipes, comma or tab separated lines with a row of names, rows without one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from robotrader.core.background_scheduler.parsers.news_dump import dump_rows
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, merged, plain, quoted
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, word_count
from robotrader.core.background_scheduler.parsers.news_keys import STRICT_HEADLINES, best, column_key, field_of
from robotrader.core.background_scheduler.parsers.news_meta import read_meta, read_value, take_links
from robotrader.core.background_scheduler.parsers.news_words import stated_category
from robotrader.core.background_scheduler.parsers.tables import find_tables, trimmed
from robotrader.core.background_scheduler.parsers.text import Span

Row = tuple[Span, ...]
_MOST_ROWS = 400
_LATER = (
    "development",
    "update",
    "developments",
    "updates",
    "key_development",
    "what_happened",
    "highlights",
    "key_news",
    "top_news",
    "catalyst",
    "catalysts",
    "trigger",
    "key_catalyst",
    "news_catalyst",
    "latest_news",
    "recent_news",
    "highlight",
    "key_event",
    "key_update",
    "latest_update",
    "what_is_new",
)


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells; the first row holds names, if ``named``.

    Attributes:
        start, end: where it stands; cut: its last row ends with the text.
    """

    start: int
    end: int
    rows: tuple[Row, ...]
    named: bool


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


def find_grids(page: Page) -> list[Grid]:
    """Every table in the page that can hold stories."""
    grids = []
    for table in find_tables(page.view):
        rows = tuple(row for row in table.rows if row)  # a lone bar is a row without cells
        if rows and "|" in page.view[table.start : rows[0][-1][1] + 4]:
            grids.append(Grid(table.start, table.end, rows, bool(_columns(page, rows[0]))))
    grids += [Grid(a, b, rows, named=True) for a, b, rows in dump_rows(page) if _columns(page, rows[0])]
    return [*grids, *_separated(page, [(g.start, g.end) for g in grids])]


def _columns(page: Page, row: Row) -> dict[str, int]:
    """The column of each field that a row of names has; empty where it names no headline."""
    keys = [column_key(page.view[a:b]) for a, b in row]
    fields: dict[str, int] = {}
    for name in (
        "headline",
        "published_at",
        "source",
        "url",
        "sentiment",
        "impact",
        "category",
        "key_figures",
        "symbols",
        "company",
        "summary",
    ):
        named = [k for k in best(name, keys) if keys.index(k) not in fields.values()]
        if named:
            fields[name] = keys.index(named[0])
    if "headline" not in fields:
        later = [k for k in _LATER if k in keys]
        if later:
            fields = {n: i for n, i in fields.items() if i != keys.index(later[0])}
            fields["headline"] = keys.index(later[0])
    told = "headline" in fields and keys[fields["headline"]]
    details = next((i for i, k in enumerate(keys) if k in ("details", "detail", "description", "summary")), None)
    if told in ("subject", "event") and details is not None:
        fields["category"] = fields["headline"]
        fields["headline"] = details
        fields.pop("summary", None)
    if (
        "headline" not in fields
        and details is not None
        and ("published_at" in fields or "url" in fields)
        and len(fields) >= 2
    ):
        fields["headline"] = details
        fields.pop("summary", None)
    return fields if "headline" in fields and len(keys) >= 2 else {}


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


_AHEAD = re.compile(
    r"(?:to (?:consider|approve|discuss|declare|announce|be held)\b"
    r"|(?:interim |final |special )?dividend (?:of )?(?:rs|inr"
    r"|\u20b9|@)|(?:record|ex)[- ]?(?:date|dividend|bonus|split)\b|board meeting$|agm\b|results? (?:date|for|on)\b)",
    re.IGNORECASE,
)
"""What a calendar says of a day to come, which is no news."""


def _named_rows(page: Page, grid: Grid) -> list[Draft]:
    columns = _told_at_length(page, grid, _columns(page, grid.rows[0]))
    head_key = column_key(page.view[slice(*grid.rows[0][columns["headline"]])])
    calendar = any(column_key(page.view[a:b]) in ("event", "events") for a, b in grid.rows[0])
    found: list[Draft] = []
    rows = grid.rows[1:_MOST_ROWS]
    if rows and len(rows[-1]) < len(grid.rows[0]) and not page.view[rows[-1][-1][1] :].strip():
        rows = rows[:-1]  # the text breaks off in it
    for row in rows:
        if columns["headline"] >= len(row):
            continue
        draft = _row(page, row, columns, event=head_key in ("event", "events"))
        enough = 1 if head_key in STRICT_HEADLINES else 2
        if calendar and draft is not None and _AHEAD.match(draft["headline"].text):
            continue
        if draft is not None and word_count(draft["headline"].text) >= enough:
            found.append(draft)
    return found


def _row(page: Page, row: Row, columns: dict[str, int], *, event: bool) -> Draft | None:
    view, draft = page.view, Draft()
    for name, i in columns.items():
        if i >= len(row):
            continue
        start, end = row[i]
        if name == "headline":
            view, linked = take_links(page, page.view, start, end)
            draft = merged(draft, linked)
            a, b = trimmed(view, start, end)
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
    for row in grid.rows[:_MOST_ROWS]:
        cells = [c for c in row if c[1] > c[0]]
        if len(cells) < 2:
            continue
        longest = max(cells, key=lambda c: c[1] - c[0])
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


_HEADED = re.compile(r"[^\n]{6,600}")


def _separated(page: Page, taken: list[Span]) -> list[Grid]:
    """Tables of commas, semicolons or tabs below a line of names."""
    grids: list[Grid] = []
    at = 0
    for match in _HEADED.finditer(page.view):
        if match.start() < at or any(a <= match.start() < b for a, b in taken):
            continue
        line = match[0]
        mark = "\t" if "\t" in line.strip() else ";" if line.count(";") > line.count(",") else ","
        if line.count(mark) < 1 or line.lstrip()[:1] in "{[":
            continue
        cells = [column_key(c.strip(" \"'")) for c in line.split(mark)]
        if not any(field_of(c) == "headline" or c in ("details", "description") for c in cells):
            continue
        if sum(field_of(c) is not None for c in cells) < 2 or max(len(c) for c in cells) > 40:
            continue
        rows, end = _records(page.view, match.start(), mark)
        if len(rows) >= 2 and _columns(page, rows[0]):
            grids.append(Grid(match.start(), end, tuple(rows), named=True))
            at = end
    return grids


def _records(view: str, start: int, mark: str) -> tuple[list[Row], int]:
    """The rows from ``start`` on, as long as they are as wide as the first; quoted cells may hold marks and line ends.

    A last row that the text breaks off in is left out: one with an open quote, or one with fewer cells.
    """
    rows: list[Row] = []
    at = end = start
    size = len(view)
    while at < size and len(rows) < _MOST_ROWS:
        cells: list[Span] = []
        while True:
            cell, at, closed = _read_cell(view, at, mark)
            cells.append(cell)
            if not closed:
                return rows, end
            if at >= size or view[at] != mark:
                break
            at += 1
        line_end = view.find("\n", at)
        line_end = size if line_end < 0 else line_end
        if rows and len(cells) != len(rows[0]):
            if cells == [(at, at)] or (len(cells) == 1 and cells[0][0] == cells[0][1]):
                at = line_end + 1
                continue
            if len(cells) < len(rows[0]) or len(cells) > len(rows[0]) + 1:
                break
        rows.append(tuple(cells))
        at, end = line_end + 1, line_end
    return rows, end


def _read_cell(view: str, at: int, mark: str) -> tuple[Span, int, bool]:
    while at < len(view) and view[at] == " ":
        at += 1
    if view[at : at + 1] == '"':
        stop = at + 1
        while True:
            stop = view.find('"', stop)
            if stop < 0:
                return (at, len(view)), len(view), False
            if view[stop + 1 : stop + 2] != '"':
                break
            stop += 2
        after = stop + 1
        while after < len(view) and view[after] in " \r":
            after += 1
        if after >= len(view) or view[after] in (mark, "\n"):
            return (at + 1, stop), after, True
    ends = [i for i in (view.find(mark, at), view.find("\n", at)) if i >= 0]
    stop = min(ends, default=len(view))
    return trimmed(view, at, stop), stop, True
