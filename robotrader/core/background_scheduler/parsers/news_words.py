"""What words say about a story: category, sentiment, impact and amounts, each only where it cannot be mistaken."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.patterns import regex

_STATED_CATEGORY = (
    (
        "order_win",
        (r"order(?:_?s)?(?:_(?:wins?|book|inflow))?|contracts?(?:_wins?)?|deal_wins?|commercial"),
    ),
    (
        "earnings",
        (r"earnings?|(?:quarterly_|financial_)?results?|financials?|guidance|earnings_(?:report|call|results?)"),
    ),
    (
        "regulatory",
        (
            r"regulat\w+|legal|compliance|litigation|court|tax|penalty|sebi|rbi|policy|government"
            r"|actions?_s?_?(?:taken|initiated)_or_orders_passed"
        ),
    ),
    (
        "management",
        (
            r"management(?:_changes?)?|leadership(?:_changes?)?|board(?:_changes?)?|appointments?|resignations?"
            r"|change_in_(?:management|directors?\w*)|governance"
        ),
    ),
    (
        "m_and_a",
        (
            r"m_and_a|m_a|ma|mergers?(?:_(?:and_)?acquisitions?)?|acquisitions?|divest\w+|stake_sale|demerger"
            r"|takeover|amalgamation"
        ),
    ),
    (
        "rating",
        (
            r"ratings?(?:_(?:change|action))?|(?:analyst|broker(?:age)?|credit)_(?:ratings?|calls?|actions?|views?)"
            r"|upgrade|downgrade|recommendations?|price_targets?|target_price"
        ),
    ),
    (
        "other",
        (r"other|others|general|misc\w*"),
    ),
)
_STATED = tuple((name, regex(rf"(?:{words})$")) for name, words in _STATED_CATEGORY)
_FROM_HEADLINE = (
    (
        "rating",
        (
            r"\b(?:credit rating|rating (?:upgrade|downgrade|action|reaffirm\w*)|(?:re-?affirm|assign"
            r"|upgrade|downgrade)s?"
            r"(?:ed|d)? (?:\w+ ){0,4}(?:rating|outlook)|(?:raises?|cuts?|hikes?|lowers?|trims?|sets?"
            r"|with|revises?) (?:\S+ ){0,3}(?:target price|price target)|(?:target price|price target"
            r"|target) (?:of|to|at) rs|(?:crisil|icra|care|fitch|moody's)"
            r" (?:ratings )?(?:upgrades?|downgrades?|reaffirms?|assigns?)|(?:upgrades?|downgrades?) "
            r"(?:\w+ ){0,4}to (?:buy|sell|hold"
            r"|neutral|overweight|underweight|add|reduce))\b|^(?:buy|sell|hold|accumulate|add|reduce) "
            r"[A-Z][^;:]{2,60}[;:,] ?target"
        ),
    ),
    (
        "regulatory",
        (
            r"\b(?:tax (?:demand|notice|order|penalty)|gst (?:order|demand|notice|show[- ]cause)|show[- ]cause notice"
            r"|penalt(?:y|ies)|(?:sebi|rbi|cci|nclt|nclat|irdai|trai|usfda|us fda|ed|cbi|customs|high "
            r"court|supreme court)"
            r" (?:\w+ ){0,3}(?:order|fine[sd]?|bars?|penalt\w+|probe|notice|approv\w+|nod|directs?"
            r"|rejects?|dismiss\w*|stays?|raid\w*"
            r"|clear\w*|imposes?|issues?|warn\w*)|seizure memo|environment(?:al)? clearance"
            r"|adjudication order|orders? passed"
            r"|regulatory (?:action|approval|order)|form 483|warning letter|show cause)\b"
        ),
    ),
    (
        "m_and_a",
        (
            r"\b(?:acquir(?:es?|ed|ing)|acquisitions?|merge[sr]?|merger|merging|amalgamat\w+|de-?merger?s?|takeover"
            r"|slump[- ]sale|(?:buys?|sells?|picks? up|raises?|hikes?|offloads?|divests?|bought|sold) "
            r"(?:\S+ ){0,4}stake|stake (?:sale|buy)"
            r"|open offer|buyout)\b"
        ),
    ),
    (
        "order_win",
        (
            r"\b(?:(?:wins?|won|bags?|bagg(?:ed|ing)|secur(?:es?|ed|ing)|receiv(?:es?|ed|ing)|gets?"
            r"|lands?|clinch(?:es|ed)?"
            r"|award(?:ed|s)?) (?:\S+ ){0,8}(?:orders?|contracts?|projects?|letters? of (?:intent"
            r"|award|acceptance)|loa)"
            r"|orders?/contracts?|purchase orders?|order (?:win|worth|inflow)|preferred bidder|lowest bidder)\b"
        ),
    ),
    (
        "management",
        (
            r"\b(?:(?:appoints?|appointed|names?|re-?appoint\w*|elevates?|hires?) (?:\S+ ){0,6}(?:ceo"
            r"|cfo|coo|cto|md|chairman"
            r"|chairperson|director|president|head|chief|managing director|auditors?|secretary)"
            r"|resign(?:s|ed|ation)|steps? down"
            r"|(?:ceo|cfo|coo|cto|chairman|managing director) (?:quits?|resigns?|exits?|retires?"
            r"|appointed)|leadership (?:transition|change)"
            r"|appointment of|cessation of)\b"
        ),
    ),
    (
        "earnings",
        (
            r"\b(?:(?:[qh][1-4]\w*|[1-4]q\w*|quarter\w*|annual) (?:\S+ ){0,3}(?:results?|earnings"
            r"|profits?|net|pat|revenue|loss)"
            r"|(?:net |consolidated |standalone )*(?:profit|pat|loss) (?:\S+ ){0,3}(?:jumps?|rises?"
            r"|falls?|surges?|drops?|up|down"
            r"|grows?|declines?|slips?|zooms?|doubles?|widens?|narrows?|plunges?|soars?|climbs?"
            r"|tanks?|at|of|to)|financial results?"
            r"|earnings (?:beat|miss|call)|ebitda (?:margin|grew|rose|fell)|(?:raises?|cuts?"
            r"|maintains?|lowers?|retains?) (?:\S+ ){0,4}guidance"
            r"|guidance)\b"
        ),
    ),
)
_HEADLINE = tuple((name, regex(words, re.IGNORECASE)) for name, words in _FROM_HEADLINE)
_DENIED = regex(r"\b(?:den(?:y|ies|ied)|no plans?|not |rules? out|clarif\w+|rumou?rs?)\b", re.IGNORECASE)


def stated_category(words: str) -> str | None:
    """The category that a field of that name states; None for a word that is none of ours."""
    key = re.sub(r"[^a-z0-9]+", "_", words[:80].lower().replace("&", " and ")).strip("_")
    return next((name for name, pattern in _STATED if pattern.match(key)), None)


def headline_category(headline: str) -> str | None:
    """The category that a headline makes unmistakable: only one fits, and nothing is denied."""
    if _DENIED.search(headline[:400]):
        return None
    found = [name for name, pattern in _HEADLINE if pattern.search(headline[:400])]
    if len(found) == 2 and found[1] == "earnings" and found[0] != "rating":
        return None
    return found[0] if len(found) == 1 else None


_POLAR = (
    ("positive", regex(r"\b(?:positive|bullish|favou?rable|optimistic)\b|\U0001f7e2|\u2b06", re.IGNORECASE)),
    ("negative", regex(r"\b(?:negative|bearish|unfavou?rable|pessimistic)\b|\U0001f534|\u2b07", re.IGNORECASE)),
    ("neutral", regex(r"\bneutral\b|\u26aa", re.IGNORECASE)),
    ("mixed", regex(r"\bmixed\b", re.IGNORECASE)),
)
_NOT = regex(r"\b(?:not|non|no|un|neither|nor|isn't|rather than|less)\b", re.IGNORECASE)


def sentiment_of(words: str) -> str | None:
    """The sentiment that the words state; None where they name several or deny one."""
    words = words[:160].replace("_", " ")
    found = [name for name, pattern in _POLAR if pattern.search(words)]
    if "mixed" in found and len(found) > 1 and not re.search(r"[|/]", words):
        return "mixed"
    return found[0] if len(found) == 1 and not _NOT.search(words) else None


_SENTIMENT_ALONE = regex(
    r"[\W_]{0,6}(?:sentiment\W{1,3})?(?:(?:very|slightly|somewhat|strongly|moderately|mildly"
    r"|cautiously)[ -])?(?:positive|negative|neutral|mixed|bullish"
    r"|bearish)(?: sentiment)?(?: for (?:the )?(?:stock|company|shares?|counter|investors))?[\W_]{0,6}$",
    re.IGNORECASE,
)


def is_sentiment(words: str) -> bool:
    """The words are a sentiment and nothing else, as in a tag."""
    return len(words) < 60 and bool(_SENTIMENT_ALONE.match(words))


_IMPACT = regex(
    r"\W{0,4}(?:(?:very|extremely) )?(?:impact\W{1,3})?(high|medium|moderate|low)\b(?!er"
    r"|est)(?:[ -]?(?:impact|importance))?"
    r"(?=\W|$)(?! (?:to|or) )",
    re.IGNORECASE,
)


def impact_of(words: str) -> str | None:
    """The impact that a field of that name states."""
    match = _IMPACT.match(words[:60])
    if match is None or re.match(
        r"\s?(?:/|\||to\b|-)\s?(?:high|medium|moderate|low)", words[match.end() :], re.IGNORECASE
    ):
        return None
    return "medium" if match[1].lower() == "moderate" else match[1].lower()


_AMOUNT = regex(
    r"(?:(?:Rs\.?|INR|US\$|USD|EUR|[\u20b9$\u20ac\u00a3])\s?[-+~]?\d[\d,]{0,20}(?:\.\d{1,4})?"
    r"(?:\s?-\s?\d[\d,]{0,20}(?:\.\d{1,4})?)?"
    r"(?:\s?(?:lakh crores?|lakhs?|crores?|cr|mn|bn|tn|million|billion|trillion"
    r"|[kKMB])\b(?:/share)?|/-|/share| per share| apiece)?"
    r"|(?<![\w.,])\d[\d,]{0,20}(?:\.\d{1,4})?\s?(?:lakh crores?|lakhs?|crores?|cr|million|billion)\b"
    r"|(?<![\w.,])[-+]?\d{1,4}(?:\.\d{1,3})?(?:\s?-\s?\d{1,4}(?:\.\d{1,3})?)?\s?(?:%|per "
    r"cent\b|percent\b|bps\b|basis points\b)"
    r"|(?<![\w.,])\d[\d,]{0,12}(?:\.\d{1,3})?\s?(?:MW|GW|MTPA|MTs?|tonnes|GWh|MWh)\b)"
)
MOST_FIGURES = 6


def amounts(words: str, most: int = MOST_FIGURES) -> list[str]:
    """The first amounts in words, each as written."""
    found: dict[str, None] = {}
    for match in _AMOUNT.finditer(words):
        found.setdefault(" ".join(match[0].split()))
        if len(found) >= most:
            break
    return list(found)
