"""The middle layer: ratios in tables, lines and prose of every make, of the company that is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from robotrader.core.background_scheduler.parsers.companies import find_name, resembles
from robotrader.core.background_scheduler.parsers.company_mentions import limited
from robotrader.core.background_scheduler.parsers.fundamental_companies import (
    ABOUT,
    MINE,
    is_company,
    leads,
    likeness,
    named_others,
    owner_at,
    told_names,
)
from robotrader.core.background_scheduler.parsers.fundamental_compared import (
    in_brackets_behind,
    is_owner,
    only_beside,
    set_against,
)
from robotrader.core.background_scheduler.parsers.fundamental_facts import Fact, Reading, Value, choose
from robotrader.core.background_scheduler.parsers.fundamental_heads import run_in_tables, timed_head
from robotrader.core.background_scheduler.parsers.fundamental_lines import paragraphs, read_lines
from robotrader.core.background_scheduler.parsers.fundamental_lists import listed_tables
from robotrader.core.background_scheduler.parsers.fundamental_owned import owned_names
from robotrader.core.background_scheduler.parsers.fundamental_parts import Part, parts
from robotrader.core.background_scheduler.parsers.fundamental_prose import Note, Told, read_span
from robotrader.core.background_scheduler.parsers.fundamental_settle import settle
from robotrader.core.background_scheduler.parsers.fundamental_streams import (
    aligned_tables,
    comma_tables,
    stream_tables,
    two_columns,
    with_head,
)
from robotrader.core.background_scheduler.parsers.fundamental_tables import TableTold, read_table
from robotrader.core.background_scheduler.parsers.fundamental_words import read_words
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import Table, find_tables
from robotrader.core.background_scheduler.parsers.text import Line, Span, blank, lines, sentences

Mention = tuple[int, int, str]
_COMPARED = regex(
    r"\b(?:than|vs\.?|versus|against|above|below|compared (?:to|with)|like|unlike|peers?|over|with|to"
    r"|as)\b(?:[^.;]|\.(?=\d)){0,14}$",
    re.IGNORECASE,
)
_TICKERS = regex(r"\b(?:NSE|BSE)[ ]?:[ ]?([A-Z][A-Z&-]{1,14})\b")
_SUBJECT = regex(r"[\s*#>-]{0,6}(?:It|Its|The (?:company|stock|bank|firm|lender|share)(?:'s)?)[ ](?!of\b)")
"""A sentence that goes on about the company of the one before, or of the text."""
_PEERS_FIRST = regex(
    r"[\s*#>-]{0,6}(?:its |the |among |listed |direct )?(?:peers?|rivals?|competitors?)\b", re.IGNORECASE
)
"""A sentence on others, behind which the text goes on about its own company."""
SEVERAL = "the text has several companies: say which one is meant"


@dataclass(frozen=True, slots=True)
class Body:
    """The text that is read: clean, and the same with its marks in; ``own``: all of it is the company's."""

    view: str
    marks: str
    own: bool = False


@dataclass(frozen=True, slots=True)
class Scoped:
    """The text cut down to the company asked for: ``view`` without its tables, ``whole`` with them.

    ``beside``: the text is about another company and only sets this one beside it.
    """

    view: str
    whole: str
    found: list[Line]
    tables: list[TableTold]
    reason: str | None = None
    named: list[Span] = field(default_factory=list)
    beside: bool = False


def read_regex(body: Body, symbol: str | None) -> Reading:
    """What tables, lines and prose say of ``symbol``, or of the one company the text is about."""
    return read_scoped(scope(body, symbol), body.marks)


def read_scoped(scoped: Scoped, marks: str) -> Reading:
    """As ``read_regex``, of a text that is cut down already."""
    if scoped.reason:
        return Reading({}, (scoped.reason,))
    prose = read_lines(scoped.view, scoped.found)
    facts = set_against(scoped.view, list(prose.facts), scoped.named)
    if scoped.beside:
        told_there, behind = set(prose.facts), set(in_brackets_behind(scoped.view, facts, scoped.named))
        facts = [f for f in facts if f not in told_there or f in behind]
        return choose([*(f for t in scoped.tables for f in t.told.facts), *facts])
    prose = replace(prose, facts=tuple(facts))
    told = [*(t.told for t in scoped.tables), prose]
    facts, lost = settle([f for t in told for f in t.facts], scoped.named, scoped.view, scoped.found)
    chosen = choose(facts)
    words = read_words(scoped.whole, lines(scoped.whole, marks), marks)
    days = {t.day for t in scoped.tables if t.day and t.told.facts}
    fields = {**words, **chosen.fields}
    if "as_of" not in fields and len({d for d, _, _ in days}) == 1:
        day, start, end = min(days)
        fields["as_of"] = Fact("as_of", day, start, end)
    return Reading(fields, (*lost, *chosen.warnings, *_warned(told, chosen), *abouts(chosen)))


def abouts(reading: Reading) -> list[str]:
    """A word on every figure that is read though the text calls it approximate."""
    return [f"{n}: the text gives about {f.value}" for n, f in reading.fields.items() if f.about]


def _warned(told: list[Told], chosen: Reading) -> list[str]:
    notes: list[Note] = [n for t in told for n in t.notes if n.field not in chosen.fields]
    return list(dict.fromkeys(f"{n.field}: {n.words.strip()} {n.reason} and is left empty" for n in notes))[:8]


def scope(body: Body, symbol: str | None) -> Scoped:
    """The parts of a text that are about the company asked for."""
    found = lines(body.view, body.marks)
    view = blank(body.view, _opposed(body.view, found, symbol)) if symbol else body.view
    tables = [t for t in find_tables(view) if max(map(len, t.rows), default=0) > 1 and not _thousands(view, t)]
    files = two_columns(view, found)
    tables = [t for t in tables if not any(f.start <= t.start and t.end <= f.end for f in files)]
    told_figures: dict[Span, bool] = {}
    tables = [*(with_head(view, timed_head(view, t, found), found, told_figures) for t in tables), *files]
    tables += listed_tables(view, _loose(found, tables), symbol)
    tables += comma_tables(view, _loose(found, tables))
    tables += aligned_tables(view, _loose(found, tables), body.marks)
    tables += run_in_tables(view, _loose(found, tables))
    tables += stream_tables(view, _loose(found, tables))
    inside = [(t.start, t.end) for t in tables]
    loose = _loose(found, tables)
    cut = [] if body.own else parts(view, loose, symbol)
    rivals = {p.owner for p in cut if p.owner not in (None, MINE)}
    mine = any(p.owner == MINE for p in cut)
    if not symbol and len(rivals) > 1:
        return Scoped("", "", [], [], SEVERAL)
    read = [(t, read_table(view, t, symbol)) for t in tables]
    reason = _nobody(view, cut, rivals, mine, [r for _, r in read], symbol)
    if reason:
        return Scoped("", "", [], [], reason)
    closed = [(p.start, p.end) for p in cut if p.owner not in (None, MINE)] if symbol else []
    kept = [r for t, r in read if not r.missing and (r.companies or not any(a <= t.start < b for a, b in closed))]
    prose = blank(view, [*inside, *closed, *_lines_of_others(view, loose, symbol)])
    told = {c for r in kept for c in r.companies} | {c for _, r in read for c in r.companies} | {r for r in rivals if r}
    mentions = [
        m
        for m in named_others(prose, symbol, told | told_names(prose) | owned_names(prose, symbol))
        if not _holder(prose, m)
    ]
    own = [(a, b) for a, b, name in mentions if name == MINE]
    before = prose
    if symbol is None and _split_owners(prose, loose, mentions):
        return Scoped("", "", [], [], SEVERAL)
    if symbol and rivals | {m[2] for m in mentions} - {MINE}:
        unowned = [(p.start, p.end) for p in cut if p.owner is None and rivals and p.start > 0]
        prose = blank(prose, _others(prose, loose, mentions, unowned))
    beside = not mine and only_beside(before, own)
    return Scoped(prose, blank(view, closed), lines(prose, body.marks), kept, None, own, beside)


_AGAINST = regex(
    r"(?:vs\.?|versus|v/s|rival|competitor|peer)[ ]+(?P<n>[A-Z][^:|\n]{1,40}?)[ ]?(?::|[ ]-[ ]|\|)", re.IGNORECASE
)


def _opposed(view: str, found: list[Line], symbol: str) -> list[Span]:
    """The lines that set another company against the one asked for: "vs Alpha Steel: P/E 25.1 | P/B 7.1"."""
    told = [(ln, m) for ln in found if (m := _AGAINST.match(view, ln.body, ln.end))]
    mine = {ln: m.start("n") for ln, m in told if likeness(symbol, m["n"]) >= 2}
    if mine and not find_name(symbol, view[: min(ln.start for ln in mine)]):
        return [(ln.start, mine.get(ln, ln.end)) for ln in found]
    return [(ln.start, ln.end) for ln, m in told if is_company(m["n"]) and not likeness(symbol, m["n"])]


_HOLDER = regex(
    r"\bpromoters?'?s?'?(?: (?:and promoter )?group| entity| company)?(?: (?:share)?holdings?| stake)?[ ]{0,30}"
    r"(?::|-|of|is|at|stands at)?[ ]{0,5}(?:\d{1,2}(?:\.\d{1,2})?[ ]?%[ ]?)?\([^()\n]{0,80}$",
    re.IGNORECASE,
)
_HOLDER_NAMED = regex(r"\bpromoters?(?: group| entity| company)?,? $", re.IGNORECASE)
_ARM = regex(
    r"\b(?:arm|subsidiary|unit|parent|associate|affiliate|joint venture|JV|division|brand|business) \($", re.IGNORECASE
)
"""Before a company in brackets that is a part of the one spoken of, or its owner."""
_HELD = regex(r"[A-Za-z&.' -]{0,30}:? \(?\d{1,2}(?:\.\d{1,2})? ?%(?P<p> ?\((?:the )?promoter)?")
_HOLDS = regex(r"[A-Za-z&.' ,-]{0,40}? (?:owns?|holds?|owned|held|has)\b")


def _holder(view: str, mention: Mention) -> bool:
    """The name is the promoter's, not of a company whose figures stand there: "promoter holding: 15% (Alpha Ltd)"."""
    start, end, name = mention
    if name == MINE:
        return False
    before = view[max(0, start - 110) : start]
    held = _HELD.match(view, end)
    if held and (held["p"] or re.search(r"\bpromoters?(?: entity| company)?[:,]? $", before, re.IGNORECASE)):
        return True
    if view[end : end + 1] == ")" and _ARM.search(before):
        return True
    if view[start:end].lower().startswith("promoter"):
        return bool(_HOLDS.match(view, end))
    return bool(_HOLDER.search(before) or (_HOLDER_NAMED.search(before) and _HOLDS.match(view, end)))


def _thousands(view: str, table: Table) -> bool:
    """Lines whose commas stand within numbers are no table."""
    firsts = [(row[0], row[1]) for row in table.rows if len(row) > 1]
    return any(view[a[1] : b[0]].strip() == "," and view[a[1] - 1 : a[1]].isdigit() for a, b in firsts)


def _loose(found: list[Line], tables: list[Table]) -> list[Line]:
    """The lines that are in no table."""
    inside = sorted((t.start, t.end) for t in tables)
    kept, at = [], 0
    for line in found:
        while at < len(inside) and inside[at][1] <= line.start:
            at += 1
        if not any(a <= line.start < b or a < line.end <= b for a, b in inside[max(0, at - 1) : at + 2]):
            kept.append(line)
    return kept


_LEAST_LINES, _MOST_LINES = 2, 400
_FIGURE_LINE = regex(r"[A-Z][^\n]{0,390}?\d")


def _lines_of_others(view: str, found: list[Line], symbol: str | None) -> list[Span]:
    """The lines of a list that has one to a company, "Acme Tubes ROCE 14, D/E 0.2", but the ones of ``symbol``.

    Nothing marks the names; a list it is where a line that starts with the company's name has rivals for its figures.
    """
    lines_told = [ln for ln in found if _FIGURE_LINE.match(view, ln.body, min(ln.end, ln.body + 400))]
    own = [ln for ln in lines_told if symbol and leads(symbol, view[ln.body : ln.body + 80])]
    if len(own) != 1 or len(lines_told) > _MOST_LINES:
        return []
    mine = _values(view, own[0])
    rivals = {ln: told for ln in lines_told if ln != own[0] and (told := _values(view, ln))} if mine else {}
    against = sum(any(n in mine and mine[n] != v for n, v in told.items()) for told in rivals.values())
    return [(ln.start, ln.end) for ln in rivals] if against >= _LEAST_LINES else []


def _values(view: str, line: Line) -> dict[str, Value]:
    return {f.field: f.value for f in read_span(view, line.body, line.end).facts}


def _nobody(
    view: str, cut: list[Part], rivals: set[str], mine: bool, read: list[TableTold], symbol: str | None
) -> str | None:
    """Why nothing can be read: several companies and none asked for, or others than the one asked for."""
    missing = [r for r in read if r.missing]
    useful = [r for r in read if r.told.facts and not r.missing]
    listed = [r for r in useful if r.companies]
    if symbol is None:
        return SEVERAL if missing and not useful else None
    if mine or any(m[2] == MINE and not is_owner(view, m[0]) for m in named_others(view, symbol)) or listed:
        return None
    told = _TICKERS.findall(view) or [n for n in limited(view) if not resembles(symbol, n)]
    told += [m["n"] for m in ABOUT.finditer(view) if is_company(m["n"])]
    if told and not any(likeness(symbol, n) for n in (*told, *limited(view))):
        return f"the text is about {min(told)}, not {symbol}"
    if rivals:
        return f"the text is about {min(str(r) for r in rivals)}, not {symbol}"
    return f"{symbol} is not among the companies of the table" if missing else None


def _others(view: str, found: list[Line], mentions: list[Mention], unowned: list[Span]) -> list[Span]:
    """The sentences, or the runs of them, that are about another company."""
    drop: list[Span] = []
    flat = view.replace("\n", " ")
    for start, end in paragraphs(view, found):
        topic: str | None = "" if any(a <= start < b for a, b in unowned) else None
        for a, b in sentences(flat, start, end):
            topic = _drop_runs(view, [m for m in mentions if a <= m[0] < b], (a, b), topic, drop)
    return drop


_ALIAS = regex(r"(?:[ ](?:Ltd|Limited)\.?)?[ ]?\((?=[A-Z])")
"""Between a company and its other name in brackets."""


def _drop_runs(view: str, inside: list[Mention], span: Span, topic: str | None, drop: list[Span]) -> str | None:
    """Cut what belongs to another company; whom the next sentence is about if it names nobody."""
    a, b = span
    if not inside:
        if topic not in (None, MINE):
            drop.append(span)
        return topic
    first = inside[0]
    if _PEERS_FIRST.match(view, a, b) and all(m[2] != MINE for m in inside):
        drop.append(span)
        return topic
    leads = first[0] - a < 12
    subject = not leads and (bool(_SUBJECT.match(view, a, first[0])) or ";" in view[a : first[0]])
    compared = bool(_COMPARED.search(view[max(a, first[0] - 32) : first[0]])) and not leads
    owner = topic if compared or subject or (topic == MINE and not leads) else first[2]
    at = a
    for start, _, name in inside:
        if owner not in (None, MINE):
            drop.append((at, start))
        owner, at = name, start
    if owner != MINE:
        tail = view[at:b].rstrip()
        drop.append((at, at + len(tail) - 1 if at > a and tail.endswith((".", "!", "?")) else b))
    alias = [i for i in range(1, len(inside)) if _ALIAS.match(view, inside[i - 1][1], inside[i][0] + 1)]
    mine = any(MINE in (inside[i - 1][2], inside[i][2]) for i in alias)
    names = {m[2] for i, m in enumerate(inside) if i not in alias}
    alone = len(names) == 1 and not compared and not subject
    return (MINE if mine else first[2]) if leads or alone else topic


def _split_owners(view: str, found: list[Line], mentions: list[tuple[int, int, str]]) -> bool:
    """Figures of two and more companies stand in the prose."""
    flat = view.replace("\n", " ")
    owners: set[str] = set()
    for start, end in paragraphs(view, found):
        for a, b in sentences(flat, start, end):
            if any(a <= m[0] < b for m in mentions):
                told = read_lines(view, [Line(a, b, 8, a)])
                owners |= {o for f in told.facts if (o := owner_at(mentions, (a, b), (f.start, f.end)))}
    return len(owners) > 1
