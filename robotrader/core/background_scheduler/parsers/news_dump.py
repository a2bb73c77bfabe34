"""Rows of a dump of a database and records of an exchange's bulletin: lists of announcements that are no letter."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.news_dates import FIND, published
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, merged, quoted
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, word_count
from robotrader.core.background_scheduler.parsers.news_outline import line_spans
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import Span

Rows = tuple[tuple[Span, ...], ...]
_INSERT = regex(
    r"\binsert\s{1,4}into\s{1,4}[`\"\[]?(?P<table>[\w.]{1,60})[`\"\]]?\s{0,4}(?:\((?P<names>[^()]{3,800})\))?\s{0,8}"
    r"values\s{0,8}(?=\()",
    re.IGNORECASE,
)
_CREATE = regex(r"\bcreate\s{1,4}table\b[^(;]{0,40}?[`\"\[]?(?P<table>\w{1,60})[`\"\]]?\s{0,4}\(", re.IGNORECASE)
_COLUMN = regex(
    r"^[ \t]{0,8}[`\"\[]?(\w{1,60})[`\"\]]?[ \t]{1,8}(?:tiny|small|medium|big|long)?(?:int|integer|serial|varchar|char"
    r"|text|date|datetime|timestamp\w{0,2}|time|float|double|real|decimal|numeric|boolean|bool|json\w?|uuid|blob)\b",
    re.IGNORECASE | re.MULTILINE,
)
_NAME = regex(r"\w{1,60}")
_VALUE = regex(
    r"\s{0,8}(?:'(?P<text>(?:[^'\\]|\\.|''){0,20000})'|(?P<bare>[^',()\s][^',()\n]{0,80}))\s{0,8}(?P<mark>[,)])"
)
_NEXT = regex(r"\s{0,8},?\s{0,8}(?=\()")
_MOST = 400


def dump_rows(page: Page) -> list[tuple[int, int, Rows]]:
    """The rows that a dump inserts into its tables, the names of the columns first, with where they start and end."""
    found: list[tuple[int, int, Rows]] = []
    for match in list(_INSERT.finditer(page.view))[:40]:
        names = _names(page, match)
        rows, end = _tuples(page.view, match.end(), len(names))
        if len(names) >= 2 and rows:
            found.append((match.start(), end, (tuple(names), *rows)))
    return found


def _names(page: Page, match: re.Match[str]) -> list[Span]:
    """The columns as the statement has them, or as the table was made with."""
    if match["names"]:
        base = match.start("names")
        return [(base + m.start(), base + m.end()) for m in _NAME.finditer(match["names"])]
    made = [m for m in _CREATE.finditer(page.view, 0, match.start()) if m["table"] == match["table"]]
    if not made:
        return []
    end = page.view.find(";", made[-1].end(), match.start())
    return [m.span(1) for m in _COLUMN.finditer(page.view, made[-1].end(), end if end > 0 else match.start())]


def _tuples(view: str, at: int, wide: int) -> tuple[list[tuple[Span, ...]], int]:
    """The tuples of values from ``at`` on that have a value for each column; one the text breaks off in is left out."""
    rows: list[tuple[Span, ...]] = []
    end = at
    while view[at : at + 1] == "(" and len(rows) < _MOST:
        at += 1
        cells: list[Span] = []
        while value := _VALUE.match(view, at):
            cells.append(value.span("text") if value["text"] is not None else value.span("bare"))
            at = value.end()
            if value["mark"] == ")":
                break
        if value is None or len(cells) != wide:
            break
        rows.append(tuple(cells))
        end = at
        following = _NEXT.match(view, at)
        at = following.end() if following else len(view)
    return rows, end


_CODE = regex(
    r"[ \t*_-]{0,8}(?:BSE |NSE )?(?:(?:scrip|security|stock) (?:code|symbol)|symbol)"
    r"[ \t*_]{0,4}:",
    re.IGNORECASE,
)
_PART = regex(
    r"[ \t*_-]{0,8}(?P<key>(?:company |scrip )?name|company|sub(?:ject)?|headline|announcement"
    r"|(?:broadcast |announcement )?date(?:/time)?"
    r"|broadcast(?: (?:on|at|time))?|details?|description|category|symbol)[ \t*_]{0,4}:[ \t*_]{0,4}(?=\S)",
    re.IGNORECASE,
)
_DISSEMINATED = regex(
    r"\bexchange (?:received|disseminated) time\s{1,8}(?P<d>\d{1,2}[-/]\d{1,2}[-/]\d{4})\b", re.IGNORECASE
)
_FILED = regex(r"\s{0,8}\S[^\n]{2,120}? - \d{5,6} - \S")
_KIND = 6
"""Words that the kind of an announcement has at most, and its details at least."""
_TOLD = ("subject", "sub", "headline", "announcement")


def is_bulletin(page: Page) -> bool:
    """The page lists several companies by their codes, each with a subject: no letter of one of them."""
    lines = [page.view[a:b] for a, b in line_spans(page.view)]
    codes = sum(bool(_CODE.match(line)) for line in lines)
    subjects = sum(bool((m := _PART.match(line)) and m["key"].lower() in _TOLD) for line in lines)
    return codes >= 2 and subjects >= 2


def read_bulletin(page: Page) -> list[Draft]:
    """A story from each record of a bulletin or of an exchange's list of filings."""
    return _coded(page) if is_bulletin(page) else _filed(page)


def _filed(page: Page) -> list[Draft]:
    """A story from each filing of an exchange's page: its title with the code of the company, its times below."""
    found: list[Draft] = []
    open_ = False
    for start, end in line_spans(page.view):
        if _FILED.match(page.view, start, end):
            found.append({"headline": quoted(page, trimmed(page.view, start, end))})
            open_ = True
            continue
        times = _DISSEMINATED.search(page.view, start, end) if open_ else None
        day = published(times["d"]) if times else None
        if times and day:
            found[-1] = merged(found[-1], {"published_at": Fact(day, *times.span("d"))})
            open_ = False
        elif open_ and "summary" not in found[-1] and word_count(page.view[start:end]) >= 5:
            found[-1]["summary"] = quoted(page, trimmed(page.view, start, end))
    return [d for d in found if "published_at" in d][:_MOST]


def _coded(page: Page) -> list[Draft]:
    """A story from each record that starts with a company's code; the day of the title is that of all."""
    found: list[Draft] = []
    around: Draft = {}
    record: Draft = {}
    for start, end in line_spans(page.view):
        if _CODE.match(page.view, start, end):
            found, record = [*found, record], {}
            continue
        part = _PART.match(page.view, start, end)
        if part:
            record = merged(record, _part(page, part["key"].lower(), part.end(), end))
        elif "headline" in record and "summary" not in record and word_count(page.view[start:end]) >= 3:
            record["summary"] = quoted(page, trimmed(page.view, start, end))
        elif not found and (days := FIND.findall(page.view[start:end])) and len(days) == 1:
            day = published(days[0], month_first=page.month_first)
            around = {"published_at": Fact(day, *_spot(page, days[0], start))} if day else around
    told = [merged(_detailed(r), around) for r in [*found, record] if "headline" in r]
    return [d for d in told if word_count(d["headline"].text) >= 2 and not is_junk(d["headline"].text)][:_MOST]


def _detailed(record: Draft) -> Draft:
    """The record with its details as headline where its subject is but the kind of the announcement."""
    details = record.pop("details", None)
    if details is None:
        return record
    if word_count(record["headline"].text) <= _KIND <= word_count(details.text):
        return {**record, "headline": details}
    return merged(record, {"summary": details})


def _spot(page: Page, words: str, start: int) -> Span:
    at = page.view.find(words, start)
    return at, at + len(words)


def _part(page: Page, key: str, start: int, end: int) -> Draft:
    span = trimmed(page.view, start, end)
    if key in _TOLD:
        return {"headline": quoted(page, span)}
    if key.startswith(("detail", "description")):
        return {"details": quoted(page, span)}
    if "date" in key or "broadcast" in key:
        day = published(page.view[slice(*span)], month_first=page.month_first)
        return {"published_at": Fact(day, *span)} if day else {}
    return {"company": quoted(page, span)} if "name" in key or key == "company" else {}
