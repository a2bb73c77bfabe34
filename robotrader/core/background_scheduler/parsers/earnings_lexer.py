"""The words of results prose: what is named, how much, which way, compared with what."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.numbers import MONEY, Amount, read_money
from robotrader.core.background_scheduler.parsers.periods import Period, find_periods


@dataclass(frozen=True, slots=True)
class Token:
    """One word of meaning.

    Attributes:
        kind: metric, other, money, percent, period, up, down, yoy, qoq, prior, future, estimate, basis, cut, word, a mark.
        name: a metric's field, ``loss``, a basis, or the word itself in lower case.
        rank: how good a metric's name is.
    """

    kind: str
    start: int
    end: int
    name: str = ""
    rank: int = 0
    amount: Amount | None = None
    percent: Decimal | None = None
    signed: bool = False
    period: Period | None = None


_OTHER = r"""
(?:(?:operating|gross|ebitda|ebit|segment|core|cash|contribution|interest|product|blended|vnb|spread|refining|marketing)[ -]{1,2})?margins?\b
|profits?[ ](?:/[ ]?\(?loss\)?[ ])?(?:\(\w{2,6}\)[ ])?before[ ](?:\w+[ ]){0,3}tax(?:es)?|profit[ ]before|pre-?[ ]?tax[ ](?:profit|loss|income|earnings)s?|PBT\b
|loss(?:es)?[ ]before[ ](?:\w+[ ]){0,2}tax|(?:operating|gross|trading|core|segment|pre-provision(?:ing)?|pre[ ]provision(?:ing)?|notional|cash|treasury|inventory
|comprehensive|forex|foreign[ ]exchange|credit|actuarial|one-time|exceptional|deferred|accumulated|mark-to-market|mtm|refining|impairment|fire|capital|insurance)
[ ](?:operating[ ])?(?:profit|loss|losse|income|gain|earning)s?\b|other[ ]comprehensive|EBIT\b|EBITDAR\b|PPOP\b|PBDT\b|NII\b|net[ ]interest[ ](?:income|margin)
|(?:net[ ])?(?:interest|other|fee|non-interest|fee-based|core|rental|dividend|premium|finance|commission|investment|brokerage)[ -](?:and[ ]\w+[ ])?(?:incomes?|revenues?)\b
|net[ ]premium(?:[ ]income)?|income[ ](?:tax|stream|segment)|net[ ]debt|(?:net[ ])?(?:debt|borrowings?)\s?/\s?ebitda|EBITDA\s?/\s?\w+|dividend[ ]yield
|comprehensive[ ](?:income|loss)|(?:assets?|stake|land|share|unit|vehicle|car|tractor|same-store|like-for-like|retail|export|domestic|automotive|us|india|pre)[ -]sales?\b
|sales[ ](?:volumes?|bookings?|value|growth[ ]in|of[ ](?:\w+[ ])?(?:vehicles|units|cars))|sale[ ]of|volumes?\b|bookings?\b|collections?\b|disbursements?\b
|expenses?\b|expenditure|costs?\b|provisions?\b|provisioning|tax(?:es)?\b(?![ ]profit)|advances\b|deposits?\b|loan[ ]book|loans?\b|AUM\b|assets?\b|order[ -]?(?:book|inflows?|backlog|wins?)
|orders?\b|GMV\b|capex\b|capital[ ](?:expenditure|raise)|debt\b|borrowings?\b|(?:free[ ]|operating[ ])?cash[ ]flows?|FCF\b|cash\b|market[ ](?:cap\w*|value|share)|mcap
|ASP\b|G?NPAs?\b|NNPA\b|NIMs?\b|CASA\b|write-?[ ]?(?:off|down|back)s?|impairment|gains?\b(?=[ ](?:of|on|from))|penalty|fine[ds]?\b|investments?\b|NCDs?\b|fund[ -]?rais\w+|QIP\b|IPO\b
|rights[ ]issue|stake\b|deal[ ]wins?|TCV\b|production|capacity|premiums?\b|buyback|valuations?|target[ ]price|price[ ]target|shares?[ ]price|stock\b|ROA\b|ROE\b|ROCE\b|ARPU\b|GRMs?\b
|realisations?|realizations?|inventor(?:y|ies)|receivables?|payables?|net[ ]worth|depreciation|amortisation|interest\b|rating\b|GDP\b|sensex|nifty|prices?\b|salar(?:y|ies)|attrition
|headcount|exports?\b|imports?\b|royalty|charges?\b|shares?\b(?![ ](?:of|in)[ ](?:profit))|dividends?\b|crude\b|pipeline|settlement|acquisition|acquired
"""
_MARGIN = r"(?:PAT|net[ -]profit|net[ -]income|net|profit[ ]after[ ]tax|profit|bottom-?[ ]?line)[ -]margins?(?:[ ]\(%\))?"
_EPS = r"(?:(?:basic|diluted|adjusted)[ ])?(?:\bEPS\b|earnings?[ ]per[ ](?:equity[ ])?share)(?:[ ]\((?:EPS|basic|earnings[ ]per[ ]share)\))?"
_EBITDA = r"(?:(?:operating|adjusted|reported|normali[sz]ed|pre-ind[ ]as)[ ])?\b(?:EBITDA|EBIDTA|EBDITA|PBIDT|PBDIT|PBILDT)\b"
_REVENUE = r"""
(?:total[ ]|net[ ]|gross[ ])?(?:revenues?|incomes?)[ ](?:earned[ ])?from[ ](?:the[ ])?(?:continuing[ ])?operations?\b|(?:total[ ]|net[ ])?operating[ ]revenues?\b|net[ ]sales\b
|(?:total|gross|overall|net)[ ]revenues?\b|revenues?\b|top-?[ ]?line\b|turnover\b|sales\b
"""
_INCOME = r"(?:total|overall|gross)[ ]income\b|(?<!net[ ])income\b(?![ ]tax)"
_PROFIT = r"""
(?:adjusted[ ])?net[ ](?:profit|earning|income)s?(?:[ ]?/[ ]?\(?loss(?:es)?\)?)?(?:[ ]after[ ]tax(?:es)?)?(?:[ ]\(?PAT\)?)?|(?:adjusted[ ])?profits?(?:[ ]?/[ ]?\(?loss\)?)?[ ]after[ ]tax(?:es)?
(?:[ ]\(PAT\))?|(?:adjusted[ ])?\bPATs?\b|profit[ ](?:\(loss\)[ ])?for[ ]the[ ](?:period|quarter|year)|bottom-?[ ]?line\b|(?:adjusted[ ])?profits?\b(?![ -]?(?:making|taking|booking|sharing|warning))
"""
_LOSS = r"net[ ]loss(?:es)?(?:[ ]after[ ]tax)?|loss(?:es)?[ ]after[ ]tax(?:es)?|loss(?:es)?\b(?![ -](?:making|on|from[ ](?:sale|forex)|ratio|given))"
_YOY = r"""
\bYoY\b|\by-o-y\b|\by/y\b|\byear[ -]on[ -]year\b|\byear[ -]over[ -]year\b|\bon[ -]year\b|\byear[ -](?:ago|earlier)\b|\bannually\b|on[ ](?:a[ ]|an[ ])?(?:yearly|annual)[ ]basis
|(?:the[ ])?(?:same|corresponding|similar|comparable|year-ago)[ ](?:quarter|period)(?:[ ](?:of[ ]|in[ ])?(?:the[ ])?(?:last|previous|preceding|prior)[ ](?:fiscal[ ]|financial[ ])?year)?
|\b(?:last|previous|prior|preceding)[ ](?:fiscal[ ]|financial[ ])?year\b|\ba[ ]year[ ](?:ago|earlier|before|back)\b
"""
_QOQ = r"""
\bQoQ\b|\bq-o-q\b|\bq/q\b|\bquarter[ -](?:on|over)[ -]quarter\b|\bsequential(?:ly)?\b|\b(?:previous|preceding|prior|last|immediately[ ]preceding)[ ](?:quarter|three[ -]months)\b|\bon[ -]quarter\b
|(?:June|September|December|March)[ ]quarter(?=[ ]of[ ](?:last|the[ ]previous))
"""
_UP = r"""
\b(?:up|ris(?:e|es|ing|en)|rose|gr[eo]w(?:s|ing|n)?|growth|jump(?:s|ed|ing)?|increas(?:e|es|ed|ing)|surg(?:e|es|ed|ing)|climb(?:s|ed|ing)?|higher|soar(?:s|ed|ing)?|zoom(?:s|ed|ing)?
|improv(?:e|es|ed|ing|ement)|expand(?:s|ed|ing)|expansion|spurt|spike[ds]?|leap(?:s|t|ed)?|shot|advanced|gained|rall(?:y|ied)|uptick|swell(?:s|ed)|uplift|accelerat(?:ed|es|ing))\b|\u2191
"""
_DOWN = r"""
\b(?:down|f[ae]ll(?:s|ing|en)?|declin(?:e|es|ed|ing)|drop(?:s|ped|ping)?|slip(?:s|ped|ping)?|slump(?:s|ed|ing)?|lower|decreas(?:e|es|ed|ing)|plung(?:e|es|ed|ing)|tumbl(?:e|es|ed|ing)
|shr[iau]nk(?:s|ing)?|contract(?:s|ed|ing|ion)|dip(?:s|ped|ping)?|slid(?:e|es|ing)?|crash(?:es|ed)?|plummet(?:s|ed|ing)?|tank(?:s|ed)?|sank|sinks?|reduc(?:ed|es|tion)|de-?growth|eased|moderated
|halved|weakened|erosion|eroded)\b|\u2193
"""
_EBITDA_LOSS = rf"(?:{_EBITDA})[ ](?:level[ ])?loss(?:es)?\b"
_PRIOR = r"\b(?:from|versus|v/?s|against|as[ ]against|(?:as[ ])?compared[ ](?:to|with|against)|in[ ]comparison[ ](?:to|with)|than|over|estimates?[ ]of|poll[ ]of|consensus[ ]of)\b"
_FUTURE = r"""
\b(?:(?<!beat[ ])(?<!beats[ ])(?<!above[ ])(?<!ahead[ ]of[ ])(?<!exceeded[ ])(?<!exceeding[ ])(?<!beating[ ])(?<!with[ ])(?<!within[ ])guidance|guid(?:ed|es|ing)|target(?:s|ed|ing)?|expect(?:s|ed|ing)?|expected|aim(?:s|ed|ing)?|plan(?:s|ned|ning)?|project(?:s|ed)|will|would|outlook|goal|until|reaffirm\w*|likely|aspir\w+|intend\w*
|could|should|forecast(?:s|ed|ing)?|potential|proposes?|ambition|envisage[sd]?|eye(?:s|ing)|sees|by[ ](?=(?:Q[1-4]|FY|20[2-9]\d|mid-|the[ ]end)))\b
"""
_ESTIMATE = r"\b(?:estimate[sd]?|consensus|polls?|polled|expectations?|analysts?|street|brokerages?|bloomberg|versus[ ]estimates)\b"
_CUT = r"\b(?:while|whereas|however|meanwhile|although|though|amid|despite|driven|due|because|owing|thanks|excluding|including|includes|ex|led|aided|supported|helped|attributed|after|but|where)\b"
_RULES = (
    ("margin", _MARGIN), ("eps", _EPS), ("ebitda_per", r"EBITDA[ ]per\b"), ("perp", rf"(?:{_EBITDA})[ ]margins?"), ("eloss", _EBITDA_LOSS), ("profit0", r"profit[ ]for[ ]the[ ](?:period|quarter|year)"),
    ("basis", r"\b(?:consolidated|standalone|stand-alone)\b"), ("yoy", _YOY), ("qoq", _QOQ), ("revenue", _REVENUE.replace("sales\\b", "(?<![-\\w])sales\\b")),
    ("other", _OTHER), ("income", _INCOME), ("profit", _PROFIT), ("loss", _LOSS), ("ebitda", _EBITDA), ("up", _UP), ("down", _DOWN),
    ("prior", _PRIOR), ("estimate", _ESTIMATE), ("future", _FUTURE), ("cut", _CUT), ("mark", r"[;|,:()\u2026]|\n"),
    ("word", r"[A-Za-z][A-Za-z0-9'&.-]{0,40}"),
)
_ORDER = ("margin", "eps", "ebitda_per", "perp", "eloss", "profit0", "basis", "yoy", "qoq", "pre_other", "revenue_full", "other", "revenue", "income", "profit", "loss",
          "ebitda", "up", "down", "prior", "estimate", "future", "cut", "mark", "word")
_BY_NAME = dict(_RULES) | {"pre_other": r"(?:(?:interest|other|fee|rental|dividend|commission|investment|brokerage|premium)[ -](?:incomes?|revenues?)|same-store[ ]sales)\b",
                           "revenue_full": r"(?:total[ ]|net[ ]|gross[ ])?(?:revenues?|incomes?)[ ](?:earned[ ])?from[ ](?:the[ ])?operations?\b"}
_LEX = re.compile("|".join(f"(?P<{name}>{_BY_NAME[name]})" for name in _ORDER), re.I | re.X)
_PERCENT = re.compile(
    r"(?P<sign>(?<![\w.)])[-+](?=\d))?(?P<range>(?<=\d)[ ]?-[ ]?|(?<=%)[ ]?-[ ]?)?(?<![\w.,])(?P<n>\d{1,5}(?:,\d{3})?(?:\.\d{1,4})?)[ ]?(?P<more>[ ]?(?:-|to|/)[ ]?\d{1,4}(?:\.\d+)?[ ]?)?"
    r"(?P<plus>\+)?(?:%(?P<open>\+)?|[ -]?per ?cent\b(?!age)|percent\b(?!age)|pc\b)(?![ ]?(?:points?|pts))", re.I)
_BPS = re.compile(r"\d{1,5}(?:\.\d+)?[ -]?(?:bps|bp\b|basis points|percentage points|pp\b|ppts?|% ?points?)", re.I)
_AFTER_OTHER = re.compile(
    r"[ ]{0,2}(?:/(?![ ]?\(?loss)|per\b|(?:growth[ ])?(?:guidance|targets?|forecasts?|outlook|estimates?|visibility|mix|share|contribution|pool|base|model|streams?|multiple|run[- ]?rate|potential|"
    r"sharing|from[ ](?!operations|\u20b9|rs\b|inr\b|\d|a[ ]|the[ ]|last|previous|loss|profit|net|q\d|year|continuing|around|about|nearly|over))\b)", re.I)
_FIELDS = {"revenue": "revenue_inr", "revenue_full": "revenue_inr", "income": "revenue_inr", "profit": "net_profit_inr", "profit0": "net_profit_inr",
           "loss": "net_profit_inr", "ebitda": "ebitda_inr", "eloss": "ebitda_loss", "eps": "eps_inr", "margin": "net_margin_pct"}


def _metric(kind: str, words: str, start: int, end: int, text: str) -> Token:
    low = words.lower()
    if kind in ("ebitda_per", "perp") or (kind not in ("eps", "margin") and _AFTER_OTHER.match(text, end)):
        return Token("other", start, end, low)
    rank = 0
    if kind == "revenue":
        rank = 0 if re.search(r"operat|net sales|^revenues?$|top|turnover", low) else 1
    elif kind == "income":
        rank = 3 if low != "income" else 4
    elif kind in ("profit", "profit0", "ebitda"):
        rank = 1 if re.match(r"adjusted|operating|normali|pre-ind", low) else 0
    elif kind == "eps":
        rank = 2 if low.startswith("diluted") else 1 if low.startswith("adjusted") else 0
    return Token("metric", start, end, "loss" if kind == "loss" else _FIELDS[kind], rank)


def tokens(text: str, start: int, end: int, periods: list[Period]) -> list[Token]:
    """The tokens of ``text[start:end]``; ``periods`` are those of the whole text."""
    found = [Token("period", p.start, p.end, period=p) for p in periods if start <= p.start and p.end <= end]
    taken = bytearray(end - start)

    def free(a: int, b: int) -> bool:
        if any(taken[a - start : b - start]):
            return False
        taken[a - start : b - start] = b"\x01" * (b - a)
        return True

    for token in found:
        free(token.start, token.end)
    found += [Token("bps", m.start(), m.end()) for m in _BPS.finditer(text, start, end) if free(m.start(), m.end())]
    for m in _PERCENT.finditer(text, start, end):
        if free(m.start(), m.end()):
            vague = m["range"] or m["more"] or m["plus"] or m["open"]
            value = Decimal(m["n"].replace(",", ""))
            found.append(Token("range" if vague else "percent", m.start(), m.end(), percent=-value if m["sign"] == "-" else value, signed=bool(m["sign"])))
    for m in MONEY.finditer(text, start, end):
        amount = read_money(m, text)
        if amount and amount.end <= end and free(amount.start, amount.end):
            found.append(Token("money", amount.start, amount.end, amount=amount))
    for m in _LEX.finditer(text, start, end):
        kind = m.lastgroup or "word"
        if not free(m.start(), m.end()):
            continue
        if kind in _FIELDS or kind in ("ebitda_per", "perp"):
            found.append(_metric(kind, m[0], m.start(), m.end(), text[:end]))
        elif kind == "mark":
            found.append(Token(m[0], m.start(), m.end()))
        elif kind == "basis":
            found.append(Token("basis", m.start(), m.end(), m[0].lower().replace("-", "")))
        else:
            found.append(Token("other" if kind == "pre_other" else kind, m.start(), m.end(), m[0].lower()))
    return sorted(found, key=lambda t: t.start)


def periods_of(text: str) -> list[Period]:
    """The periods of a text, without ranges such as "Q2-Q3 FY27" that name no single one."""
    found = find_periods(text)
    ranged = {
        i
        for a, b in zip(range(len(found)), range(1, len(found)), strict=False)
        if re.fullmatch(r"[ ]?(?:-|to|/|or)[ ]?", text[found[a].end : found[b].start]) and found[a].kind == found[b].kind
        for i in (a, b)
    }
    return [p for i, p in enumerate(found) if i not in ranged]
