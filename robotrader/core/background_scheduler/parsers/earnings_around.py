"""What stands around a word of results prose: whether an amount, a period or a name means what it alone would mean."""

from __future__ import annotations

import itertools
import re

from robotrader.core.background_scheduler.parsers.earnings_facts import same_quarter
from robotrader.core.background_scheduler.parsers.earnings_lexer import Token
from robotrader.core.background_scheduler.parsers.earnings_state import PLAIN, SEGMENTS, State
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.periods import Period
from robotrader.core.background_scheduler.parsers.text import word_set

_BEATEN = regex(r"beat|miss|exceed|top|surpass|above|below|ahead|outp|trail|lag|compar|easily|comfortably")
"""Words between an amount and the estimate that it is set against."""


def goes_on(items: list[Token], i: int) -> bool:
    """What follows a semicolon is another growth of the same figure: "...; on a yearly basis it was up 6%"."""
    ahead = list(itertools.takewhile(lambda t: t.kind not in (";", "|", "\n", "cut", "money"), items[i + 1 :]))
    kinds = [t.kind for t in ahead]
    if kinds[:1] and kinds[0] in ("up", "down") and "percent" in kinds[1:3]:
        behind = kinds[kinds.index("percent") + 1 :]  # "; growth of 14%", and not "| up 3% today"
        return not behind or behind[0] in ("yoy", "qoq", "prior", ",", ")")
    return "percent" in kinds and ("yoy" in kinds or "qoq" in kinds) and not {"metric", "other"} & set(kinds)


def takes_up(items: list[Token], i: int) -> bool:
    """What follows "while" is still about the same figure: ", while it was up 5% over the year"."""
    ahead = items[i + 1 : i + 2]
    return (
        items[i].name in ("while", "whilst", "whereas")
        and bool(ahead)
        and (ahead[0].name == "it" or ahead[0].kind in ("up", "down"))
    )


def bracketed(items: list[Token], i: int) -> bool:
    """The mark stands inside of brackets."""
    near = [t.kind for t in items[max(0, i - 14) : i]]
    return near.count("(") > near.count(")")


def opens_aside(state: State, items: list[Token], i: int) -> bool:
    """Another quarter in brackets with its figure: "PAT Rs 38 crore (Q4 FY24: Rs 35 crore)"."""
    opened = i and items[i - 1].kind == "(" and i + 1 < len(items) and items[i + 1].kind in (":", "money")
    new, old = items[i].period, state.period
    return bool(opened and new and old and not same_quarter(new, old))


def ends_aside(items: list[Token], i: int) -> bool:
    """The quarter of an amount that stands with it in brackets behind another: "Rs 38 crore (Rs 35 crore in Q4)"."""
    if i < 2 or items[i - 1].name not in ("in", "for", "during", "of"):
        return False
    behind = list(itertools.takewhile(lambda t: t.kind != "(", reversed(items[: i - 1])))
    opened = len(behind) + 1 < i and items[i - 2 - len(behind)].kind == "("
    kinds = {t.kind for t in behind}
    return opened and "money" in kinds and not kinds & {")", "metric", "other"}


def is_part(token: Token, before: Token | None, text: str) -> bool:
    """The name is only a part of the company: "retail revenue", "Jio's net profit"."""
    if (
        before is None
        or before.kind != "word"
        or token.name in ("eps_inr", "net_margin_pct")
        or text[before.end : token.start].strip()
    ):
        return False
    word = before.name
    if word in PLAIN or word.endswith(("'s", "s'")):
        return False
    if word in SEGMENTS or (text[before.start].isupper() and text[token.end : token.end + 1] == ":"):
        return True
    if token.name == "loss" and word.islower() and text[before.start].islower():
        return word not in (
            "turned",
            "suffered",
            "suffers",
            "incurred",
            "widening",
            "wider",
            "narrower",
            "narrowing",
            "narrow",
            "widened",
            "narrowed",
        )
    told = word.endswith("ed") and word not in _LINES  # a verb: "garnered revenue"
    return token.name == "revenue_inr" and text[before.start].islower() and not told


def is_line(items: list[Token], i: int) -> bool:
    """A part's revenue is told together with its EBITDA: "India revenues were Rs 400 crore and EBITDA Rs 90 crore"."""
    if items[i].name != "revenue_inr" or any(t.kind not in ("word", "period") for t in items[: i - 1]) or i > _NEAR:
        return False
    rest = list(itertools.takewhile(lambda t: t.kind not in (";", "|", "cut", "\n"), items[i + 1 :]))
    named = [t for t in rest if t.kind in ("metric", "other")]
    return bool(named) and named[0].name == "ebitda_inr"


_NEAR = 3
"""Tokens before the figure's name at the head of a sentence."""


def adds_earlier(items: list[Token], i: int, prior: int) -> bool:
    """One more amount to compare with: "against a loss of Rs 24 crore in Q3 and net profit of Rs 4 crore in Q2"."""
    behind = [t.name for t in items[max(0, i - 2) : i]]
    if behind[-1:] in (["a"], ["an"]) and behind[:1] == ["and"]:
        return True
    profits = ("net_profit_inr", "loss")
    same = items[i].name in profits and any(t.kind == "metric" and t.name in profits for t in items[prior:i])
    return same and behind[-1:] == ["and"]


def possessed(items: list[Token], i: int, text: str) -> bool:
    """Hindi for "of" between a name and the figure, which may be another's: "KTM ka loss"."""
    if i < 2 or items[i - 1].name not in ("ka", "ki", "ke") or items[i - 2].kind != "word":
        return False
    return text[items[i - 2].start].isupper() and items[i - 2].name not in PLAIN


def led_by(items: list[Token], i: int) -> str | None:
    """What stands before the first colon of a bullet and its figures: a ``part`` by its words, ``name`` otherwise.

    None where it is the company as a whole or no name: "Results:", "Q2 FY26 (consolidated):".
    """
    lead = [t for t in items[:i] if t.kind not in ("(", ")", ",")]
    ahead = items[i + 1].kind if i + 1 < len(items) else ""
    if not 1 <= len(lead) <= _LONGEST_LEAD or ahead not in ("metric", "basis") or any(t.kind == ":" for t in items[:i]):
        return None
    if any(t.kind not in ("word", "other") or t.name in _WHOLE_LEADS for t in lead):
        return None
    named = [t for t in lead if t.name not in PLAIN]
    return "part" if named and all(t.name in SEGMENTS or t.name.rstrip("s") in SEGMENTS for t in named) else "name"


def names_earlier(items: list[Token], i: int) -> bool:
    """What stands right before a colon names an earlier period: "Net sales, previous quarter (Rs Cr):"."""
    lead = [t for t in items[max(0, i - 6) : i] if t.kind not in ("(", ")", ",") and t.name not in ("rs", "inr", "cr")]
    return bool(lead) and lead[-1].kind in ("yoy", "qoq") and bool(_EARLIER.search(lead[-1].name))


_EARLIER = regex(r"\b(?:ago|earlier|before|back|previous|last|prior|preceding|same|corresponding)\b")
_LONGEST_LEAD = 8
_WHOLE_LEADS = word_set(
    "highlights highlight results result performance financials financial quarter quarterly figures numbers key "
    "overview summary snapshot company group total overall answer note update a q reported headline headlines actuals "
    "pm am ist live actual p&l main core facts data metrics earnings ltd limited quick takeaways year yoy today here"
)
_LINES = word_set(
    "branded deferred related unallocated committed contracted subscribed allocated fee-based asset-based rented "
    "leased "
    "regulated unregulated outsourced licensed imported exported adjusted annualised annualized combined recognised "
    "unearned accrued fixed managed dedicated packaged processed"
)
"""Words that end as verbs do and name a part of revenue."""


def next_in_series(items: list[Token], i: int) -> Period | None:
    """The quarter of a further amount: "Rs 20 crore in Q4 FY25, Rs 22 crore in Q1 FY26 and Rs 25 crore in Q2 FY26"."""
    behind, ahead = items[i - 1], items[i + 1 : i + 3]
    listed = behind.kind == "," or behind.name == "and"
    if not listed or len(ahead) < 2 or ahead[0].name not in ("in", "for") or ahead[1].kind != "period":
        return None
    return ahead[1].period


def between(items: list[Token], i: int) -> bool:
    """One end of a range: "between Rs 20 crore and Rs 25 crore"."""
    near = [t.name for t in items[max(0, i - 4) : i]]
    return bool(near) and (near[-1] == "between" or (near[-1] in ("and", "to") and "between" in near))


_ABOUT = ("approximately", "about", "around", "nearly", "over")


def is_change(items: list[Token], i: int) -> bool:
    """An amount is the size of a change: "declined by Rs 350 crore", "an increase of Rs 20 crore"."""
    before = [t for t in items[max(0, i - 3) : i] if t.name not in _ABOUT]
    if len(before) < 2:
        return False
    return before[-1].name in ("by", "of") and before[-2].kind in ("up", "down")


def stated_in_brackets(text: str, token: Token) -> bool:
    """A bracketed amount is negative where it is the statement itself: "net profit: (₹22 crore)", "EPS of (₹4.1)"."""
    if (
        token.amount
        and token.amount.bracketed
        and re.match(r"[ ]?\)?[ ](?:vs\b|v/s|versus)", text[token.end : token.end + 12])
    ):
        return bool(re.search(r"[A-Za-z][ ]\([ ]{0,6}$", text[max(0, token.start - 16) : token.start]))
    return bool(re.search(r"(?::|\b(?:of|at|was|to))[ ]{0,2}\([ ]{0,6}$", text[max(0, token.start - 16) : token.start]))


def owns_amount(items: list[Token], i: int, metric: Token) -> bool:
    """The amount is named by what follows: "revenue growth and ₹20 crore PAT"."""
    at = items.index(metric) if metric in items else 0
    return items[i + 1].name != "loss" and any(t.name == "and" or t.kind == "," for t in items[at:i])


def named_next(items: list[Token], i: int) -> bool:
    """The name of an amount follows it: "Rs 20 crore in quarterly revenue"."""
    for token in items[i + 1 : i + 4]:
        if token.kind == "metric":
            return True
        if not (token.kind == "basis" or token.name in ("in", "of", "as", "quarterly", "total", "ka", "ki", "ke")):
            return False
    return False


def is_estimated(items: list[Token], i: int) -> bool:
    """An amount is what somebody expects: "the Rs 1,980 crore consensus estimate"."""
    for token in items[i + 1 : i + 4]:
        if token.kind in ("estimate", "future"):
            return True
        if token.kind not in ("word", "basis") or _BEATEN.match(token.name):
            return False
    return False


def is_written(text: str, token: Token, metric: Token | None) -> bool:
    """A bare figure that is written as amounts are, or stands alone behind a colon."""
    if re.search(r"[.,]\d", text[token.start : token.end]):
        return True
    figure = text[token.start : token.end]
    if metric and metric.end + 1 == token.start and re.fullmatch(r"(?!19\d\d|20\d\d)\d{2,5}", figure):
        return bool(
            re.match(
                r"[ ]vs[ .]{1,2}\d|[ ]?/[ ]?[A-Za-z]{3}|[ ]\((?:Q[1-4]|[1-4]Q|vs\b|v/s|[-+]?\d+(?:\.\d+)?%)"
                r"|,[ ](?:up|down|grew|rose|fell|declin|increas|compar|vs|against|a |an )|[ ]?(?:\n|$)",
                text[token.end : token.end + 12],
            )
        )
    alone = re.match(r"[)]?[ ]{0,3}(?:[,;(|\n]|vs\b|$)", text[token.end : token.end + 6])
    return bool(alone) and text[max(0, token.start - 3) : token.start].rstrip(" (").endswith(":")
