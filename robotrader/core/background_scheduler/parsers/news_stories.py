"""When two items tell the same story: the same page, or headlines alike in their words, figures, names and denials.

The answer leans to "no": a story shown twice is a nuisance, one that is swallowed by another is lost.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from robotrader.core.background_scheduler.parsers.news_story_words import Told, apart_in_time, conflict, told
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.records import NewsItem

MOST_DAYS = 3
"""Days that two tellings of one story lie apart at most (unless they have the same link)."""
_IN_COMMON = 0.2
"""Headlines that share less of their words and figures are of two stories even with one link: an answer cites one page
for several things."""
_TRACKING = regex(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|msclkid|yclid|mc_[ce]id|igshid|ref|ref_src|ref_url"
    r"|referrer|cmp|cmpid|ncid|ocid|smid|spm|_ga|_gl"
    r"|guccounter|guce_\w+|__twitter_impression|amp|outputtype|output|share|sr_share|wt_mc"
    r"|ito|src|source|via|from|mod|feature|sh|rss|at_\w+|hsenc|_hsmi)$",
    re.IGNORECASE,
)
_SECTION = regex(
    r"(?:/(?:news|markets?|stocks?|business|companies|company|home|latest|topics?|tags?"
    r"|search|quotes?|india|finance|announcements|share-price"
    r"|corporate-filings-announcements|companies-listing|investors?|press-releases?|media|en"
    r"|category|money|economy|industry))*$",
    re.IGNORECASE,
)
_EXCHANGES = ("bseindia.com", "nseindia.com")


@lru_cache(maxsize=8192)
def canonical_url(url: str) -> str:
    """One writing of a link: without scheme, ``www.``, mobile and AMP forms, tracking parameters, fragment, last slash.

    Parameters that are left are sorted. Words that are no http link come back as they are, without space around them.
    """
    words = url.strip()
    if not re.match(r"(?:https?:)?//|www\.", words, re.IGNORECASE):
        return words
    try:
        parts = urlsplit(words if "//" in words[:8] else f"//{words}")
        host = (parts.hostname or "").rstrip(".")
        port = parts.port
    except ValueError:
        return words
    host = re.sub(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)", "", host)
    path = re.sub(r"/{2,}", "/", parts.path)
    path = re.sub(r"/amp(?=/|$)", "", path)
    path = re.sub(r"(?:/index\.\w{3,5}|\.amp)$|(?<=\.html)/.*$", "", path).replace("/amp_articleshow/", "/articleshow/")
    query = sorted((k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k))
    tail = f"?{urlencode(query)}" if query else ""
    place = host if port in (None, 80, 443) else f"{host}:{port}"
    return f"{place}{path.rstrip('/')}{tail}"


class _Place(NamedTuple):
    host: str
    whole: str
    story: bool


@lru_cache(maxsize=8192)
def _place(url: str) -> _Place:
    whole = canonical_url(url)
    host, slash, path = whole.partition("/")
    return _Place(host, whole, not _SECTION.fullmatch(slash + path))


def word_key(headline: str) -> frozenset[str]:
    """The telling words of a headline in one spelling: two headlines of one story share at least one of them."""
    return told(headline).words


def same_story(a: NewsItem, b: NewsItem) -> bool:
    """Whether two items tell one story. Symmetric, and true of an item and itself; not transitive.

    One link (of a story, not of a section of a site) is enough where the headlines have words in common and name no
    different quarters. Otherwise the headlines must be alike, say nothing against each other, be of one company as far
    as symbols are written, and lie at most ``MOST_DAYS`` apart as far as both dates are written.
    """
    if a.symbols and b.symbols and not set(a.symbols) & set(b.symbols):
        return False
    first, second = told(a.headline), told(b.headline)
    if a.url and b.url:
        one, two = _place(a.url), _place(b.url)
        if one.whole == two.whole and one.story:
            return _common(first, second) and not apart_in_time(first, second)
        if one.host == two.host and one.whole != two.whole and one.host.endswith(_EXCHANGES):
            return False  # two papers of one day, often under one formal title
    return _near(a.published_at, b.published_at) and alike(first, second)


def _common(first: Told, second: Told) -> bool:
    one, two = first.words | first.figures, second.words | second.figures
    return first.plain == second.plain or len(one & two) >= _IN_COMMON * len(one | two) > 0


def _near(one: str | None, two: str | None) -> bool:
    if one is None or two is None:
        return True
    try:
        return abs((date.fromisoformat(one[:10]) - date.fromisoformat(two[:10])).days) <= MOST_DAYS
    except ValueError:
        return one == two


def alike(first: Told, second: Told) -> bool:
    """Whether two headlines tell the same, by their words."""
    if first.plain == second.plain:
        return True
    one, two = first.words | first.figures, second.words | second.figures
    shared = one & two
    small, large = sorted((len(one), len(two)))
    if len(first.words & second.words) < 2 or len(shared) < 3:
        return one == two and small >= 2 and not conflict(first, second)
    anchored = bool(first.figures & second.figures) and bool(first.acts & second.acts)
    least, most = (0.6, 0.4) if anchored else (0.8, 0.5)
    return len(shared) >= least * small and len(shared) >= most * large and not conflict(first, second)
