"""Which part of a text is about the company asked for, where it speaks of several."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from robotrader.core.background_scheduler.parsers.companies import (
    find_name,
    is_known_name,
    matches,
    name_words,
    resembles,
)
from robotrader.core.background_scheduler.parsers.company_mentions import (
    COLON,
    PERIOD_ON,
    SEQUENCE,
    also_called,
    initials,
    lead_name,
    like_company,
    limited,
    mentions,
    subject,
    surely_company,
)
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.scope_parallel import parallel_part
from robotrader.core.background_scheduler.parsers.tables import Table
from robotrader.core.background_scheduler.parsers.text import Line, Span, places_in, sentences

_SPLIT = regex(
    r";|,? (?:while|whereas|but)\b|(?<=[^|\s]) \| (?=[A-Za-z][^|]{30})|(?<=\w) - (?-i:(?=[A-Z][a-z]+ [A-Z][a-z]))",
    re.IGNORECASE,
)
_COMPANY_HEAD = regex(
    r"\s*(?:company|companies|stock|stocks|bank|banks|name|scrip|symbol|ticker|firm|entity|lenders?|insurers?|issuer)"
    r"(?: name)?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The spans to read, or None for the whole text; ``reason`` where nothing is to be read."""

    keep: tuple[Span, ...] | None
    reason: str | None = None


def find_scope(view: str, found: list[Line], tables: list[Table], symbol: str | None) -> Scope:
    """The part of the text that is about ``symbol``; with no symbol, the whole unless it has several companies."""
    in_table = _table_lines(found, tables)
    leads = [(i, _lead(view[line.body : line.end])) for i, line in enumerate(found) if line.start not in in_table]
    if symbol is None:
        return _unasked(view, found, leads, tables)
    listings: list[Span] = []
    rows = _rows_about(view, tables, symbol, listings)
    if rows is not None and rows:
        return Scope(tuple(rows + _heads_above(found, rows) + _captions(view, found, tables, rows)))
    parts = parallel_part(view, [line for line in found if line.start not in in_table], symbol)
    scope = _told_apart(view, found, leads, rows, symbol) if parts is None else Scope(tuple(parts))
    return _without(view, scope, listings) if listings else scope


def _without(view: str, scope: Scope, listings: list[Span]) -> Scope:
    """The scope less the tables of companies in which the one asked for is not."""
    kept = list(scope.keep) if scope.keep is not None else [(0, len(view))]
    for start, end in listings:
        cut = [((a, min(b, start)), (max(a, end), b)) for a, b in kept]
        kept = [(a, b) for pair in cut for a, b in pair if b > a]
    return Scope(tuple(kept), scope.reason)


def _told_apart(
    view: str, found: list[Line], leads: list[tuple[int, str]], rows: list[Span] | None, symbol: str
) -> Scope:
    """The part that stands under the company's name, else the sentences that are about it."""
    mine = [i for i, name in leads if _leads_target(view, found[i], name, symbol)]
    if mine:
        if not any(_rival(view, found[i], name, symbol, found[mine[0]]) for i, name in leads if i not in mine):
            return _by_sentence(view, found, leads, symbol)
        return Scope(tuple(_blocks(view, found, leads, mine, symbol)))
    if rows is not None and not find_name(symbol, view):
        return Scope((), f"{symbol} is not among the companies of the table")
    return _by_sentence(view, found, leads, symbol)


_KEYED = regex(
    r"[\s*_#-]*(?:company|stock|scrip|symbol|ticker|nse symbol"
    r"|name of (?:the )?company)(?: name)?[\s*_]*[:=][\s*_]*(?=[A-Z])",
    re.IGNORECASE,
)


def _lead(words: str) -> str:
    """The name a line starts with, or the one behind "Company:"."""
    keyed = _KEYED.match(words[:60])
    return lead_name(words[keyed.end() :] if keyed else words)


def _table_lines(found: list[Line], tables: list[Table]) -> set[int]:
    inside = places_in((t.start, t.end) for t in tables)
    return {line.start for line in found if inside(line.start)}


def _leads_target(view: str, line: Line, name: str, symbol: str) -> bool:
    """The line is a heading, a bullet or a paragraph with the company's name at its head."""
    if not name or len(name) > 90:
        return False
    if line.level == 8 and not (
        COLON.match(view, line.start, min(line.end, line.start + 120)) or line.end - line.start < 90
    ):
        return False
    if line.level >= 10 and not (
        COLON.match(view, line.body, min(line.end, line.body + 120)) or line.end - line.body < 90
    ):
        return False
    bare = re.sub(r"\([^()]*\)", " ", name).strip()
    parts = [bare] if line.level == 8 else [name, bare, *re.findall(r"\(([^()]{2,40})\)", name)]
    return any(p and (matches(symbol, p) or (p.upper() == symbol)) for p in parts if not re.match(r"(?:Q[1-4]|FY)", p))


def _blocks(view: str, found: list[Line], leads: list[tuple[int, str]], mine: list[int], symbol: str) -> list[Span]:
    names = dict(leads)
    begin = min([*mine, *(i for i, n in leads if _rival(view, found[i], n, symbol, found[mine[0]]))])
    spans = [(b.start, b.end) for b in found[:begin] if not _AMOUNT.search(view, b.start, b.end)]
    for at in mine:
        line = found[at]
        first = at == min(i for i, _ in leads)
        last = len(found)
        for i in range(at + 1, len(found)):
            if i in mine or found[i].level > line.level or i not in names:
                continue
            ended = found[i].level <= 7 and found[i].level < line.level and not first
            if (
                ended
                or _rival(view, found[i], names[i], symbol, line)
                or (line.level == 8 and line.end - line.start > 110)
            ):
                last = i
                break
        spans.append((0 if first else line.start, found[last - 1].end))
        spans += _above(found, at)
    return spans


def _rival(view: str, line: Line, name: str, symbol: str, mine: Line) -> bool:
    """The line opens another company's part, as ``mine`` opens the part of the company asked for."""
    colon = bool(COLON.match(view, line.body, min(line.end, line.body + 120)))
    name = PERIOD_ON.sub("", name)
    if line.level > mine.level or matches(symbol, name) or not (colon or line.end - line.body < 90):
        return False
    if line.level == mine.level and line.level != 8:
        return like_company(name)
    alone = len(name) >= line.end - line.body - 3
    if mine.level == 8 and mine.end - mine.start > 110:
        named = view[line.start : line.end].lstrip()[len(name) :].lstrip().startswith(":")
        return surely_company(name) or (named and like_company(name))
    return surely_company(name) and (alone or colon) and not resembles(symbol, name)


def _above(found: list[Line], at: int) -> list[Span]:
    """The headings above a line."""
    spans, level = [], found[at].level
    for line in reversed(found[:at]):
        if line.level < level and line.level != 8:
            spans.append((line.start, line.end))
            level = line.level
    plain = [(line.start, line.end) for line in found[:at] if line.level == 8][-1:] if found[at].level >= 10 else []
    return spans + [p for p in plain if p[1] - p[0] < 120]


def _heads_above(found: list[Line], rows: list[Span]) -> list[Span]:
    first = min(a for a, _ in rows)
    index = next((i for i, line in enumerate(found) if line.end >= first), 0)
    plain = [(line.start, line.end) for line in found[:index] if line.level == 8][-1:]
    return _above([*found[:index], Line(first, first, 9, first)], index) + [p for p in plain if p[1] - p[0] < 120]


_CAPTION = regex(
    r"[ \t(*_]{0,4}(?:(?:[\w&'-]+ ){0,4}(?:results|performance|numbers), |(?:all|the) )?"
    r"(?:Q[1-4]|figures|numbers|data|amounts|values|results|growth|note|source|period)\b",
    re.IGNORECASE,
)


def _captions(view: str, found: list[Line], tables: list[Table], rows: list[Span]) -> list[Span]:
    """The line below a table that says what its figures are."""
    ends = [t.end for t in tables if any(t.start <= a < t.end for a, _ in rows)]
    below = [next((line for line in found if line.start >= end), None) for end in ends]
    return [(b.start, b.end) for b in below if b and b.end - b.start < 160 and _CAPTION.match(view, b.start)]


def _rows_about(view: str, tables: list[Table], symbol: str, listings: list[Span]) -> list[Span] | None:
    """The rows of tables of companies that are about ``symbol``, with the tables' heads; None without such a table.

    Tables of companies without it are added to ``listings``.
    """
    spans: list[Span] = []
    listing = False
    for table in tables:
        head = bool(table.rows and table.rows[0]) and any(
            _COMPANY_HEAD.match(view[a:b].replace("*", " ")) for a, b in table.rows[0][:2]
        )
        firsts = [
            lead_name(view[a:b]) for row in table.rows for a, b in [next((s for s in row if s[1] > s[0]), (0, 0))]
        ]
        hit = [
            row
            for row, name in zip(table.rows, firsts, strict=True)
            if (name and (head or like_company(name)) and (matches(symbol, name) or _paren(symbol, name)))
            or (head and len(row) > 3 and any(view[a:b].strip(" *`").upper() == symbol for a, b in row[1:3]))
        ]
        if not head:
            others = [n for n in firsts if surely_company(n) or re.search(r"\([A-Z][A-Z0-9&-]{2,14}\)$", n)]
            if not (hit or others) or len(table.rows) > len(others) + 1:
                continue
        listing = True
        if head and not hit and len(table.rows[0]) > _KEY_VALUE:
            listings.append((table.start, table.end))
        if hit:
            kept = ([table.rows[0]] if head and hit[0] is not table.rows[0] else []) + hit
            spans += [(row[0][0], row[-1][1]) for row in kept]
    spans = [(view.rfind("\n", 0, a) + 1, _line_end(view, b)) for a, b in spans]
    return spans if listing else None


_KEY_VALUE = 2
"""Cells of a row in a table that only has keys and values."""


def _paren(symbol: str, name: str) -> bool:
    return any(p.strip().upper() == symbol for p in re.findall(r"\(([^()]{1,24})\)", name))


def _line_end(view: str, at: int) -> int:
    end = view.find("\n", at)
    return len(view) if end < 0 else end


def _by_sentence(view: str, found: list[Line], leads: list[tuple[int, str]], symbol: str) -> Scope:
    clauses: list[tuple[Span, str | None]] = []
    for line in found:
        for start, end in sentences(view, line.body, line.end):
            cuts = [start, *(m.start() for m in _SPLIT.finditer(view, start, end)), end]
            clauses += [((a, b), subject(view, a, b, symbol)) for a, b in itertools.pairwise(cuts) if b > a]
    named = {n for _, n in clauses if n}
    short = initials(view, symbol) | {n for n in named if also_called(view, n, symbol)}
    clauses = [(s, symbol if n in short else n) for s, n in clauses]
    strict = any(n and matches(symbol, n) for _, n in clauses)
    others = {n for _, n in clauses if n and not _is_own(symbol, n, strict)}
    named = {n for _, n in clauses if n and (matches(symbol, n) or resembles(symbol, n))}
    spoken = find_name(symbol, view) or mentions(view, symbol)
    if (named or spoken) and others:
        return Scope(tuple(_owned(view, clauses, symbol, spoken, strict)))
    if named or spoken:
        return Scope(None)
    firm = {n for i, n in leads if i < _OPENING_LINES and surely_company(n)} | others
    firm |= limited(view[:_OPENING]) | _title(view, found, leads)
    if firm and not any(resembles(symbol, n) for n in firm):
        return Scope((), f"the text is about {min(firm)}, not {symbol}")
    return Scope(None)


_OPENING, _OPENING_LINES = 800, 6
"""Where a text says whom it is about; banks, brokers and registrars named further down are not its subject."""
_TOLD = regex(
    r"^[-*#>| \t]{0,8}(?:company|issuer|stock)(?: name)?[ \t]{0,3}[:|][ \t]{0,3}([A-Z][^\n|,(]{1,60})",
    re.IGNORECASE | re.MULTILINE,
)


def _title(view: str, found: list[Line], leads: list[tuple[int, str]]) -> set[str]:
    """The company in the first line of a text, if that line is a heading, a bullet or a name alone."""
    told = {m[1].strip() for m in _TOLD.finditer(view[:4000]) if like_company(m[1].strip())}
    if told or not leads:
        return told
    first = SEQUENCE.search(view, found[leads[0][0]].body, found[leads[0][0]].body + 80)
    if first and is_known_name(first[0]) and first.start() - found[leads[0][0]].body < 6:
        return {first[0]}
    line, name = found[leads[0][0]], PERIOD_ON.sub("", leads[0][1])
    if not like_company(name):
        return set()
    if name != leads[0][1]:
        return {name} if " " in name or surely_company(name) else set()
    alone = line.end - line.body <= len(name) + 3 and "," not in view[line.body : line.end]
    return {name} if line.level <= 6 or alone or COLON.match(view, line.body, min(line.end, line.body + 120)) else set()


def _is_own(symbol: str, name: str, strict: bool) -> bool:
    """A name stands for the company; where its full name is in the text, a longer one of its group is a sister's."""
    return matches(symbol, name) or (resembles(symbol, name) and not (strict and len(name_words(name)) > 1))


_AMOUNT = regex(
    r"(?:\u20b9|\bRs\b|\bINR\b)[ .]{0,2}\d|\d[ ]?%|\d[ ]?(?:lakh[ ])?(?:crores?|cr|lakhs?|per ?cent)\b", re.IGNORECASE
)


def _owned(
    view: str, clauses: list[tuple[Span, str | None]], symbol: str, spoken: list[Span], strict: bool
) -> list[Span]:
    """The clauses of the company asked for; a clause without a subject goes with the one before it."""
    first = next((i for i, (_, n) in enumerate(clauses) if n), 0)
    spans, mine = [s for s, _ in clauses[:first] if not _AMOUNT.search(view, *s)], False
    for (start, end), name in clauses:
        if name:
            named = any(start <= a < end for a, _ in spoken) and not surely_company(name)
            mine = named or _is_own(symbol, name, strict)
        elif any(start <= a < end for a, _ in spoken):
            mine = True
        if mine:
            spans.append((start, end))
    return spans


def _unasked(view: str, found: list[Line], leads: list[tuple[int, str]], tables: list[Table]) -> Scope:
    """Without a symbol a text about several companies is nobody's."""
    for table in tables:
        if (
            table.rows
            and table.rows[0]
            and _COMPANY_HEAD.match(view[table.rows[0][0][0] : table.rows[0][0][1]].replace("*", " "))
            and len(table.rows) > 2
        ):
            return Scope((), "the text has several companies: say which one is meant")
    firm: dict[int, set[str]] = {}
    for i, name in leads:
        if surely_company(name) and found[i].level != 8:
            firm.setdefault(found[i].level, set()).add(" ".join(name_words(name)[:2]))
    subjects = {
        " ".join(name_words(n)[:2])
        for line in found
        for a, b in sentences(view, line.body, line.end)
        if (n := subject(view, a, b)) and surely_company(n)
    }
    if any(len(names) > 1 for names in firm.values()) or len(subjects) > 1:
        return Scope((), "the text has several companies: say which one is meant")
    return Scope(None)
