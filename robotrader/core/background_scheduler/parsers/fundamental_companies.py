"""Whose figures: how alike a name is to the company asked for, and which parts of a text belong to which company."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from robotrader.core.background_scheduler.parsers.companies import (
    find_name,
    is_known_name,
    known_names,
    known_other,
    matches,
    name_words,
    resembles,
)
from robotrader.core.background_scheduler.parsers.company_mentions import (
    SEQUENCE,
    like_company,
    surely_company,
)
from robotrader.core.background_scheduler.parsers.fundamental_peers import PEERS
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Span

_OF_INDIA = regex(r"(?<=\w{3})\s+(?:India|International)(?:\s+(?:Ltd|Limited)\.?)?$")
_ISSUE = regex(r"\b(?:IPO|issue|offer|band|pre|post)\b", re.IGNORECASE)
GENERAL = regex(
    r"conclusion|summary|comparison|comparative|overall|takeaway|peers?\b|sector|industry|disclaimer|sources?\b"
    r"|methodology"
    r"|portfolio|ranking|verdict for all",
    re.IGNORECASE,
)
_GENERIC = regex(
    r"^(?:Private|Public|PSU|Central|Reserve|Small|Foreign|Other|Large|Mid|Leading|Top|New|Indian|The|This|Our"
    r"|Sector|Bank)\b"
    r"(?=.{0,14}\b(?:Bank|Banks|Sector|Finance|Pharma|Auto|Power|Energy|Steel|Retail|Insurance)\b)|Nifty|Sensex"
    r"|Screener",
    re.IGNORECASE,
)
THIRD = regex(
    r"\b(?:Securities|Research|Capital|Direct|Broking|Brokerage|Institutional|Jefferies|Nomura|UBS|CLSA|Citi"
    r"|Macquarie|HSBC"
    r"|Morgan|Goldman|Bernstein|Nuvama|Emkay|Prabhudas|Motilal|Sharekhan|Geojit|CRISIL|ICRA|CARE|Moody|Fitch"
    r"|Exchange|Screener|Groww|Tickertape|Zerodha|Upstox|Yahoo|Google|Perplexity"
    r"|Investing|Trendlyne|Moneycontrol|Economic Times)\b"
)
_NAMED = regex(r"(?<![\w&])[A-Z][A-Z0-9&-]{2,14}(?![\w&])")


@lru_cache(maxsize=4096)
def likeness(symbol: str, name: str) -> int:
    """3 the symbol itself, 2 a name of it, 1 a weak likeness that counts only where no other fits better, 0 none."""
    name = name.strip().strip("*_ ")
    bare = re.sub(r"\([^()]*\)", " ", name).strip()
    tickers = [t.upper() for t in re.findall(r"\((?:NSE:|BSE:)?\s?([A-Za-z0-9&-]{2,20})\)", name)]
    if symbol in (name.upper(), bare.upper(), re.sub(r"\.(?:NS|BO)$|^(?:NSE|BSE):", "", bare.upper()), *tickers):
        return 3
    if not bare or len(bare) > 80:
        return 0
    bare = _PERIOD_BEHIND.sub("", bare)
    if re.fullmatch(r"(?:[A-Z&] ){2,8}[A-Z]", bare) and bare.replace(" ", "") == symbol:
        return 3
    if matches(symbol, bare) or any(_shortens(bare, known) for known in known_names(symbol)):
        return 2
    if resembles(symbol, bare):
        return 1
    found = name_words(bare)
    joined = re.sub(r"[^A-Z0-9]", "", bare.upper())
    compact = re.sub(r"[^A-Z0-9]", "", symbol)
    weak = 4 <= len(joined) < len(compact) and compact.startswith(joined) and not known_other(symbol, found)
    return 1 if weak and not is_known_name(bare) else 0


_PERIOD_BEHIND = regex(r"\s+(?:Q[1-4]|FY[ ]?'?\d\d(?:\d\d)?|TTM)$", re.IGNORECASE)


def leads(symbol: str, words: str) -> bool:
    """A line starts with a name of the company."""
    first = words.strip("*_ ").split()[:4]
    return any(likeness(symbol, " ".join(first[:size]).rstrip(":,-")) >= 2 for size in range(1, len(first) + 1))


def _shortens(name: str, known: str) -> bool:
    """ "Natl. Aluminium" for National Aluminium: every word shortened to letters of its own in order."""
    short, full = [re.findall(r"[a-z0-9]+", n.lower()) for n in (name, known)]
    if len(short) < 2 or len(short) > len(full) + 1 or len(full) < 2:
        return False
    return all(_in_order(a, b) for a, b in zip(short, full, strict=False))


def _in_order(piece: str, word: str) -> bool:
    letters = iter(word)
    return piece[0] == word[0] and len(piece) >= 3 and all(letter in letters for letter in piece)


def best_like(symbol: str, names: Iterable[str]) -> int | None:
    """The index of the name that is ``symbol``'s, or None where none is or several are as well."""
    levels = [likeness(symbol, n) for n in names]
    top = max(levels, default=0)
    if top == 0:
        return None
    hits = [i for i, level in enumerate(levels) if level == top]
    return hits[0] if len(hits) == 1 or top > 1 else None


@lru_cache(maxsize=4096)
def is_company(name: str) -> bool:
    """A cell or a heading that names a company, if its place allows one."""
    bare = _OF_INDIA.sub("", name.strip().strip("*_ "))
    return (
        not _ISSUE.search(bare)
        and bool(bare)
        and like_company(bare)
        and not _GENERIC.search(bare)
        and not re.fullmatch(r"[\W\d]*", bare)
    )


MINE = "\x00"
ABBREVIATIONS = frozenset(
    [
        "TTM",
        "LTM",
        "ROE",
        "ROCE",
        "ROA",
        "ROIC",
        "EPS",
        "CMP",
        "LTP",
        "INR",
        "USD",
        "SWOT",
        "DCF",
        "NSE",
        "BSE",
        "YOY",
        "QOQ",
        "CAGR",
        "NIM",
        "GNPA",
        "NNPA",
        "CASA",
        "CAR",
        "PCR",
        "PAT",
        "EBITDA",
        "FCF",
        "CFO",
        "PEG",
        "BVPS",
        "FII",
        "DII",
        "FMCG",
        "PSU",
        "IPO",
        "MRQ",
        "FY25",
        "FY26",
        "FY24",
        "FY27",
        "AMC",
        "EV",
        "BV",
        "PB",
        "PE",
        "CRAR",
        "AUM",
        "EPV",
        "IV",
        "CFY",
    ]
)
"""Short forms that stand in brackets as tickers do."""


def named_others(view: str, symbol: str | None, told: Iterable[str] = ()) -> list[tuple[int, int, str]]:
    """Every place that names a company, ``MINE`` for the one asked for, in order."""
    found: list[tuple[int, int, str]] = []
    extra = {n for n in told if n}
    for match in list(SEQUENCE.finditer(view))[:1500]:
        at = match.start()
        for piece in _NEXT_SENTENCE.split(match[0]):
            name = _trim(piece)
            begin = at + piece.find(name)
            hit = _mention(name, symbol, extra) if name else None
            if hit:
                found.append((begin, begin + len(name), hit))
            at += len(piece) + 2
    if symbol:
        spans = find_name(symbol, view)
        kin = {
            s: m.end() for s in spans if (m := _KIN.match(view, s[1])) and not likeness(symbol, view[s[0] : m.end()])
        }
        further = [(a, end) for (a, _), end in kin.items()]
        found = _outside(found, further, len(view)) + [(a, b, view[a:b]) for a, b in further]
        mine = [s for s in spans if s not in kin]
        found = _outside(found, mine, len(view)) + [(*s, MINE) for s in mine]
    return sorted(_without_kin(view, found, symbol) if symbol else found)


def _outside(found: list[tuple[int, int, str]], spans: list[Span], size: int) -> list[tuple[int, int, str]]:
    """The mentions that touch none of these places of a text of so many characters, however many there are."""
    taken = bytearray(size)
    for a, b in spans:
        taken[a:b] = b"\x01" * (b - a)
    return [f for f in found if 1 not in taken[f[0] : f[1]]]


_KIN = regex(
    r" (?:Cards?|Life|Lombard|Prudential|Pru|Securities|AMC|Asset|Mutual|Housing|Finserv|Holdings?|Insurance|General"
    r"|Home|Infotech|Elxsi|Green|Wilmar|Capital|Ventures?|Hotels)\b"
)
"""Words that make a group's name one of another company of the group: "SBI Card"."""


def _without_kin(view: str, found: list[tuple[int, int, str]], symbol: str) -> list[tuple[int, int, str]]:
    """The mentions, those of a company of its group told apart where the text has the symbol's own name too."""
    compact = re.sub(r"[^A-Z0-9]", "", symbol)
    mine = {f: name_words(view[f[0] : f[1]]) for f in found if f[2] == MINE}
    own = [w for w in mine.values() if len(w) > 1 and "".join(w).upper() == compact]
    if not own:
        return found
    kin = {f for f, w in mine.items() if len(w) > 1 and w[0] == own[0][0] and _apart(w[1], own[0][1])}
    return [(a, b, view[a:b]) if (a, b, name) in kin else (a, b, name) for a, b, name in found]


def _apart(one: str, other: str) -> bool:
    """Two words neither of which shortens the other."""
    return not (one.startswith(other[:3]) and other.startswith(one)) and not one.startswith(other)


_LEADING = regex(
    r"^(?:(?:The|At|In|On|With|For|While|And|But|Both|Unlike|Like|Compared|Among|As|From|Against|Versus|Its|Our"
    r"|However|Peer|Peers"
    r"|Stock|Buy|Sell|Hold|PE|ROE|ROCE|(?:E|B|PE|PB|ROE|ROCE|EPS|Ratio|Yield|Multiple) of)[ ])+"
)


_NEXT_SENTENCE = regex(r"(?<=[a-z]{3})(?<!\bCorp|\bNatl|\bIntl|\bEngg|\bInds|\bMfrs)\. ")
"""Between two names that are parted by the end of a sentence."""


def _trim(name: str) -> str:
    return _LEADING.sub("", name).rstrip(".-")


_SUBJECT = regex(
    r"(?:^|(?<=[.!?:]\s)|(?<=- ))[ \t*#>-]{0,8}(?P<n>[A-Z][\w&.'-]*(?: (?:[A-Z&][\w&.'-]*|of|and)){0,5})(?:'s?)?"
    r" ?(?:\([^()\n]{1,30}\) ?)?"
    r"(?:trades?|trading|is trading|is priced|is valued|commands?|quotes|has (?:a|an) |reported|posted"
    r"|currently trades|looks|offers|enjoys|P/E|PE of)\b"
    r"|(?P<k>(?<![\w&.'-])[A-Z][\w&.'-]*(?: (?:[A-Z&][\w&.'-]*|of|and)){0,4}) \((?=(?:P/E|PE|P/B|ROE|ROCE|D/E|m-?cap"
    r"|market cap)\b[^)\n]{0,12}\d)"
    r"|\b(?:pick|stock|idea|company|one|second|third|first|next|other)\b[^.\n]{0,30}? is (?P<m>[A-Z][\w&.'-]*(?:"
    r" [A-Z&][\w&.'-]*){1,5})[.,]",
    re.MULTILINE,
)
_TRADES = regex(
    r"(?<![\w&])([A-Z][\w&.-]{0,60}(?: [A-Z&][\w&.-]{0,60}){1,4})"
    r"(?: (?:trades?|is trading|commands?|quotes?|is valued|is priced|itself is) "
    r"|'s? (?=(?:P/E|PE|P/B|RO[AC]?E|return on|price[ -]to|market cap|debt|dividend yield|promoters?)\b))"
)
"""A name of several words within a sentence, before a verb of trading or with a ratio of its own."""
_INSTEAD = regex(
    r"\b(?:found|available|shown|given|figures|data|numbers|results) [^.\n:]{0,20}?(?:for|on|of) "
    r"([A-Z][\w&-]*(?: [A-Z&][\w&-]*){0,4})(?= instead\b|:)"
)
"""A name behind "the figures I found for"."""
_OF_NAME = regex(
    r"\b(?:P/E|PE|P/B|RO[AC]?E|yield|ratio|multiple|that) of ([A-Z][\w&.-]*(?: [A-Z&][\w&.-]*){0,4})"
    r"(?= (?:\(~?[\d\u20b9]|is \d|at \d|stands ))"
)
"""A name behind a ratio: "the P/E of Alpha Steel (24.1)"."""
ABOUT = regex(
    r"\b(?:ratios?|fundamentals?|analysis|data|metrics|figures|snapshot|overview|financials|details) (?:for|of|on)"
    r" (?:\*\*)?"
    r"(?P<n>[A-Z][\w&.'-]*(?: (?:[A-Z&][\w&.'-]*|of|and)){0,5}) {0,3}(?=[:.,\n(]|are|as)"
)
"""What a text says it is about."""
_NAME_TICKER = regex(
    r"(?<![\w&.'-])(?P<n>[A-Z][\w&.'-]*(?: (?:[A-Z&][\w&.'-]*|of|and)){0,5})"
    r" \((?:NSE:|BSE:)? ?(?P<t>[A-Z][A-Z0-9&-]{2,14})\)"
)


_NAMING = (_SUBJECT, _TRADES, _OF_NAME, _INSTEAD)


def told_names(view: str) -> set[str]:
    """Names that a text uses as companies': with a ticker in brackets, or before a verb of trading."""
    tickers = [m for m in _NAME_TICKER.finditer(view) if m["t"] not in ABBREVIATIONS and not NOBODY.match(m["n"])]
    found = {m["n"] for m in tickers if is_company(_trim(m["n"]))}
    for match in (m for pattern in _NAMING for m in pattern.finditer(view)):
        name = _trim(next(n for n in match.groups() if n))
        if name and is_company(name) and not NOBODY.match(name) and not _GENERIC.search(name):
            found.add(name)
    return {name for n in found if len(name := _trim(_NEXT_SENTENCE.split(n)[-1])) > 2}


NOBODY = regex(
    r"(?:The|It|This|That|He|She|They|We|A|An|In|At|On|And|But|Its|Our|Promoters?|Investors?|Shares?|Scrip|Firm"
    r"|Lender|Counter"
    r"|Strong|High|Low|Weak|Key|Equity|Assets?|Earnings|Book|Capital|Employed|Valuation|Profitability|Despite|With"
    r"|While|Currently|Trading|Moat|Value|Trailing|Forward|Present|Latest|Historical|Consolidated|Standalone"
    r"|Adjusted|Reported|Attractive|Reasonable|Expensive|Cheap|Premium|Median|Average|Industry|Sector|TTM|LTM"
    r"|Elevated|Rich|Decent|Moderate|Healthy|Robust|Solid|Good|Poor|Overall|Dividend|Return|Debt|Market|Index"
    r"|Neither|Both|Either|Each|None|All|Some|Most|Many|Few|Every|Here|There|What|Which|Who|Why|How|If|When|Yet|So"
    r"|Still|Even|Now|Today|Then|Also|Only|Just|Not|No|Yes)\b"
)


def _mention(name: str, symbol: str | None, extra: set[str]) -> str | None:
    if symbol and likeness(symbol, name) >= 2:
        return MINE
    if THIRD.search(name) or _GENERIC.search(name):
        return None
    first = name.split()[:2]
    if symbol and len(first) > 1 and _KIN.match(f" {first[1]}") and _shares_name(symbol, first):
        return name
    for size in range(min(4, len(name.split())), 0, -1):
        piece = " ".join(name.split()[:size]).rstrip(".,'")
        if symbol and likeness(symbol, piece) >= 2:
            return MINE
        if piece in extra or piece in PEERS or (is_known_name(piece) and len(piece) > 2):
            return piece
    return name if surely_company(name) and " " in name else None


def _shares_name(symbol: str, words: list[str]) -> bool:
    """The first word is the company's own name, the first two are another's of its group."""
    return likeness(symbol, words[0]) > 1 and not likeness(symbol, " ".join(words))


def owner_at(mentions: list[tuple[int, int, str]], span: Span, fact: Span) -> str | None:
    """Whose a figure in a sentence is: the last company named before its end, else the first one behind it."""
    inside = [m for m in mentions if span[0] <= m[0] < span[1]]
    before = [m for m in inside if m[1] <= fact[0]]
    if before:
        return before[-1][2]
    return inside[0][2] if inside else None
