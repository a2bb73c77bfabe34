"""The shapes of words in lists: a period, the name of a fact, a company, a figure of a report, a headline."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.companies import is_known_name, name_words
from robotrader.core.background_scheduler.parsers.company_mentions import like_company, surely_company
from robotrader.core.background_scheduler.parsers.company_names import KNOWN_NAMES
from robotrader.core.background_scheduler.parsers.news_junk import is_section, word_count
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import word_set

_PERIOD = regex(
    r"(?:[QH][1-4]|[1-4]Q|FY|9M|CY)\W?(?:FY)?\W?\d{0,4}(?:\s?\(?[QH]?[1-4]?\s?(?:FY)?\s?\d{0,4}\)?)?"
    r"(?: (?:results?|earnings|performance|update|guidance))?$",
    re.IGNORECASE,
)
_EVENT = regex(
    r"\b(?:acquisition|merger|demerger|appointment|resignation|launch|orders?|stake|sale"
    r"|buyback|dividend|bonus|split|issue|approval|upgrade|downgrade|rating|expansion"
    r"|results?|deal|contract|penalty|notice|raise|fundraise"
    r"|investment|partnership|agreement|listing|ipo|qip|allotment|strike|shutdown|fire|raid"
    r"|probe|probe|settlement|exit|entry|transfer|reshuffle|transition|wins?|of|to|for|with"
    r"|in)\b",
    re.IGNORECASE,
)
_FACT = regex(
    r"(?:(?:total|net|gross|key|operating|consolidated|standalone|quarterly|annual|segment"
    r"|core|stock|share|market|analyst|brokerage|broker|investor|management|financial"
    r"|strategic|deal|order|balance) )*"
    r"(?:revenues?|sales|profits?|loss|pat|ebitda|ebit|margins?|eps|nii|nim|npa|gnpa|asset "
    r"quality|loans?|deposits?|debt|cash|dividends?|guidance|outlook|risks?|positives?"
    r"|negatives?|concerns?|strategic fit|fit|portfolio|funding|valuation"
    r"|rationale|impact|sentiment|view|context|details?|background|reaction|price|target"
    r"|rating|volumes?|growth|order book|book|capex|commentary|timeline|terms|catalysts?"
    r"|synergies|implications?|takeaways?|why it matters|significance|next steps?"
    r"|watch|tone|stance|action|status|management|segments?|geography|highlights?|drivers?"
    r"|headwinds?|tailwinds?|strengths?|weaknesses?|reasons?|performance|metrics?|numbers?"
    r"|ratios?|yoy|qoq|what happened|amount|value|size|location|client|customer|duration)$",
    re.IGNORECASE,
)


_SMALL = ("of", "and", "&", "the")
_ENDINGS = word_set(
    "services industries laboratories labs sez ltd limited company corporation corp group "
    "bank and of india finance motors power products"
    " technologies enterprises consumer steel ports energy insurance & the"
)
_KNOWN = frozenset(tuple(name_words(name)) for names in KNOWN_NAMES.values() for name in names)


def is_period(words: str) -> bool:
    """The words name a quarter or a year and nothing else."""
    return bool(_PERIOD.match(words.strip(" *:_")))


def is_fact_name(words: str) -> bool:
    """The words name a fact of a story (Revenue, Funding, Risks), as the bullets below a story are named."""
    words = words.strip(" *:_-")
    return bool(_FACT.match(words)) or is_period(words)


def is_company(words: str) -> bool:
    """The words are a company's name and nothing else."""
    words = re.sub(r"\s*\([^()]{1,40}\)\s*$", "", words.strip(" *:_-"))
    parts = words.split()
    if not 1 <= len(parts) <= 6 or not all(w[0].isupper() or w[0].isdigit() or w in _SMALL for w in parts):
        return False
    if tuple(name_words(words)) in _KNOWN or words.upper() in KNOWN_NAMES:
        return True
    bank = re.fullmatch(r"(?:[A-Z]\w+ )?Bank of [A-Z]\w+", words)
    if bank or (is_known_name(words) and all(w.lower().strip(".,") in _ENDINGS for w in parts[2:])):
        return True
    if is_known_name(words) or _EVENT.search(words):
        return False  # the name of a company and more
    return surely_company(words) or (len(parts) <= 3 and like_company(words))


def is_headline(words: str) -> bool:
    """The words are written as headlines are: one clause without a full stop, not a company's name with a sentence."""
    words = words.strip()
    if words.endswith(".") and not words.endswith((" Ltd.", "...")):
        return False
    lead = re.match(r"([^:]{2,60}):\s", words)
    named = bool(lead and (is_fact_name(lead[1]) or is_section(lead[1]) or is_company(lead[1])))
    return not named and word_count(words) <= 30


_FIGURE = regex(
    r"(?:(?:our|the|total|net|gross|consolidated|standalone|operating|core|quarterly|annual) )*"
    r"(?:revenues?|sales|income|profits?|loss|pat|pbt|ebitda|ebit|margins?|eps|nii|nims?"
    r"|npas?|gnpas?|deposits?|advances|debt|cash|capex|volumes?|order ?book|aum|roe|roce"
    r"|capacity|headcount|dividend|expenses|costs?)\b",
    re.IGNORECASE,
)


def is_figure(words: str) -> bool:
    """The words tell a figure of a report (Revenue grew 12%), as the points below a story do."""
    return bool(_FIGURE.match(words.strip(" *_"))) and any(c.isdigit() for c in words)


_MOVED = regex(
    r"\d\s?%|\b(?:rises?|falls?|jumps?|surges?|drops?|slips?|dips?|beats?|misses|doubles?|soars?)\b", re.IGNORECASE
)
"""What tells something in two words."""


def is_topic(words: str) -> bool:
    """A bold lead that names who or what a sentence is about, and tells nothing itself."""
    if is_company(words) or is_fact_name(words) or word_count(words) < 2:
        return True
    return word_count(words) < 3 and not (_EVENT.search(words) or _MOVED.search(words))
