"""Amounts as India writes them: 1,23,456.78, ₹1.2 lakh crore, Rs 96 Cr, (22.59), -₹5 crore, INR 3 bn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from robotrader.core.background_scheduler.parsers.patterns import regex

UNIT = (
    r"(?:lakhs?|lacs?|l)[ \t-]{0,2}(?:crores?|crs?)\b\.?|crores?\b|crs?\b\.?|lakhs?\b|lacs?\b"
    r"|trillion\b|trn?\b|tn\b|billions?\b|bn\b"
    r"|millions?\b|mn\b|mln\b|mio\b|thousands?\b|'?000s?\b(?<=[0s])"
)
"""A magnitude word; to be used with ``re.I``."""

_FACTORS = (
    (regex(r"l\w{0,4}[ \t-]*cr|tr|tn", re.IGNORECASE), Decimal(10) ** 12),
    (regex(r"cr", re.IGNORECASE), Decimal(10) ** 7),
    (regex(r"la", re.IGNORECASE), Decimal(10) ** 5),
    (regex(r"b", re.IGNORECASE), Decimal(10) ** 9),
    (regex(r"m", re.IGNORECASE), Decimal(10) ** 6),
    (regex(r"t|k|'?0", re.IGNORECASE), Decimal(1000)),
)
DIGITS = r"\d{1,3}(?:,\d{2,3}){1,6}(?:\.\d{1,6})?|\d{1,16}(?:\.\d{1,17})?"
RUPEE = r"\u20b9|\bRs(?![A-Za-z])\.?|\bINR(?![A-Za-z])|\bRe(?![A-Za-z])\.?|\bRupees\b"
DOLLAR = r"US ?\$|\$|\bUSD(?![A-Za-z])|\u20ac|\u00a3|\bEUR\b|\bGBP\b"
MONEY = regex(
    rf"(?P<sign>(?<![\w)%])[-+\u2212~]|\()?[ \t]{{0,6}}(?:(?P<inr>{RUPEE})|(?P<usd>{DOLLAR})|(?<![\w.,/]))[ \t.]{{0,3}}"
    rf"(?P<inner>[-(])?[ \t]{{0,1}}(?P<digits>{DIGITS})(?![\d,]\d)(?!\d)(?P<plus>\+)?(?P<close>\))?[ \t-]{{0,3}}"
    rf"(?:(?P<unit>{UNIT})|(?P<letter>[MBK])\b)?",
    re.IGNORECASE,
)
"""Anything that may be an amount; ``read_money`` says whether it is one."""
_GROUPED = regex(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?$|\d{1,2}(?:,\d{2})*,\d{3}(?:\.\d+)?$|\d+(?:\.\d+)?$")
_NO_AMOUNT = regex(r"[A-Za-z%\u00b0]|[ \t]?%|[ \t-]?(?:per ?cent|percent|pc\b|bps|basis)", re.IGNORECASE)
_RANGE_ON = regex(r"[ \t]?(?:-|to)[ \t]?(?:\u20b9|Rs\.?|INR)?[ \t]?\d", re.IGNORECASE)
_RANGE_BACK = regex(r"(?<![A-Za-z\d.,])(?<!20\d\d-)(?!(?:19|20)\d\d[ \t]?to\b)[\d.,]{1,12}[ \t]?(?:-|to)[ \t]?$")
_VOLUME = regex(
    r"[ \t-]{0,2}(?:metric |equity |square |sq\.? ?|new |active |registered )?(?:tonn?e?s?|mt\b|mtpa"
    r"|tpa|units?|shares|loans?|"
    r"customers|users|vehicles|kg|litres?|barrels?|sq|feet|ft|subscribers|people|employees|homes"
    r"|houses|cases|boxes|km|mw|gw|"
    r"outlets|stores|downloads|transactions|accounts|members|passengers|bags|ounces|times|x\b|days"
    r"|per ?cent|%|bps|basis)",
    re.IGNORECASE,
)
_SEPARATOR = regex(r"[A-Za-z)*%](?<!\b(?:of|at|is|to))(?<!\bwas)[ \t]{1,3}-[ \t]$")
"""A dash between a name and its amount, as in "Revenue - \u20b9400 crore", is no minus."""
_FOREIGN = regex(
    r"[ \t-]{0,2}(?:(?:us|u\.s\.|american|british|singapore|australian) )?(?:dollars?|euros?|pounds?|sterling|yen|yuan"
    r"|dirhams?|riyals?|ringgit|USD|EUR|GBP|AED|SGD|JPY)\b",
    re.IGNORECASE,
)
"""A currency behind its amount: "92 million euros"."""
_SECOND_UNIT = regex(rf"[ \t-]{{0,3}}(?:{UNIT})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount in a text.

    Attributes:
        value: the figure as written, signed, without its unit.
        factor: what the unit multiplies by, or None where no unit stands.
        currency: ``INR``, ``USD`` (any foreign one) or None where none stands.
        vague: "2,500+" or one end of a range.
    """

    value: Decimal
    factor: Decimal | None
    currency: str | None
    start: int
    end: int
    vague: bool = False
    bracketed: bool = False

    @property
    def rupees(self) -> Decimal | None:
        """The amount in rupees, or None without a unit or in foreign money."""
        if self.factor is None or self.currency == "USD":
            return None
        return plain(self.value * self.factor)


def plain(value: Decimal) -> Decimal:
    """The same number without an exponent or trailing zeros."""
    if value == value.to_integral_value():
        return Decimal(int(value))  # of any size: "quantize" refuses what has more than 28 digits
    return value.normalize()


def unit_factor(word: str) -> Decimal | None:
    """What a magnitude word multiplies by."""
    word = word.strip(" .-\t")
    for pattern, factor in _FACTORS:
        if pattern.match(word):
            return factor
    return None


def digits_value(digits: str) -> Decimal | None:
    """The value of a run of digits, or None where its grouping is nobody's."""
    if len(digits) > 30 or not digits.isascii() or not _GROUPED.match(digits):
        return None
    return Decimal(digits.replace(",", ""))


def read_money(match: re.Match[str], text: str) -> Amount | None:
    """The amount a match of ``MONEY`` stands for, or None for a percentage, a volume, a date, damaged digits."""
    value = digits_value(match["digits"])
    if value is None:
        return None
    letter = match["letter"]
    foreign = match["usd"] or (not match["inr"] and _FOREIGN.match(text, match.end()))
    currency = "INR" if match["inr"] else "USD" if foreign else None
    unit = match["unit"] or (letter if letter and currency else None)
    after = text[match.end() : match.end() + 24]
    start = match.end("sign") if match["sign"] == "(" else match.start()
    while text[start] in " \t":
        start += 1
    end = match.end("unit") if match["unit"] else match.end("letter") if unit else match.end("digits")
    if not unit and match["inner"] == "(" and match["close"]:
        end = match.end("close")
    if not unit and _NO_AMOUNT.match(text, end):
        return None
    if _VOLUME.match(after if unit else text[end : end + 24]) and currency is None:
        return None
    enclosed = bool(match["close"]) and (match["inner"] == "(" or (match["sign"] == "(" and bool(unit)))
    minus = match["sign"] == "-" and not _SEPARATOR.search(text, max(0, match.start() - 40), match.start("sign") + 2)
    inner = match["inner"] == "-" and not _SEPARATOR.search(text, max(0, match.start() - 40), match.start("inner") + 2)
    negative = minus or inner or enclosed
    vague = bool(
        match["plus"]
        or _RANGE_ON.match(text, match.end("digits"))
        or _RANGE_BACK.search(text[max(0, start - 18) : start])
    )
    vague = vague or bool(unit and _SECOND_UNIT.match(text, end))
    vague = vague or (match["sign"] == "-" and start > 0 and text[start - 1].isdigit())
    opened = match["sign"] == "("
    return Amount(
        -value if negative else value,
        unit_factor(unit) if unit else None,
        currency,
        start,
        end,
        vague,
        (opened and text[end : end + 1] == ")") or (opened and bool(match["close"])),
    )


_CELL = regex(
    rf"(?P<arrow>[\u2191\u2193])?[ ]?(?P<sign>[-+(])?[ ]{{0,6}}(?:(?P<inr>{RUPEE})"
    rf"|(?P<usd>{DOLLAR}))?[ .]{{0,2}}(?P<inner>[-(])?[ ]?"
    rf"(?P<digits>{DIGITS})[ ]?(?P<close>\))?[ ]?(?:(?P<pct>%|per ?cent|percent)|(?P<unit>{UNIT}))?[ .]?(?P<shut>\))?"
    rf"(?P<tail>[ ]?(?:[*#^@\u00b9\u00b2\u00b3\u2022-]|\([a-z0-9]{{1,2}}\)|\u2191|\u2193|[^\w\s()%.,:;/+]){{0,3}})$",
    re.IGNORECASE,
)
_DASH = regex(r"(?:-{1,3}|n\.?a\.?|nil|\.|n\.?m\.?|not (?:reported|applicable|available|disclosed))$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell that holds a figure and nothing else; ``value`` is None for a dash."""

    value: Decimal | None
    percent: bool
    factor: Decimal | None
    currency: str | None


def read_cell(cell: str) -> Cell | None:
    """A cell's figure, a dash, or None where the cell is words or damaged digits."""
    cell = cell.strip(" \t*")
    if not cell or len(cell) > 60:
        return None
    if _DASH.match(cell):
        return Cell(None, False, None, None)
    match = _CELL.match(cell)
    value = digits_value(match["digits"]) if match else None
    if match is None or value is None:
        return None
    opened = (match["sign"] == "(") + (match["inner"] == "(")
    closed = bool(match["close"]) + bool(match["shut"])
    if opened != closed:
        return None
    negative = bool(opened) or "-" in (match["sign"], match["inner"]) or match["arrow"] == "\u2193"
    factor = unit_factor(match["unit"]) if match["unit"] else None
    currency = "INR" if match["inr"] else "USD" if match["usd"] else None
    return Cell(-value if negative else value, bool(match["pct"]), factor, currency)


_DECLARED = regex(
    rf"(?:\b(?:rs\.?|inr|rupees|amounts?|figures|values?|t|all)[ \t]{{0,4}}|\u20b9[ \t]{{0,2}}"
    rf"|[?(][ \t]{{0,2}})(?:are[ \t])?in[ \t]{{1,2}}"
    rf"(?:the[ \t])?(?:indian[ \t])?(?:rs\.?|inr|rupees|\u20b9)?[ \t]{{0,2}}(?P<a>{UNIT})"
    rf"|(?:\brs\.?|\binr|\u20b9|\brupees(?:[ \t]in)?)[ \t]{{0,2}}\.?[ \t]?\(?(?P<b>{UNIT})"
    rf"|\b(?:rounding(?:[ \t]level)?"
    rf"(?:[ \t]used(?:[ \t]in(?:[ \t]the)?[ \t]financial[ \t](?:results|statements))?)?"
    rf"|units?|denomination|scale|amounts?[ \t]in)[ \t"
    rf"|:\"']{{1,8}}(?:in[ \t])?(?:rs\.?|inr|\u20b9)?[ \t]?(?P<c>{UNIT})"
    rf"|[(:,\u2013-][ \t]{{0,2}}(?:in[ \t])?(?:inr|rs\.?|\u20b9)[ \t]?(?:in[ \t])?(?P<d>[mb])(?=[ \t]*(?:\)|,|;|\||$))"
    rf"|(?P<usd>(?:us[ \t]?\$|usd|\$)[ \t]{{0,2}}(?:in[ \t])?\(?(?:{UNIT}|[mb]\b)"
    rf"|in[ \t](?:us[ \t]?\$|usd)[ \t]?(?:{UNIT}))",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Declared:
    """A unit told once for the figures that follow: "(₹ in lakhs)"; ``factor`` None for foreign money."""

    factor: Decimal | None
    start: int
    end: int


def declared_units(text: str) -> list[Declared]:
    """Every place where the unit of the figures around is told."""
    found = []
    for match in _DECLARED.finditer(text):
        if match["usd"]:
            found.append(Declared(None, match.start(), match.end()))
        else:
            found.append(
                Declared(unit_factor(match["a"] or match["b"] or match["c"] or match["d"]), match.start(), match.end())
            )
    return found


def unit_at(units: list[Declared], position: int, until: int) -> Declared | None:
    """The unit that governs ``position``: the last one told before it, else the first one before ``until``."""
    before = [u for u in units if u.start <= position]
    if before:
        return before[-1]
    return next((u for u in units if position < u.start < until), None)
