"""Whose news a story is: kept for the symbol asked for, left out where it is plainly another company's alone."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.companies import (
    find_name,
    known_names,
    known_other,
    matches,
    name_words,
    resembles,
)
from robotrader.core.background_scheduler.parsers.company_mentions import (
    SEQUENCE,
    lead_name,
    like_company,
    surely_company,
)
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page
from robotrader.core.background_scheduler.parsers.patterns import regex

_STATED = regex(
    r"\b(?:NSE|NSE Symbol|NSE Code|NSE Scrip(?: Symbol| Code)?|Ticker)\s?[:-]\s?\"?([A-Z][A-Z0-9&-]{1,19})\b(?![a-z.])"
    r"|(?<![\w.])([A-Z][A-Z0-9&-]{1,19})\.NS\b"
)
_BRACKETED = regex(r"([A-Z][\w&.'-]*(?: (?:[A-Z&][\w&.'-]*|of|and)){0,6}) \((?:NSE:\s?)?([A-Z][A-Z0-9&-]{2,19})\)")
_NO_SYMBOL = frozenset({"NSE", "BSE", "SYMBOL", "CODE", "INE", "ISIN", "SEBI", "RBI", "IPO", "CEO", "CFO"})


def named_symbols(page: Page, draft: Draft) -> Fact | None:
    """The NSE symbol that a story's words state: ``(NSE: SBIN)``, ``SBIN.NS``, ``State Bank of India (SBIN)``."""
    for name in ("headline", "summary"):
        fact = draft.get(name)
        if fact is None or fact.start < 0:
            continue
        piece = page.view[fact.start : fact.end]
        found = [(m[1] or m[2], m.start(1) if m[1] else m.start(2)) for m in _STATED.finditer(piece)]
        found += [
            (m[2], m.start(2)) for m in _BRACKETED.finditer(piece) if surely_company(m[1]) and matches(m[2], m[1])
        ]
        kept = [(s, at) for s, at in found if s not in _NO_SYMBOL]
        if kept:
            symbols = tuple(dict.fromkeys(s for s, _ in kept))
            at = fact.start + kept[0][1]
            return Fact(symbols, at, at + len(kept[0][0]))
    return None


def belongs(draft: Draft, symbol: str) -> bool:
    """The story can be one of the company's: False only where it is plainly of another one alone."""
    words = " ".join(draft[n].text for n in ("headline", "summary") if n in draft)
    if _speaks_of(symbol, words):
        return True
    stated = draft.get("symbols")
    if stated is not None:
        if symbol in stated.value or any(_same(symbol, s) for s in stated.value):
            return True
        return not stated.value
    company = draft.get("company")
    if company is not None and like_company(company.text):
        return resembles(symbol, company.text)
    return not _is_of_another(draft["headline"].text, symbol)


def _same(symbol: str, other: str) -> bool:
    """Two symbols of one company, as after a change of its name."""
    return bool(
        {" ".join(name_words(k)) for k in known_names(symbol)} & {" ".join(name_words(k)) for k in known_names(other)}
    )


def _speaks_of(symbol: str, words: str) -> bool:
    words = words[:2500]
    if find_name(symbol, words):
        return True
    for match in list(SEQUENCE.finditer(words))[:120]:
        parts = match[0].split(" ")
        for skip in range(min(3, len(parts))):
            name = re.sub(r"'s$", "", " ".join(parts[skip : skip + 5]))
            if len(name) >= 3 and matches(symbol, name):
                return True
    return False


def _begins(symbol: str, name: str) -> bool:
    """The symbol is the name's first word and initials of what follows: Godrej Consumer of GODREJCP."""
    words = name_words(name)
    compact = re.sub(r"[^a-z0-9]", "", symbol.lower())
    if len(words) < 2 or len(words[0]) < 4 or not compact.startswith(words[0]) or known_other(symbol, words):
        return False
    rest = compact[len(words[0]) :]
    return 1 <= len(rest) <= 3 and words[1].startswith(rest[0])


def _is_of_another(headline: str, symbol: str) -> bool:
    """The headline starts with the name of a company that cannot be the one asked for, and names no second one."""
    lead = lead_name(headline)
    names = [m[0] for m in list(SEQUENCE.finditer(headline[:400]))[:20]]
    if any(resembles(symbol, " ".join(n.split(" ")[i:])) for n in names for i in range(min(3, len(n.split(" "))))):
        return False
    if _begins(symbol, lead):
        return False
    if surely_company(lead):
        return True
    first = SEQUENCE.match(headline)
    if first is None:
        return False
    parts = first[0].split(" ")
    return any(surely_company(" ".join(parts[:size])) for size in range(min(5, len(parts)), 0, -1))
