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
from robotrader.core.background_scheduler.parsers.tables import Table
from robotrader.core.background_scheduler.parsers.text import Line, Span, sentences

_TOPIC = re.compile(
    r"\b(?:results?|quarter\w*|financials?|performance|highlights?|key|metrics?|revenues?|sales"
    r"|profits?|ebitda|eps|margins?|guidance|outlook|summary|overview|details?|data|analysis|growth"
    r"|strengths?|concerns?"
    r"|risks?|drivers?|segments?|notes?|sources?|statement|income|balance|cash|debt|dividends?"
    r"|management|commentary|positives?|negatives?|valuation|stock|price|targets?|analysts?|views?"
    r"|takeaway|conclusion"
    r"|snapshot|updates?|earnings|period|information|ratios?|profitability|year|consolidated"
    r"|standalone|particulars|net|total|capacity|goal|focus|leadership|operating|operational|loss|pat"
    r"|nii|npa|gross|market"
    r"|share|shares|q[1-4]\w*|fy\d*|h[12]|9m|ytd|january|february|march|april|may|june|july|august"
    r"|september|october|november|december|deposits?|advances|loans?|asset|quality|expenses?|costs?"
    r"|capex|orders?"
    r"|order|volumes?|strategy|strategic|recommendation|rating|next|recent|latest|current|previous"
    r"|about|disclaimer|references?|citations?|board|agenda|currency|unit|basis|company|symbol|sector"
    r"|industry|draft|final"
    r"|answer|table|report|press|release|date|headline|why|what|how|important|investor|business"
    r"|auditor|red|free|average|write-?off|capital|top|other|others|region|geograph\w+|customers?"
    r"|clients?|headcount"
    r"|attrition|deal|deals|wins?|export|exports|domestic|india|international|per|basic|diluted|title"
    r"|description|content|author|publishedat|name|id|note|url|tax|interest|cost|exceptional|charges"
    r"|subject)\b",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"\b(?:Ltd|Limited|Bank|Industries|Motors|Pharma\w*|Steel|Cements?|Technologies|Infotech|Finance"
    r"|Financial Services|Power|Energy|Chemicals?|Petroleum|Electricals?|Electronics|Enterprises|Ports"
    r"|Laboratories|Labs|Foods"
    r"|Airlines|Insurance|Logistics|Textiles|Corp|Corporation|Infra\w*|Retail|Paints|Consumer"
    r"|Healthcare|Hospitals?|Holdings|Systems|Products|Fertili[sz]ers|Sugars?|Hotels|Auto|Tyres|Wires"
    r"|Cables|Realty|Securities)\b"
)
_NOUNS = re.compile(r"net profit|profit|revenue|consolidated|standalone|q[1-4]|PAT|shares", re.IGNORECASE)
_VERBS = (
    r"reported|reports|posted|posts|recorded|records|suffered|experienced|registered|registers|clocked"
    r"|logged|announced|announces|witnessed|saw|swung|earned|has reported"
    r"|has posted|net profit|profit|revenue|consolidated|standalone|q[1-4]|PAT|shares"
)
_NAME = r"[A-Z0-9][\w&.-]*(?:[ ](?:[A-Z(&][\w&.()-]*|of|and|&)){0,6}"
_SUBJECT = re.compile(
    rf"(?<![\w'])(?P<name>{_NAME}?)(?:'s?[ ](?:\w+[ ]){{0,2}}|,?[ ](?:(?:on[ ]\w+day|also|too|has|have"
    rf"|its|group|the|(?:Ltd|Limited)\.?)[ ])?)(?={_VERBS}\b)"
)
_COLON = re.compile(rf"\s*(?P<name>{_NAME})\s{{0,3}}(?:\([^()\n]{{1,40}}\)\s{{0,2}})?(?::|-\s)")
_SPLIT = re.compile(r";|,? (?:while|whereas|but)\b", re.IGNORECASE)
_COMPANY_HEAD = re.compile(
    r"\s*(?:company|companies|stock|stocks|bank|banks|name|scrip|symbol|ticker|firm|entity)(?: name)?\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The spans to read, or None for the whole text; ``reason`` where nothing is to be read."""

    keep: tuple[Span, ...] | None
    reason: str | None = None


def lead_name(words: str) -> str:
    """The name a heading, a bullet or a table row starts with, without number, bold marks and what follows it."""
    words = re.sub(r"^[^\w(&]*(?:\d{1,2}[.)]\s+)?[^\w(&]*", "", words[:160].replace("*", " ").replace("_", " "))
    return re.split(r"\s*(?::|\s-\s|\||,\s|\s--|\n)", words)[0].strip()[:90]


def like_company(name: str) -> bool:
    """A short capitalised name without a word of reports in it."""
    bare = re.sub(r"\([^()]*\)", " ", name).strip()
    words = bare.split()
    if (
        not 1 <= len(words) <= 7
        or not (bare[0].isupper() or bare[0].isdigit())
        or (bare[0].isdigit() and len(words) == 1 and bare.isdigit())
    ):
        return False
    if is_known_name(bare):
        return True
    if sum(w[0].isupper() or w[0].isdigit() or w in ("of", "and", "&") for w in words) != len(words):
        return False
    return not _TOPIC.search(bare) or bool(re.search(r"\w[ ](?:Ltd|Limited|Bank|Industries)\b", bare))


def surely_company(name: str) -> bool:
    """A name that is a company's beyond doubt."""
    bare = re.sub(r"\([^()]*\)", " ", name).strip()
    return (
        bool(bare)
        and len(bare.split()) <= 7
        and (is_known_name(bare) or (bool(_STRONG.search(bare, 1)) and like_company(name)))
    )


def find_scope(view: str, found: list[Line], tables: list[Table], symbol: str | None) -> Scope:
    """The part of the text that is about ``symbol``; with no symbol, the whole unless it has several companies."""
    in_table = _table_lines(found, tables)
    leads = [(i, lead_name(view[line.body : line.end])) for i, line in enumerate(found) if line.start not in in_table]
    if symbol is None:
        return _unasked(view, found, leads, tables)
    rows = _rows_about(view, tables, symbol)
    if rows is not None and rows:
        return Scope(tuple(rows + _heads_above(found, rows)))
    mine = [i for i, name in leads if _leads_target(view, found[i], name, symbol)]
    if mine:
        if not any(_rival(view, found[i], name, symbol, found[mine[0]]) for i, name in leads if i not in mine):
            return _by_sentence(view, found, leads, symbol)
        return Scope(tuple(_blocks(view, found, leads, mine, symbol)))
    if rows is not None and not find_name(symbol, view):
        return Scope((), f"{symbol} is not among the companies of the table")
    return _by_sentence(view, found, leads, symbol)


def _table_lines(found: list[Line], tables: list[Table]) -> set[int]:
    return {line.start for line in found if any(t.start <= line.start < t.end for t in tables)}


def _leads_target(view: str, line: Line, name: str, symbol: str) -> bool:
    """The line is a heading, a bullet or a paragraph with the company's name at its head."""
    if not name or len(name) > 90:
        return False
    if line.level == 8 and not (
        _COLON.match(view, line.start, min(line.end, line.start + 120)) or line.end - line.start < 90
    ):
        return False
    if line.level >= 10 and not (
        _COLON.match(view, line.body, min(line.end, line.body + 120)) or line.end - line.body < 90
    ):
        return False
    bare = re.sub(r"\([^()]*\)", " ", name).strip()
    parts = [bare] if line.level == 8 else [name, bare, *re.findall(r"\(([^()]{2,40})\)", name)]
    return any(p and (matches(symbol, p) or (p.upper() == symbol)) for p in parts if not re.match(r"(?:Q[1-4]|FY)", p))


def _blocks(view: str, found: list[Line], leads: list[tuple[int, str]], mine: list[int], symbol: str) -> list[Span]:
    names = dict(leads)
    spans: list[Span] = []
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
    colon = bool(_COLON.match(view, line.body, min(line.end, line.body + 120)))
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
    return spans


def _heads_above(found: list[Line], rows: list[Span]) -> list[Span]:
    first = min(a for a, _ in rows)
    index = next((i for i, line in enumerate(found) if line.end >= first), 0)
    plain = [(line.start, line.end) for line in found[:index] if line.level == 8][-1:]
    return _above([*found[:index], Line(first, first, 9, first)], index) + [p for p in plain if p[1] - p[0] < 120]


def _rows_about(view: str, tables: list[Table], symbol: str) -> list[Span] | None:
    """The rows of tables of companies that are about ``symbol``, with the tables' heads; None without such a table."""
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
            if name and like_company(name) and (matches(symbol, name) or _paren(symbol, name))
        ]
        if not head:
            others = [n for n in firsts if surely_company(n)]
            if not (hit or others) or len(table.rows) > len(others) + 1:
                continue
        listing = True
        if hit:
            kept = ([table.rows[0]] if head and hit[0] is not table.rows[0] else []) + hit
            spans += [(row[0][0], row[-1][1]) for row in kept]
    spans = [(view.rfind("\n", 0, a) + 1, _line_end(view, b)) for a, b in spans]
    return spans if listing else None


def _paren(symbol: str, name: str) -> bool:
    return any(p.strip().upper() == symbol for p in re.findall(r"\(([^()]{1,24})\)", name))


def _line_end(view: str, at: int) -> int:
    end = view.find("\n", at)
    return len(view) if end < 0 else end


def subject(view: str, start: int, end: int, symbol: str | None = None) -> str | None:
    """The company a clause is about, by its name before a verb of reporting or a colon."""
    lead = _COLON.match(view, start, min(end, start + 120))
    if lead and (
        surely_company(lead["name"]) or (symbol and like_company(lead["name"]) and matches(symbol, lead["name"]))
    ):
        return lead["name"]
    for match in _SUBJECT.finditer(view, start, end):
        noun = _NOUNS.match(view, match.end())
        name = re.sub(
            (
                r"^(?:The|On|In|For|Meanwhile|However|Private|State-owned|Lender|Lenders|Drugmaker|Automaker"
                r"|MUMBAI|New|Delhi|While|But|And|As|After)\s"
            ),
            "",
            match["name"].strip(" .,'"),
        )
        if re.match(
            (
                r"(?:Firm|Company|Lender|Bank|Group|Management|Board|Promoters?|Analysts?|Government|Drug|Street"
                r"|CEO|CFO|MD|Chairman)$"
            ),
            name,
        ):
            continue
        noun = None if view[match.end("name") : match.end("name") + 1] == "'" else noun
        if surely_company(name) or (
            not noun
            and like_company(name)
            and (
                len(name.split()) >= 2
                or not re.match(r"(?:It|This|That|They|We|He|She|A|An|The|Its|Their|And|But)\b", name)
            )
        ):
            return name
    return None


def _by_sentence(view: str, found: list[Line], leads: list[tuple[int, str]], symbol: str) -> Scope:
    clauses: list[tuple[Span, str | None]] = []
    for line in found:
        for start, end in sentences(view, line.body, line.end):
            cuts = [start, *(m.start() for m in _SPLIT.finditer(view, start, end)), end]
            clauses += [((a, b), subject(view, a, b, symbol)) for a, b in itertools.pairwise(cuts) if b > a]
    others = {n for _, n in clauses if n and not resembles(symbol, n)}
    named = {n for _, n in clauses if n and (matches(symbol, n) or resembles(symbol, n))}
    spoken = find_name(symbol, view) or _mentions(view, symbol)
    if (named or spoken) and others:
        return Scope(tuple(_owned(clauses, symbol, spoken)))
    if named or spoken:
        return Scope(None)
    firm = {n for _, n in leads if surely_company(n)} | others | _limited(view) | _title(leads)
    if firm and not any(resembles(symbol, n) for n in firm):
        return Scope((), f"the text is about {min(firm)}, not {symbol}")
    return Scope(None)


_LIMITED = re.compile(
    r"(?<![\w&])([A-Z][\w&.'-]*(?:[ ](?:[A-Z&(][\w&.'()-]*|of|and)){0,7}[ ]{1,2}(?:Limited|LIMITED|Ltd|LTD)\b)"
)
_EXCHANGES = re.compile(r"BSE|NSE|Stock Exchange|Depositor|Formerly|Bombay|Securities|Registrar", re.IGNORECASE)


def _limited(view: str) -> set[str]:
    """The companies the text calls Limited, stock exchanges aside."""
    return {m[1] for m in _LIMITED.finditer(view[:8000]) if not _EXCHANGES.search(m[1])}


def _title(leads: list[tuple[int, str]]) -> set[str]:
    """The company in the first line of a text, if it is one."""
    return {leads[0][1]} if leads and like_company(leads[0][1]) else set()


_SEQUENCE = re.compile(r"(?<![\w&])[A-Z][\w&.-]*(?:[ ](?:[A-Z&][\w&.-]*|of|and|&)){0,6}")


def _mentions(view: str, symbol: str) -> list[Span]:
    """Where the text names the company somewhere within its sentences."""
    found: list[Span] = []
    for match in list(_SEQUENCE.finditer(view))[:600]:
        words = match[0].split(" ")
        for skip in range(min(3, len(words))):
            if words[skip][0].isupper() and len(words) - skip <= 5 and matches(symbol, " ".join(words[skip:])):
                found.append((match.end() - len(" ".join(words[skip:])), match.end()))
                break
    return found


def _owned(clauses: list[tuple[Span, str | None]], symbol: str, spoken: list[Span]) -> list[Span]:
    """The clauses of the company asked for; a clause without a subject goes with the one before it."""
    spans, mine = [], False
    for (start, end), name in clauses:
        if name:
            mine = resembles(symbol, name) or (any(start <= a < end for a, _ in spoken) and not surely_company(name))
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
