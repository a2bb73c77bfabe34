"""What results texts say beside the figures: dates, dividend, basis, guidance, the company's own name."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.companies import resembles
from robotrader.core.background_scheduler.parsers.company_mentions import OFFICE
from robotrader.core.background_scheduler.parsers.dates import DATE, find_dates, read_date
from robotrader.core.background_scheduler.parsers.earnings_facts import Fact
from robotrader.core.background_scheduler.parsers.numbers import RUPEE, digits_value
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import sentences

_REPORTED = regex(
    rf"(?:\b(?:reported|announced|released|declared|published|filed)(?:\s(?:its|the|these|quarterly"
    rf"|unaudited|audited|financial|results|earnings|numbers|Q[1-4])){{0,6}}\s(?:on|dated)"
    rf"|\b(?:board of directors|board|audit committee|directors)\b[^.;|\n]{{0,120}}?\b(?:meetings?"
    rf"|sittings?)\b[^.;|\n]{{0,30}}?\b(?:held|concluded|convened)\b(?:\son)?"
    rf"|\bmeetings?\s(?:was\s|were\s)?held\s(?:on|today,)"
    rf"|\b(?<!next )(?<!upcoming )(?<!expected )(?:board meeting|result|results|report"
    rf"|reporting|announcement|release|earnings|reported|filing) date|\bboard meeting(?: held)?(?: on)?"
    rf"|\bresults (?:(?:were|was) )?(?:announced|declared|released|approved)(?: on)?"
    rf"|\bapproved (?:(?:its|these|the|said|aforesaid|unaudited|audited|financial|quarterly) ){{0,4}}results on"
    rf"|\b(?:board|results?) approved[ _]on|\bapproved by (?:the |its |our )?board(?: of directors)?"
    rf"(?: (?:at|in) (?:its|the|their) meeting(?: held)?)? on"
    rf"|(?<=\n)[ \t]*(?:place ?: ?[\w ]{{2,30}}\s{{1,3}})?(?:date|dated)[ \t]{{0,2}}(?=:)"
    rf"|\btaken on record by (?:the |its |our )?board(?: of directors)?"
    rf"(?: (?:at|in) (?:its|the|their) meeting(?: held)?)? on"
    rf"|\bresults? (?:came out|came|were out|out|were unveiled|unveiled)(?: on)?"
    rf"|\b(?:reported|announced|released|declared|published|unveiled)\s(?:its|the|their)\s"
    rf"(?:[\w&()-]+\s){{0,6}}?(?:results?|earnings|numbers|financials)\s(?:for\s(?:the\s)?[^.;|\n]{{2,70}}?\s)?on"
    rf"|\bboard(?: of directors)?\smet\son"
    rf"|(?<=\n)[ \t*-]{{0,8}}(?:announced|declared|reported)(?: on)?[ \t]{{0,3}}(?=:))"
    rf"[\s|"
    rf":*-]{{0,12}}(?:in\s\w{{3,20}},?\s)?(?:today,?\s{{0,2}}(?:i\.?e\.?,?\s{{0,2}})?)?(?:on\s)?(?:the\s)?(?:(?:Mon"
    rf"|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s)?(?P<date>{DATE})",
    re.IGNORECASE,
)
_ON_DAY = regex(
    rf"\b[Oo]n {{1,3}}(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \((?P<inner>{DATE})\)) {{0,2}}"
    rf"(?:has )?(?:reported|announced|declared|posted|released|published)\b"
    rf"|(?<=\w )on {{1,3}}(?P<plain>{DATE}),? (?:has )?(?:reported|announced|declared|posted|released)\b"
    rf"(?=[^.;\n]{{0,60}}\b(?:results|earnings|numbers|profit|loss|revenue|PAT)\b)"
    rf"|\bOn {{1,3}}(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?(?P<date>{DATE}),[^.;|\n]{{1,60}}?"
    rf"\b(?<!be )(?:reported|announced|declared|posted|released|published)\b"
    rf"(?=[^.;\n]{{0,60}}\b(?:results|earnings|numbers|profit|loss|revenue|PAT)\b)"
)
_DATELINE = regex(
    (
        rf"^[ \t]*(?:\(?[A-Z][A-Za-z]+(?:[ ,/&]+[A-Z][A-Za-z]+){{0,5}}\)?[ \t]*[-,:|]\s{{0,3}})"
        rf"(?P<date>{DATE})\s{{0,3}}(?:[-:|/.]|$)"
    ),
    re.MULTILINE,
)
_WEEKDAY = r"[ ]{0,2}(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?"
_NEXT = regex(
    rf"\bnext (?:quarterly )?(?:earnings|results?|report|board meeting|quarterly results)(?: (?:date"
    rf"|announcement|release|call|are|is|will be|due|expected|scheduled|on|for|to be|declared"
    rf"|announced)){{0,6}}"
    rf"[\s|:*-]{{0,8}}(?:on |~)?(?P<date>{DATE})"
    rf"|\bmeeting of (?:the )?board of directors\b[^.;|\n]{{0,120}}?\b(?:is|will be|has been) (?:scheduled|held"
    rf"|proposed|convened)"
    rf"(?: to be held)?(?: on)? ?{_WEEKDAY}(?:the )?(?P<meeting>{DATE})"
    rf"(?=[^.]{{0,160}}\b(?:results|financials)\b)"
    rf"|\b(?:will|to|shall|is (?:set|scheduled|expected|due|slated) to|are (?:set|scheduled|expected|due|slated) to)"
    rf" (?:announce|declare|report|release|publish|post)(?: \w+(?:[ -](?:FY)?\d+)?){{0,6}}? (?:results|earnings"
    rf"|numbers|financials)"
    rf"(?: \w+){{0,6}}? on {_WEEKDAY}(?P<set>{DATE})"
    rf"|\bresults? (?:date )?(?:is|are|will be) (?:due|expected|scheduled|slated|announced|declared|released"
    rf"|out)(?: to be \w+)?"
    rf"(?: on)? {_WEEKDAY}(?P<due>{DATE})"
    rf"|\bboard meeting\b(?: (?:is|has been|will be))?"
    rf"(?: (?:scheduled|fixed|convened|called|slated|set|held|to be held)){{0,3}}"
    rf" (?:for|on) {_WEEKDAY}(?P<call>{DATE})(?=[^.]{{0,60}} to (?:\w+ ){{0,4}}"
    rf"(?:consider|approve|announce|declare|take on record)[^.]{{0,120}}"
    rf"\b(?:results|financials|numbers|earnings|same|them)\b)"
    rf"|\b(?:results|earnings|numbers)(?: for [^.;|\n]{{2,30}}?)? (?:(?:will|shall|are|is) (?:to )?(?:be )?)?"
    rf"(?:considered|due|expected|scheduled|slated|taken up)(?: to be \w+)?(?: by the board)? (?:on|for) "
    rf"{_WEEKDAY}(?P<coming>{DATE})"
    rf"|\bboard (?:of directors )?(?:will|shall|is (?:scheduled|expected|due) to) meet on "
    rf"{_WEEKDAY}(?:the )?(?P<meet>{DATE})"
    rf"(?=[^.]{{0,120}}\b(?:results|financials)\b)",
    re.IGNORECASE,
)
_SHARE = (
    r"(?:\s{0,2}(?:/-)?\s{0,2}(?:/|per|a|for every|for each|on each"
    r"|on every)\s{0,2}(?:fully paid[ -]?up )?(?:equity )?(?:share|sh\b)|\s{0,2}apiece)"
)
_AMOUNT = (
    rf"(?:{RUPEE})\s{{0,2}}(?P<n>\d{{1,5}}(?:\.\d{{1,4}})?)(?![\d,.]*\d)(?!\s{{0,2}}(?:crore|cr\b|lakh"
    rf"|mn|million|bn|billion))"
)
_DIVIDENDS = (
    (0, regex(rf"\b(?P<what>dividend)\b(?P<gap>[^.;|\n\u20b9]{{0,80}}?){_AMOUNT}{_SHARE}", re.IGNORECASE)),
    (0, regex(rf"{_AMOUNT}{_SHARE}(?P<gap>[^.;|\n\u20b9]{{0,30}}?)\b(?P<what>dividend)\b", re.IGNORECASE)),
    (
        0,
        regex(
            (
                rf"\b(?P<what>dividend)s?(?: per (?:equity )?share| declared)?(?:\s\(\w+\))?(?P<gap>\s{{0,2}}(?::"
                rf"|of|at|\|)\s{{0,3}}(?:of )?){_AMOUNT}(?!\s?\w* ?%)"
            ),
            re.IGNORECASE,
        ),
    ),
    (
        0,
        regex(
            rf"\b(?:declare[ds]?|announce[ds]?|recommend(?:s|ed)?|pays?)\s(?:an?\s)?(?:interim\s|final\s|special\s)?"
            rf"{_AMOUNT}(?P<gap>\s)(?:interim\s|final\s|special\s)?(?P<what>dividend)\b",
            re.IGNORECASE,
        ),
    ),
    (
        1,
        regex(
            (
                r"\b(?P<what>dividend) per (?:equity )?share(?:\s\([^()\n]{1,12}\))?(?P<gap>\s{0,2}(?:[:"
                r"|]|(?:of |at |was )?(?=\u20b9|Rs|INR))\s{0,3})(?:(?:\u20b9|Rs\.?"
                r"|INR)\s?)?(?P<n>\d{1,5}(?:\.\d{1,4})?)(?![\d,.%])"
            ),
            re.IGNORECASE,
        ),
    ),
)
_GUIDANCE = regex(
    r"\b(?:guidance|guides?\b|guided|outlook|(?:management|company|firm|bank|it"
    r"|board)(?:'s)? (?:expects?|targets?|aims?|plans?|is targeting|has guided|hopes|projects)"
    r"|on track to|expects? to"
    r"|plans? to|aims? to|targets?:?|goal:?|targeting)\b",
    re.IGNORECASE,
)
_NOT_GUIDANCE = regex(r"\b(?:analyst|broker|target price|price target|estimates?|consensus|poll)", re.IGNORECASE)
_BASIS = regex(
    (
        r"(?<!and )(?<!or )(?<!& )(?<!/)(?<!view )(?<!see )\b(?:consolidated|stand-?alone)\b"
        r"(?!\s?(?:and|or|&|/)\s?(?:consolidated"
        r"|stand-?alone))"
        r"(?!\s(?:\w+\s)?(?:debt|borrowings?|cash|order|AUM|headcount"
        r"|workforce|position|entity|assets?|its|his|their|the\s(?!quarter)))"
        r"|(?<=[(,|])[ ]?(?:consol|conso|cons)\b\.?(?=[ ]{0,2}[,)|])"
    ),
    re.IGNORECASE,
)
_NATURE = regex(
    r"\bnature of (?:the )?report[ ]?\(?(?:stand-?alone (?:or|/) ?consolidated)?\)?"
    r"(?:[\s:|]{1,8}|(?<=consolidated)|(?<=standalone\)))(consolidated|stand-?alone)(?:\b|(?=consolidated|stand-?alone))",
    re.IGNORECASE,
)
_LTD = regex(
    r"\b([A-Z][\w&.'()-]{0,60}(?:[ ]{1,2}(?:[A-Z&(][\w&.'()-]{0,60}|and|of|de)){0,7}[ ]{1,2}(?:Limited|LIMITED"
    r"|Ltd\b\.?|LTD\b\.?))"
)


def report_date(view: str) -> Fact | None:
    """The day the results were announced or approved, where the text says so."""
    found = [(m.start("date"), m.end("date"), read_date(m["date"])) for m in _REPORTED.finditer(view)]
    for m in _ON_DAY.finditer(view):
        name = next(n for n in ("inner", "plain", "date") if m[n])
        found.append((m.start(name), m.end(name), read_date(m[name])))
    found += [
        (m.start("date"), m.end("date"), read_date(m["date"]))
        for m in _DATELINE.finditer(view[:3000])
        if len(find_dates(view[m.start() : m.end() + 40].split("\n", maxsplit=1)[0])) < 2 or "|" not in m[0]
    ]
    days = [(day, start, end) for start, end, day in found if day]
    if not days:
        return None
    day, start, end = days[0]
    return Fact("report_date", day.isoformat(), start, end)


def next_date(view: str) -> Fact | None:
    """The day the next results are due."""
    for match in _NEXT.finditer(view):
        name = next(n for n in ("date", "meeting", "call", "coming", "meet", "set", "due") if match[n])
        day = read_date(match[name])
        if day:
            return Fact("next_earnings_date", day.isoformat(), match.start(name), match.end(name))
    return None


def dividends(view: str) -> list[Fact]:
    """Dividends per share in rupees; a total of several is a stand-in."""
    facts = []
    for rank, pattern in _DIVIDENDS:
        for match in pattern.finditer(view):
            value = digits_value(match["n"])
            before = view[max(0, match.start() - 30) : match.start()].rsplit("\n", maxsplit=1)[-1]
            words = match["gap"] + (match[0].split(match["gap"])[0] if match["gap"] else "")
            after = view[match.end() : match.end() + 16]
            after = "" if re.match(r"[,;(]?\s{0,2}[,;(]", after) else after
            if value is None or re.search(
                r"estimat|expect|yield|last year|previous year|face value|record|EPS|earnings|payout|analyst",
                words + after.replace("face value", ""),
                re.IGNORECASE,
            ):
                continue
            total = bool(re.search(r"\b(?:total|aggregate|full[- ]year|annual)\b", before + words, re.IGNORECASE))
            facts.append(Fact("dividend_per_share_inr", value, match.start("n"), match.end("n"), rank=rank + 3 * total))
    return facts


def bases(view: str) -> list[Fact]:
    """Every mention of a basis."""
    told = _NATURE.search(view)
    if told:
        return [Fact("basis", told[1].lower().replace("-", ""), told.start(1), told.end(1))]
    return [
        Fact("basis", "standalone" if "s" in m[0].strip()[:1].lower() else "consolidated", m.start(), m.end())
        for m in _BASIS.finditer(view)
    ]


def guidance(view: str) -> Fact | None:
    """The first sentence in which the company looks ahead."""
    match = _GUIDANCE.search(view)
    if match is None:
        return None
    line_start = view.rfind("\n", 0, match.start()) + 1
    line_end = view.find("\n", match.end())
    line_end = len(view) if line_end < 0 else line_end
    for start, end in sentences(view, line_start, line_end):
        if start <= match.start() < end:
            first = end - len(view[start:end].lstrip(" \t-*#>|"))
            words = view[first:end].rstrip(" |")
            if len(words.split()) >= 4 and len(words) <= 600 and not _NOT_GUIDANCE.search(words):
                return Fact("guidance", words, first, first + len(words))
    return None


def company_name(view: str, symbol: str | None = None) -> Fact | None:
    """The name of the company where one stands with its Limited near the beginning; of several the one asked for."""
    for match in _LTD.finditer(view[:6000]):
        start = match.start(1) + len(match[1]) - len(OFFICE.sub("", match[1]))
        name = view[start : match.end(1)]
        if name and len(name) <= 80 and (symbol is None or resembles(symbol, name)):
            return Fact("company", name, start, match.end(1))
    return None
