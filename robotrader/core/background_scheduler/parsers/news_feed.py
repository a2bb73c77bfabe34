"""A feed: stories one after another whose lines repeat: title, words, day; or day, title, words; or title, time, words.

Which of the three it is shows at both ends of the page and between the days; where it does not show, nothing is read.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise

from robotrader.core.background_scheduler.parsers.news_articles import line_origin, line_title
from robotrader.core.background_scheduler.parsers.news_dates import WHOLE, published
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, merged, quoted
from robotrader.core.background_scheduler.parsers.news_heads import read_head
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, is_section, is_talk, word_count
from robotrader.core.background_scheduler.parsers.news_lines import names_headline, tail_meta
from robotrader.core.background_scheduler.parsers.news_meta import lead_meta
from robotrader.core.background_scheduler.parsers.news_outline import PLAIN, level_of, line_spans
from robotrader.core.background_scheduler.parsers.news_prose import HAPPENED
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import Span

_CLOCK = regex(
    r"[ \t*_]{0,8}(?:(?:published|posted|updated)(?: (?:on|at))?[ \t]{0,2}:?[ \t]{0,2})?(?:(?:today|yesterday),?[ ])?"
    r"[0-2]?\d[:.][0-5]\d(?:[:.][0-5]\d)?[ \t]?(?:[ap]\.?m\.?)?[ \t]?\(?(?:IST|hrs)?\)?[ \t*_]{0,8}",
    re.IGNORECASE,
)
"""A line that holds a time of day and nothing else."""
_TIMED = regex(
    r"[ \t*_\[-]{0,8}[0-2]?\d[:.][0-5]\d(?:[:.][0-5]\d)?[ \t]?(?:[ap]\.?m\.?)?[ \t]?\(?(?:IST|hrs)?\)?[\]*_]{0,4}"
    r"[ \t]{0,3}(?:\||-|:)[ \t]{1,3}(?=\S)",
    re.IGNORECASE,
)
"""The time that a line of a log begins with."""
_DATED = regex(rf"[ \t*_]{{0,8}}{WHOLE}[ \t*_]{{1,4}}(?=[A-Z])", re.IGNORECASE)
"""The day that a line begins with, before words."""
_COLUMN = regex(rf"[ \t*_]{{0,8}}{WHOLE}(?:[ ]{{2,20}}|\t)(?=[A-Z])", re.IGNORECASE)
_FEW = 5
"""The same in a column of its own, and the words of its line that are too few for a headline."""
_TAILED = regex(
    rf"(?<=\S)(?:[ ]{{2,20}}|\t)(?P<d>{WHOLE})"
    r"(?:[ ,T]{1,3}[0-2]?\d:[0-5]\d(?::[0-5]\d)?(?:[ ]?[ap]m)?(?:[ ]IST)?)?[ \t]*$",
    re.IGNORECASE,
)
"""The day in a column of its own at the end of a line."""
_MORE = regex(r"\S{3,40}[.\u2026]*[ \t]{1,3}\(?(?:read|see|know) (?:more|full story|on)\b.{0,6}$", re.IGNORECASE)
_MOST = 400
_WIDEST = 240
"""Characters of a line that tells but an origin."""
_LONGEST = 8
"""Lines of one story."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line: what it can be.

    Attributes:
        origin: what it tells of where a story comes from, if nothing else; title: its head; gap: an empty line stands
            before it.
    """

    span: Span
    origin: Draft | None
    title: Draft | None
    gap: bool


def read_feed(page: Page) -> list[Draft]:
    """The stories of a feed; none where its lines do not repeat without exception."""
    lines = _lines(page)
    timed = _logged(page, lines)
    if timed:
        return timed
    marks = [i for i, line in enumerate(lines) if line.origin is not None and _TIMES & line.origin.keys()]
    dated = [i for i in marks if "clock" not in (lines[i].origin or {})]
    day: Draft = {}
    if len(marks) - len(dated) >= 2:  # days above lines with times are those of all that is below them
        if len(dated) > 1 or (dated and dated[0] > next(i for i in marks if i not in dated)):
            return []
        day = {k: v for i in dated for k, v in (lines[i].origin or {}).items() if k == "published_at"}
        lines = lines[dated[0] + 1 :] if dated else lines
        marks = [i for i, line in enumerate(lines) if line.origin is not None and "clock" in line.origin]
    if len(marks) < 2 or any(names_headline(page, *line.span) for line in lines):
        return []
    lines = _titled(page, lines)
    first = _days_first(lines, marks)
    if first is None:
        return []
    found = _behind(page, lines, marks) if first else _above(page, lines, marks) or _between(page, lines, marks)
    told = [{k: v for k, v in merged(f, day).items() if k != "clock"} for f in found]
    least = 2 if all("published_at" in f for f in told) else 3
    return told if len(told) >= least else []


_TIMES = frozenset({"published_at", "place", "clock"})


def _lines(page: Page) -> list[_Line]:
    found: list[_Line] = []
    gap = False
    for start, end in line_spans(page.view):
        words = page.view[start:end]
        if not words.strip(" \t-=_*#|"):
            gap = True
            continue
        origin = None
        if level_of(words) == PLAIN and end - start < _WIDEST:
            clock = _CLOCK.fullmatch(page.view, start, end)
            origin = {"clock": quoted(page, (start, end))} if clock else line_origin(page, start, end)
        found.append(_Line((start, end), origin, None, gap))
        gap = False
        if len(found) >= _MOST:
            break
    return found


def _titled(page: Page, lines: list[_Line]) -> list[_Line]:
    """The lines with the heads of those that can be titles."""
    return [
        replace(line, title=_title(page, *line.span))
        if line.origin is None and level_of(page.view[slice(*line.span)]) == PLAIN
        else line
        for line in lines
    ]


def _title(page: Page, start: int, end: int) -> Draft | None:
    head = line_title(page, start, end)
    return head if head is not None and 4 <= word_count(head["headline"].text) <= 30 else None


def _logged(page: Page, lines: list[_Line]) -> list[Draft]:
    """Headlines of lines that each begin with the time of day they were written at, or tell what happened on a day."""
    timed: list[Draft] = []
    dated: list[Draft] = []
    for line in lines:
        match = _TIMED.match(page.view, *line.span)
        head = _title(page, match.end(), line.span[1]) if match else None
        if head is not None and not is_junk(head["headline"].text):
            timed.append(head)
        elif (tail := _TAILED.search(page.view, *line.span)) and line.origin is None:
            head = line_title(page, line.span[0], tail.start())
            day = published(tail["d"], month_first=page.month_first)
            if head is not None and day:
                dated.append(merged(head, {"published_at": Fact(day, *tail.span("d"))}))
        elif _DATED.match(page.view, *line.span) and line.origin is None:
            told = read_head(page, *line.span)
            column = _COLUMN.match(page.view, *line.span) and word_count(page.view[slice(*line.span)]) > _FEW
            if {"headline", "published_at"} <= told.keys() and (column or HAPPENED.search(told["headline"].text)):
                dated.append(told)
    long = sum(word_count(page.view[slice(*line.span)]) > 3 for line in lines)
    return next((f for f in (timed, dated) if len(f) >= 2 and 2 * len(f) > long), [])


def read_pointed(page: Page) -> list[Draft]:
    """Titles that each stand above words which end with "Read more"; two at least."""
    spans = [s for s in line_spans(page.view) if page.view[slice(*s)].strip(" \t-=_*#|")][: 2 * _MOST]
    found: list[Draft] = []
    for above, line in pairwise(spans):
        if not _MORE.search(page.view, *line) or _MORE.search(page.view, *above):
            continue
        head = _title(page, *above)
        if head is not None:
            found.append(merged(head, {"summary": quoted(page, trimmed(page.view, *line))}))
    return found if len(found) >= 2 else []


def _days_first(lines: list[_Line], marks: list[int]) -> bool | None:
    """Days stand above their stories: a title behind the last day, none before the first; None where it is unclear.

    Where there is a title at both ends, the empty lines tell.
    """
    if not any(line.title is not None for line in lines[marks[-1] + 1 :][:1]):
        return False
    if not any(line.title is not None for line in lines[: marks[0]]):
        return True
    above = sum(lines[i].gap for i in marks)
    below = sum(line.gap for i in marks for line in lines[i + 1 : i + 2])
    return None if above == below else above > below


def _above(page: Page, lines: list[_Line], marks: list[int]) -> list[Draft]:
    """Title, words, day."""
    parts = [_part(page, lines[a + 1 : b]) for a, b in pairwise(marks)]
    if any(not part or part[0].title is None or len(part) > _LONGEST for part in parts):
        return []
    if 2 * sum(any(line.gap and line.title is not None for line in part[1:]) for part in parts) > len(parts):
        return []  # an empty line and a title stand within: the words of one story and the title of the next
    usual = _usual(parts)
    first = _part(page, lines[: marks[0]])[-usual:]
    if not first or first[0].title is None:
        return []
    if _part(page, lines[marks[-1] + 1 :]) and all(p[-1].title is not None for p in parts if len(p) > 1):
        return []  # a title can stand above each day, with its words below
    found: list[Draft] = []
    for part, at in zip([first, *parts], marks, strict=True):
        *undated, last = _pieces(part, usual)
        found += [_story(page, piece, None) for piece in undated]
        found.append(_story(page, last, lines[at]))
    return found


def _usual(parts: list[list[_Line]]) -> int:
    """The lines that most of the parts have; the fewest of those that are as frequent."""
    sizes = Counter(len(part) for part in parts)
    return min(sizes, key=lambda size: (-sizes[size], size))


def _pieces(part: list[_Line], usual: int) -> list[list[_Line]]:
    """The stories of a part: several where it is as long as several, each with its title; else the one."""
    pieces = [part[i : i + usual] for i in range(0, len(part), usual)]
    several = len(part) % usual == 0 and all(p[0].title is not None for p in pieces)
    return pieces if several else [part]


def _behind(page: Page, lines: list[_Line], marks: list[int]) -> list[Draft]:
    """Day, title, words."""
    ends = [*marks[1:], len(lines)]
    parts = [_part(page, lines[a + 1 : b]) for a, b in zip(marks, ends, strict=True)]
    if any(not part or part[0].title is None or len(part) > _LONGEST for part in parts[:-1]) or not parts[-1]:
        return []
    usual = _usual(parts)
    if all(line.title is not None for part in parts for line in part):
        usual = 1
    return [
        _story(page, piece[:_LONGEST], lines[at])
        for part, at in zip(parts, marks, strict=True)
        for piece in _pieces(part, usual)
    ]


def _between(page: Page, lines: list[_Line], marks: list[int]) -> list[Draft]:
    """Title, day, words."""
    if marks[0] == 0 or any(lines[at - 1].title is None for at in marks):
        return []
    ends = [*(at - 1 for at in marks[1:]), len(lines)]
    found = []
    for at, end in zip(marks, ends, strict=True):
        words = lines[at + 1 : end][:_LONGEST]
        if any(line.origin is not None for line in words):
            return []
        found.append(_story(page, [lines[at - 1], *(w for w in words if w.title is None)], lines[at]))
    return found


def _part(page: Page, lines: list[_Line]) -> list[_Line]:
    """The lines of one story, without what a page writes between two."""
    return [line for line in lines if not _is_furniture(page, line)]


def _is_furniture(page: Page, line: _Line) -> bool:
    words = page.view[slice(*line.span)].strip()
    return (
        line.origin is None and line.title is None and (word_count(words) <= 3 or is_junk(words) or is_section(words))
    )


def _story(page: Page, part: list[_Line], mark: _Line | None) -> Draft:
    """The title of a part with its day, what other lines tell of its origin, and its words."""
    told = merged(part[0].title or {}, (mark.origin if mark else None) or {})
    for line in part[1:]:
        if line.origin is not None:
            told = merged(told, line.origin)
        elif "summary" not in told and not is_talk(page.view[slice(*line.span)]):
            told = merged(told, lead_meta(page, *line.span), tail_meta(page, page.view, *line.span))
            told = merged(told, {"summary": quoted(page, trimmed(page.view, *line.span))})
    return told
