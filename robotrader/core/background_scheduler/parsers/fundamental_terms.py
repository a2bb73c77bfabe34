"""The names of ratios in tables, labels and prose, and the words that make a figure somebody else's or another time's.

Names that look alike (PEG, EV/EBITDA, price to sales, interest coverage, pledge) are listed as ``other`` so that their
figures are never taken for a field's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from robotrader.core.background_scheduler.parsers.fundamental_promoters import PROMOTERS
from robotrader.core.background_scheduler.parsers.patterns import regex

_RATIO = r"(?:[ ](?:ratio|multiple)\b)?"
_TO = r"[ ]{0,2}(?:[-/]|(?<=[ -])to(?=[ -])|[ ]to[ ]|-to-|to)?[ ]{0,2}"
_OTHERS = (
    r"PEG(?:[ ]ratio)?\b|P[ ]?/[ ]?E[ ]?[-/ ](?:to[- ])?g(?:rowth)?\b|PE[- ]to[- ]growth",
    r"EV[ ]?(?:/|to)[ ]?[A-Za-z]+|enterprise value",
    r"P[ ]?/[ ]?(?:S|CF|FCF|OCF|ABV|ABVPS|TBV|NAV|AUM|EV|CEPS|PPOP|D|sales)\b",
    (
        r"(?:price|mcap|market[ ]?cap)[ ]?[-/]?[ ]?(?:to[- ])?[ ]?(?:sales|cash[ ]?flow|free cash flow|fcf|deposits?"
        r"|revenue|aum|adjusted book(?: value)?|tangible book(?: value)?|embedded value|gdp)\b"
    ),
    (
        r"net[ ](?:D[ ]?/[ ]?E|gearing)\b|(?:net|long[- ]?term|LT|external)[ ]debt[ ]?(?:/|to|-to-)?[ ]?(?:equity"
        r"|ebitda)\b|debt[ ]?(?:/|to|-to-)[ ]?"
        r"(?:ebitda|assets?|capital|market cap)\b|financial leverage|leverage ratio|equity multiplier"
    ),
    r"(?:interest|debt)[ ](?:service )?cover(?:age)?\b(?:[ ]ratio)?|interest service cover\w*(?:[ ]ratio)?",
    (
        r"(?:quick|cash|acid[- ]test|liquidity|working capital|payout|dividend payout|CD|LCR|CASA|PCR|sharpe|turnover)"
        r"[ ]ratio"
    ),
    r"RoIC|return on invested capital|RoTE|return on tangible equity|RoNA\b|CFROI|RoRWA|return on capital(?! ?employe)",
    r"(?:net|operating|gross|ebitda|ebit|pat|pbt|profit|opm|npm)[ ]?(?:profit[ ])?margins?|OPM\b|NPM\b|margins?\b",
    (
        r"NIMs?\b|GNPA|NNPA|NPA|CRAR|CAR\b|CASA|capital adequacy|asset turnover"
        r"|beta(?=[ ]?(?:[:=|(]|$|of\b|is\b|at\b|value))"
    ),
    r"(?:(?:earnings|FCF|free cash flow|bond|cash flow|gilt|G-?sec|owner'?s? earnings)[ ]yield|yield on \w+)",
    (
        r"(?:promoters?'?s?'?[ ])?(?:shares?[ ]|share[ ]?holdings?[ ]|holdings?[ ]|stake[ ])?(?:pledged?|pledging"
        r"|encumb\w+)"
        r"(?:[ ](?:promoter[ ])?(?:shares?|share[ ]?holdings?|holdings?|stake|percentage))?"
    ),
    (
        r"(?:FIIs?|DIIs?|FPIs?|institutional|public|mutual funds?|MFs?|government|retail|insider|non-promoters?|foreign"
        r"|domestic)[ ](?:share[ ]?holdings?|holdings?|stake|ownership|investors?|institutions?)|FIIs?\b|DIIs?\b"
        r"|FPIs?\b|public(?=[ ]{0,3}[:|/])"
    ),
    r"(?:free[- ]?float|full)[ ](?:(?:market|mkt\.?|mar\.?)[ ]?cap\w*|m-?cap)",
    (
        r"(?:current|market|stock|share|target|entry|buy|exit|issue|close|closing|last)[ ]?price|(?<! at )CMP\b|LTP\b"
        r"|face value"
        r"|stop[- ]?loss|52[- ]?(?:week|w)[- ](?:high|low)|high[ ]?/[ ]?low"
    ),
    r"adj(?:usted|\.)?[ ]?(?:book value|BVPS|BV|ABV)|ABVPS|tangible book value|embedded value",
    (
        r"(?:EBITDA|EBIT|operating profit|PPOP|NII|loan|advances?|deposits?|AUM|volume|order[ ]?book|capex|credit"
        r"|cash flow"
        r"|dividend|book value|EPS|asset|export|premium|net worth|industry|sector|market|GDP)[ ]growth"
    ),
    r"(?:stock price|price|share price|EPS|dividend)[ ]CAGR",
    r"score\b|weight(?:age)?\b",
)
_OF_ONE_YEAR = r"[ ]\(?1[ -]?(?:Y|yr|year)\b\)?(?=[ ]{0,30}[:|]?[ ]{0,4}[+-]?\d{1,4}(?:\.\d{1,2})?[ ]?%)"
"""Behind sales or profit, with a percentage: its growth in a year."""
BARE_YIELD = "yield"
"""A yield that its sentence makes the dividend's."""
_NAMES: tuple[tuple[str, str], ...] = (
    *(("other", p) for p in _OTHERS),
    (
        "pb",
        (
            rf"price{_TO}(?:book(?:[ ]?value)?|BV\b){_RATIO}|P[ ]?/[ ]?B(?:V(?:PS)?)?\b{_RATIO}|(?-i:PBV|PB)\b{_RATIO}"
            rf"|pbv?[ ](?:ratio"
            r"|multiple)|pbv?(?=[ ]{0,2}[:=])|(?-i:pbv?)(?=[ ]\d{1,3}(?:\.\d|\b))"
        ),
    ),
    (
        "pe",
        (
            rf"(?:price{_TO}earnings?|trailing ?PE|P[ ]?/[ ]?E|P-E|(?-i:PER|PE|P\.E\.?))(?![A-Za-z])s?{_RATIO}"
            r"|pe[ ](?:ratio|multiple)|pe(?=[ ]{0,2}[:=])|(?-i:pe)(?=[ ]\d{1,4}(?:\.\d|\b))"
            r"|earnings multiple|price earnings"
        ),
    ),
    (
        "debt_to_equity",
        (
            rf"(?:total[ ])?debt(?:{_TO}|[ ]?:[ ]?)(?:total[ ])?equity{_RATIO}|D[ ]?/[ ]?E\b{_RATIO}"
            r"|(?-i:DE)(?:[ ]ratio|(?=[ ]?[=:]))"
        ),
    ),
    ("current_ratio", r"current[ ]?ratio"),
    (
        "dividend_yield_pct",
        (
            r"div(?:id[ae]n[dt]s?|\.|d)?[ ]?(?:yield(?:ing)?|yld)s?\.?|dividend\b[^.\n]{1,24}\(yield(?=[ :])"
            r"|dividend\b[^.;%\n]{1,50}?[ ](?:a|the)[ ]yield(?=[ ]of)|(?<=%, )yield(?=[ ]\d)"
            r"|(?-i:DY)(?=[ ]?[:=]?[ ]?\d)"
        ),
    ),
    (BARE_YIELD, r"yield\b(?![ ](?:on|curve|spread))"),
    ("roce_pct", r"ROCE\b|return[ ]?on[ ]?(?:average )?capital[ ]?employe+d"),
    (
        "roe_pct",
        (
            r"ROA?E\b|RoNW\b|return[ ]?on[ ]?(?:average |total |shareholders?'?s? |common )?(?:equity[ ]?/[ ]?net"
            r"[ ]?worth|net[ ]?worth[ ]?/[ ]?equity|equity|net[ ]?worth)"
            r"|return on shareholders?'?s? funds"
        ),
    ),
    ("roa_pct", r"ROAA?\b|return[ ]?on[ ]?(?:average |total )?assets?"),
    (
        "market_cap_inr",
        (
            r"(?:market|mkt\.?|mar\.?)[ -]{0,6}cap(?:ital(?:i[sz]ation)?)?(?:[ ]value)?\b\.?"
            r"|m\.?[ ]?-?cap\b(?:\.(?=[ ]?[(=:]))?|market"
            r"[ ]value(?="
            r"[ ]?[:|(]|[ ](?:of|is|stands)[ ])|market values (?:the|it|this)\b"
            r"(?: (?:company|bank|firm|lender|business))?(?=[ ]at\b)"
            r"|(?:company|bank|firm|lender|insurer) is (?:valued(?=[ ]at\b)|worth(?=[ ](?:\u20b9|Rs)))"
        ),
    ),
    (
        "eps_ttm_inr",
        (
            r"trailing ?EPS\b"
            r"|(?:TTM|LTM|trailing(?:[ -](?:twelve|12)[- ]?months?'?)?)[ ](?:basic[ ]|diluted[ ])?(?:EPS|earnings per"
            r" share)"
            r"|on[ ]an?[ ](?:TTM|trailing)(?:[ -](?:twelve|12)[- ]?months?)?[ ]basis,?[ ](?:the[ ])?EPS\b"
            r"|(?:EPS|earnings per share)[ ](?:for|over)[ ]the[ ](?:trailing|last|past)[ ](?:twelve|12)[- ]?months?"
            r"|(?:trailing(?:[ -](?:twelve|12)[- ]?months?)?|TTM)[ ]earnings(?=[ ]of[ ](?:\u20b9|Rs)[^;,]{1,14}"
            r"[ ](?:a|per)[ ]share)"
            r"|(?:basic[ ]|diluted[ ])?(?:EPS|earnings per share)[ ]?[-,(\[ ]{1,3}(?:in[ ])?(?:TTM|LTM"
            r"|trailing(?:[ -](?:twelve|12)"
            r"[- ]?months?)?)\b[ ]?\)?"
        ),
    ),
    ("eps", r"(?:basic[ ]|diluted[ ])?(?:EPS|earnings per share)\b"),
    (
        "book_value_inr",
        (
            r"book[ ]?value(?:[ ]?(?:per|/)[ ]?(?:equity[ ])?share)?|BVPS\b|BV[ ]?(?:per|/)[ ]?share|(?-i:BV)\b"
            r"|(?-i:B\.[ ]?V\.?)(?=[ ]|$)|book NAV[ ]?(?:per|/)[ ]?share"
            r"|(?-i:Book)(?=[ ](?:\u20b9|Rs))"
        ),
    ),
    (
        "sales_growth_pct",
        (
            r"(?:net[ ])?(?:sales|revenues?|top[- ]?line|turnover)[ ]?(?:de)?growth(?:[ ]rate)?"
            r"|growth in (?:net )?(?:sales|revenues?|turnover)"
            rf"|(?:sales|revenues?){_OF_ONE_YEAR}"
        ),
    ),
    (
        "profit_growth_pct",
        (
            r"(?:net[ ])?(?:profits?|PAT|bottom[- ]?line|net income|earnings|profit after tax)[ ]?(?:de)?growth(?:"
            r"[ ]rate)?"
            r"|growth in (?:net )?(?:profits?|PAT|earnings)"
            rf"|(?:net profits?|profits?|PAT){_OF_ONE_YEAR}"
        ),
    ),
    ("promoter_holding_pct", PROMOTERS),
    ("fair_value_inr", r"(?:intrinsic|fair)[ ](?:value|price)(?:[ ]?(?:per|/)[ ]?share)?|DCF[ ]value"),
)


def _open_end(pattern: str) -> str:
    """A name may run into its figure where a page lost the space: "ROE15.2%"."""
    return pattern.replace(r"\b", "(?![A-Za-z])")


METRIC = regex(
    r"(?<![A-Za-z])(?<![A-Za-z]\d)(?:"
    + "|".join(f"(?P<n{i}>{_open_end(pattern)})" for i, (_, pattern) in enumerate(_NAMES))
    + r")(?![A-Za-z]|\d(?![\d.,%x]))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Term:
    """A ratio's name in a text; ``field`` is ``other`` for a name that is no field's."""

    field: str
    start: int
    end: int


def terms(view: str, start: int, end: int) -> list[Term]:
    """Every name of a ratio in ``view[start:end]``; a name and its short form in brackets are one."""
    found: list[Term] = []
    for match in METRIC.finditer(view, start, end):
        name = _NAMES[int((match.lastgroup or "n0")[1:])][0]
        if name == BARE_YIELD:
            told = _dividends(view[max(start, match.start() - 120) : match.start()])
            if not (told or _ON_DIVIDENDS.match(view, match.end(), end)):
                continue
            name = "dividend_yield_pct"
        if _IN_HINDI.match(match[0] + view[match.end() : end][:2]) and _WORD_BEFORE.search(view, start, match.start()):
            continue
        last = found[-1] if found else None
        if (
            last
            and last.field == name
            and _IN_BRACKETS.match(view[last.end : match.start()])
            and view[match.end() : match.end() + 1] == ")"
        ):
            found[-1] = Term(name, last.start, match.end() + 1)
        else:
            found.append(Term(name, match.start(), match.end()))
    return found


_IN_HINDI = regex(r"p(?:e|bv?) \d")
_WORD_BEFORE = regex(r"[A-Za-z\d%] $")
"""What makes "pe" a word of Hindi: "is level pe 20"."""


_ON_DIVIDENDS = regex(r"[ ]?:?[ ]?\d[\d.]*[ ]?%[ ](?:on|from)[ ](?:a |its |the )?(?:dividends?|DPS)\b", re.IGNORECASE)


def _dividends(before: str) -> bool:
    """The words before a yield speak of a dividend, and of no other thing that yields."""
    sentence = re.split(r"(?<!\bi\.e)(?<!\bRs)\.[ ]", before)[-1]
    return bool(re.search(r"\b(?:dividends?|DPS|payout)\b", sentence, re.IGNORECASE)) and not _OTHER_YIELD.search(
        sentence
    )


_OTHER_YIELD = regex(
    r"\b(?:bonds?|earnings|FCF|cash flow|G-?sec|treasury|gilt|buy-?backs?"
    r"|loans?|portfolio|assets?|industry|sector|peers?"
    r"|average|median|index|nifty|forward|expected|rental|real|\d{1,2}[ -]?year|FY ?'?\d\dE)\b",
    re.IGNORECASE,
)
_IN_BRACKETS = regex(r"[ ]{0,2}\($")


YEARS_BACK = r"(?:\d{1,2}|one|two|three|five|seven|ten)[- ]?(?:years?|yrs?\.?|Y|saal)\b"
_MEAN = r"(?:averaged?|averages|averaging|avg\.?|median|mean)\b"
FORWARD = (
    r"forward\b|fwd\b|NTM\b|one[- ]year[- ]fwd|(?:FY[ ]?'?|CY[ ]?'?|20)\d\d(?:\d\d)?[ ]?(?:\(?E\)?|est\.?"
    r"|estimates?)(?![A-Za-z])"
    r"|\dE\b|\best(?:imate[sd]?)?\b\.?|expected\b|projected\b|projections?\b|forecasts?\b|next[- ](?:year|fiscal)"
    r"|guidance|guided"
)
PEERS = (
    r"ind\.?(?=[ ]{1,4}(?:P/?E\b|P/?B\b|ROC?E\b|[^A-Za-z\s]))"
    r"|(?:industry|sector|sectoral|peers?|peer[- ]group|market|category"
    r"|benchmark)(?:'s)?(?![- ](?:leading|beating|price|pays|paying|values?"
    r"|best|topping"
    r"|leader|cap|outperform|dominan)|[a-z])|nifty|sensex|index|benchmarks?\b|thresholds?\b|comparables?\b"
)
HYPOTHESIS = (
    r"should\b|(?<!\ban )ideal\b|ideally\b|\bif\b|could\b|would\b|might\b|\bmay\b|assum\w+|justif\w+"
    r"|target(?:s|ed|ing)?\b|re-?rat\w+"
    r"|deserve\w*|scenario|implied|implies|bull\b|bear\b|applying|applied|minimum|required|exit\b|normali[sz]ed"
    r"|sustainable"
    r"|potential|criteri\w+|screen(?:ed|ing)?\b|filter\w*|rule of thumb|looking for|prefer\b|preferred|hurdle"
    r"|aims?\b|aspir\w+"
    r"|long[- ]term average|pre-?covid|peak\b|trough\b|pre-?merger|was\b(?= (?:once|earlier))|(?<!fiscal )last"
    r" year\b|previous (?:year|quarter)|years? (?:ago|earlier)|\bset\b|unpledged|instructions"
    r"|pro[- ]?forma|(?:merged|combined|resulting) (?:entity|company|bank)|pretend|change in\b"
    r"|chang\w+ of"
)
NOT_OWN = regex(rf"\b(?:{FORWARD}|{PEERS}|{HYPOTHESIS})|(?<!above-)(?<!below-)\b{_MEAN}|histor\w+", re.IGNORECASE)
"""Words before or within a label that say the figure is not the company's present one."""

_SPAN = regex(rf"(?<![-\d.]){YEARS_BACK}|\bCAGR\b|long[- ]term", re.IGNORECASE)
_ONE_YEAR = regex(r"(?<!\d)(?:1|one)[- ]?(?:year|yr|Y)\b", re.IGNORECASE)
_AFTER = regex(
    rf"[ ]{{0,2}}[(\[]?[ ]?(?:(?:on|for|of|in|over|based on|at)[ ])?"
    rf"(?:(?:the|its|a|their)[ ])?(?:(?:last|past|previous)[ ](?={YEARS_BACK}))?"
    rf"(?:(?:{YEARS_BACK}[- ]?)?(?:{_MEAN}|histor\w+|{FORWARD})|{YEARS_BACK}[- ]?(?:CAGR)?(?![- ]?(?:high|low))|CAGR\b"
    rf"|(?:(?:a|one|1)[ -])?years?[ -](?:ago|earlier|before)"
    rf"|when[ ]\w+(?:[ ]\w+)?[ ](?:was[ ])?listed|last[ ](?:year|fiscal)|previous|prior\b|earlier\b"
    rf"|(?:{PEERS})(?![^)\n]{{0,24}}\d)|bull\b|bear\b|target\b|by[ ](?:FY|20\d\d|the end of)|means?[ ](?!rever)"
    r"|(?:is|are)[ ](?:(?:usually|generally|often|typically)[ ])?considered\b"
    rf"|pledged?\b(?![ ]?[:=]|[ ](?:nil|none|0\b))"
    rf"|(?:is|are|remains?"
    rf"|were)[ ]pledged)",
    re.IGNORECASE,
)


_NOT_FAIR = regex(
    rf"\b(?:bull|bear|upside|downside|pessimis\w+|optimis\w+|analysts?|consensus|street|brokers?|morningstar"
    rf"|previous|earlier"
    rf"|last|old|sector|industry|discount to|premium to|{_MEAN})\b",
    re.IGNORECASE,
)


_PART_OF = regex(r"\b(?:indian|foreign|individual|corporate|non|of which|no\.? of|number of)\b", re.IGNORECASE)


_ONE_HOLDER = regex(r"promoters?,?(?: group)? (?-i:[A-Z])", re.IGNORECASE)


def one_holder(view: str, term: Term) -> bool:
    """The name tells who holds: "promoter Delta Trust owns"; where several are told so, each has but a part."""
    return term.field == "promoter_holding_pct" and bool(_ONE_HOLDER.match(view, term.start, term.end))


def part_of_holding(words: str) -> bool:
    """Words that make a holding a part of the promoters' one, or a count of shares."""
    return bool(_PART_OF.search(words))


def not_own(words: str, *, growth: bool = False, fair: bool = False) -> bool:
    """Words of a label make its figure another's or another time's: sector, forward, average of years.

    ``growth``: one year is the company's present growth. ``fair``: a fair value is an estimate by nature.
    """
    if fair:
        return bool(_NOT_FAIR.search(words))
    if NOT_OWN.search(words):
        return True
    span = _SPAN.search(words)
    return bool(span) and not (growth and _ONE_YEAR.search(words) and len(_SPAN.findall(words)) <= 2)


def not_own_after(view: str, at: int, until: int) -> bool:
    """The words right behind a figure say so: "(5Y avg)", "for the sector", but not "(sector: 27x)"."""
    match = _AFTER.match(view, at, until)
    if match is None or _ONE_YEAR.search(match[0]):
        return False
    return not (_NEXT_FIGURE.match(view, match.end(), until) or METRIC.match(view, match.end() + 1, until))


_NEXT_FIGURE = regex(r"\.?[^()\[\]\n,;.]{0,24}?[:= ][ ]?[~\u20b9]?\d")
QUARTERLY = regex(
    r"\bQ[1-4]|[1-4]Q|quarter|qoq|q-o-q|\bH[12]\b|\b9M\b|nine[- ]month|half[- ]year|month|sequential", re.IGNORECASE
)
"""Words that make a growth figure one of less than a year."""
