"""Values that cannot be, or that contradict each other. What is doubtful is said; no value is ever altered.

Ratios of one company hang together: price = P/E x EPS = P/B x book value, return on equity = profit / equity, and with
the market cap and the profit of twelve months also P/E = market cap / profit. They are never taken at one instant (a
ratio is of last night, a book value of last March, a profit of one basis or the other), so each check has a tolerance
that honest figures keep and a slip of a decimal point, of crore for lakh or of a percentage for a fraction does not.
Every figure is taken as the whole span that rounds to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.records import Fundamentals


class Doubt(NamedTuple):
    """One doubt: the field it is about, the check that raised it, and a sentence with the figures."""

    field: str
    check: str
    message: str


PRICE_TOLERANCE = Decimal("1.5")
"""How far two ways to the price may lie apart: one is at most half again the other."""
PROFIT_TOLERANCE = Decimal(2)
"""The same for market cap / profit against the P/E: one profit may be standalone, the other consolidated."""
RETURN_TOLERANCE = Decimal("2.5")
"""The same for returns on equity, which are of different years and of average or closing equity."""
RETURN_POINTS = Decimal(3)
"""Returns closer than this many percentage points are never doubted."""
VALUE_TOLERANCE = Decimal(10)
"""A fair value is doubted beyond ten times or below a tenth of the price."""
PAYOUT_LIMIT = Decimal(1000)
"""Dividend yield x P/E is the share of profit paid out; above this many percent it is doubted."""

NAMES = {
    "pe": "P/E",
    "pb": "P/B",
    "roe_pct": "return on equity",
    "roce_pct": "return on capital employed",
    "roa_pct": "return on assets",
    "debt_to_equity": "debt to equity",
    "current_ratio": "current ratio",
    "dividend_yield_pct": "dividend yield",
    "market_cap_inr": "market cap",
    "eps_ttm_inr": "EPS",
    "book_value_inr": "book value",
    "sales_growth_pct": "sales growth",
    "profit_growth_pct": "profit growth",
    "promoter_holding_pct": "promoter holding",
    "fair_value_inr": "fair value",
}
BOUNDS: dict[str, tuple[Decimal, Decimal]] = {
    "pe": (Decimal(-5000), Decimal(5000)),
    "pb": (Decimal(-500), Decimal(500)),
    "roe_pct": (Decimal(-1000), Decimal(1000)),
    "roce_pct": (Decimal(-1000), Decimal(1000)),
    "roa_pct": (Decimal(-200), Decimal(200)),
    "debt_to_equity": (Decimal(-100), Decimal(100)),
    "current_ratio": (Decimal(0), Decimal(500)),
    "dividend_yield_pct": (Decimal(0), Decimal(100)),
    "market_cap_inr": (Decimal(10) ** 7, Decimal(10) ** 14),
    "eps_ttm_inr": (Decimal(-100_000), Decimal(100_000)),
    "book_value_inr": (Decimal(-2_000_000), Decimal(2_000_000)),
    "sales_growth_pct": (Decimal(-100), Decimal(10_000)),
    "profit_growth_pct": (Decimal(-100_000), Decimal(100_000)),
    "promoter_holding_pct": (Decimal(0), Decimal(100)),
    "fair_value_inr": (Decimal("0.01"), Decimal(10_000_000)),
}
"""Lowest and highest value of each field; the widest that a listed Indian company has come near to, and room above."""


@dataclass(frozen=True, slots=True)
class _Estimate:
    """One way to a quantity: the words for it, and the span it can lie in."""

    words: str
    low: Decimal
    high: Decimal

    @property
    def middle(self) -> Decimal:
        """What is shown."""
        return (self.low + self.high) / 2


def check(
    record: Fundamentals, *, price_inr: Decimal | None = None, profit_ttm_inr: Decimal | None = None
) -> tuple[Doubt, ...]:
    """What is doubtful about a record, given the price of one share and the profit of twelve months where known."""
    found = list(_bounds(record))
    outside = {doubt.field for doubt in found}
    values = {name: getattr(record, name) for name in NAMES if name not in outside}
    known = {name: value for name, value in values.items() if isinstance(value, Decimal) and value.is_finite()}
    found += _signs(known)
    prices = _prices(known, price_inr)
    found += _apart(prices)
    found += _returns(known, profit_ttm_inr)
    found += _profit(known, profit_ttm_inr)
    found += _fair_value(known, prices)
    found += _payout(known)
    return tuple(found)


def _bounds(record: Fundamentals) -> Iterator[Doubt]:
    for name, (low, high) in BOUNDS.items():
        value = getattr(record, name)
        if not isinstance(value, Decimal):
            continue
        if not value.is_finite() or not low <= value <= high:
            yield Doubt(
                name, "bounds", f"{_told(name, value)} is outside of {_amount(name, low)} to {_amount(name, high)}"
            )


def _signs(known: dict[str, Decimal]) -> Iterator[Doubt]:
    """P/E has the sign of the EPS, P/B and debt to equity that of the book value; neither ratio is nothing."""
    for ratio, base in (("pe", "eps_ttm_inr"), ("pb", "book_value_inr"), ("debt_to_equity", "book_value_inr")):
        value, other = known.get(ratio), known.get(base)
        if value is None:
            continue
        if ratio != "debt_to_equity" and value == 0:
            yield Doubt(ratio, "sign", f"{NAMES[ratio]} is 0, which no price gives")
        elif other is None and ratio != "pe" and value < 0:
            yield Doubt(ratio, "sign", f"{_told(ratio, value)} is negative, though no negative book value is told")
        elif other is not None and value * other < 0:
            yield Doubt(ratio, "sign", f"{_told(ratio, value)} and {_told(base, other)} have different signs")


def _prices(known: dict[str, Decimal], price: Decimal | None) -> list[_Estimate]:
    """Every way to the price of a share."""
    found: list[_Estimate] = []
    if price is not None and price.is_finite() and price > 0:
        found.append(_Estimate("the price", price, price))
    for ratio, base in (("pe", "eps_ttm_inr"), ("pb", "book_value_inr")):
        if ratio in known and base in known and known[ratio] * known[base] > 0:
            low, high = _product(known[ratio], known[base])
            words = f"{NAMES[ratio]} {known[ratio]:f} x {NAMES[base]} {known[base]:f}"
            found.append(_Estimate(words, low, high))
    return found


def _apart(prices: list[_Estimate]) -> Iterator[Doubt]:
    """Two ways to the price that are too far from each other."""
    for i, first in enumerate(prices):
        for second in prices[i + 1 :]:
            if _too_far(first, second, PRICE_TOLERANCE):
                field = "pe" if "P/E" in first.words + second.words else "pb"
                yield Doubt(field, "price", f"{_gives(first)}, {_gives(second)}")


def _gives(estimate: _Estimate) -> str:
    shown = _rupees(estimate.middle)
    return f"the price is {shown}" if estimate.words == "the price" else f"{estimate.words} gives {shown}"


def _returns(known: dict[str, Decimal], profit: Decimal | None) -> Iterator[Doubt]:
    """Return on equity against P/B / P/E, against EPS / book value, and against profit / (market cap / P/B)."""
    roe = known.get("roe_pct")
    if roe is None:
        return
    ways: list[_Estimate] = []
    for top, under in (("pb", "pe"), ("eps_ttm_inr", "book_value_inr")):
        a, b = known.get(top), known.get(under)
        if a is not None and b is not None and b > 0 and (top != "pb" or a > 0):
            low, high = _quotient(a, b)
            ways.append(_Estimate(f"{NAMES[top]} {a:f} / {NAMES[under]} {b:f}", low * 100, high * 100))
    cap, pb = known.get("market_cap_inr"), known.get("pb")
    if profit is not None and profit.is_finite() and cap is not None and cap > 0 and pb is not None and pb > 0:
        low, high = _product(profit / cap * 100, pb)
        ways.append(_Estimate(f"profit {_rupees(profit)} on market cap {_rupees(cap)} / P/B {pb:f}", low, high))
    told = _Estimate("", *_span(roe))
    for way in ways:
        if _too_far(told, way, RETURN_TOLERANCE) and abs(told.middle - way.middle) > RETURN_POINTS:
            shown = f"{way.middle:.1f} %"
            yield Doubt("roe_pct", "return", f"return on equity is {roe:f} %, {way.words} gives {shown}")
            return


def _profit(known: dict[str, Decimal], profit: Decimal | None) -> Iterator[Doubt]:
    """Market cap / profit of twelve months against the P/E."""
    cap, pe = known.get("market_cap_inr"), known.get("pe")
    if profit is None or not profit.is_finite() or profit == 0 or cap is None or pe is None:
        return
    if profit * pe < 0:
        yield Doubt("pe", "profit", f"P/E {pe:f} and a profit of {_rupees(profit)} have different signs")
        return
    low, high = _span(cap)
    own = _Estimate("", *sorted((low / abs(profit), high / abs(profit))))
    if _too_far(_Estimate("", *_span(abs(pe))), own, PROFIT_TOLERANCE):
        words = f"market cap {_rupees(cap)} / profit {_rupees(profit)} gives a P/E of {own.middle:.1f}"
        yield Doubt("market_cap_inr", "profit", f"P/E is {pe:f}, {words}")


def _fair_value(known: dict[str, Decimal], prices: list[_Estimate]) -> Iterator[Doubt]:
    value = known.get("fair_value_inr")
    if value is not None and prices and _too_far(_Estimate("", *_span(value)), prices[0], VALUE_TOLERANCE):
        yield Doubt("fair_value_inr", "fair value", f"fair value is {_rupees(value)}, {_gives(prices[0])}")


def _payout(known: dict[str, Decimal]) -> Iterator[Doubt]:
    dividend, pe = known.get("dividend_yield_pct"), known.get("pe")
    if dividend is not None and pe is not None and pe > 0 and dividend * pe > PAYOUT_LIMIT:
        share = f"{dividend * pe:.0f} % of profit"
        yield Doubt("dividend_yield_pct", "payout", f"dividend yield {dividend:f} % x P/E {pe:f} pays out {share}")


def _span(value: Decimal) -> tuple[Decimal, Decimal]:
    """Every number that rounds to the figure as written."""
    exponent = value.as_tuple().exponent
    half = Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0) / 2
    half = min(half, abs(value) / 2)
    return value - half, value + half


def _product(a: Decimal, b: Decimal) -> tuple[Decimal, Decimal]:
    ends = [x * y for x in _span(a) for y in _span(b)]
    return min(ends), max(ends)


def _quotient(a: Decimal, b: Decimal) -> tuple[Decimal, Decimal]:
    ends = [x / y for x in _span(a) for y in _span(b)]
    return min(ends), max(ends)


def _too_far(a: _Estimate, b: _Estimate, tolerance: Decimal) -> bool:
    """No number of the one span is within the tolerance of any number of the other."""
    if a.high <= 0 or b.high <= 0:  # a loss is compared with a loss, and a loss with a profit is too far
        if a.low >= 0 or b.low >= 0:
            return a.high < 0 or b.high < 0
        a, b = _Estimate("", -a.high, -a.low), _Estimate("", -b.high, -b.low)
    return a.low > b.high * tolerance or b.low > a.high * tolerance


def _told(name: str, value: Decimal) -> str:
    return f"{NAMES[name]} {_amount(name, value)}"


def _amount(name: str, value: Decimal) -> str:
    if not value.is_finite():
        return str(value)
    if name.endswith("_inr"):
        return _rupees(value)
    return f"{value:f} %" if name.endswith("_pct") else f"{value:f}"


def _rupees(value: Decimal) -> str:
    """Rupees as India groups them, from one crore on in crore."""
    sign, value = "-" if value < 0 else "", abs(value)
    crore = value >= 10**7
    shown = value / 10**7 if crore else value
    whole, _, rest = f"{shown:.2f}".partition(".") if shown < 100 else (f"{shown:.0f}", "", "")
    head, tail = whole[:-3], whole[-3:]
    groups = [head[max(0, i - 2) : i] for i in range(len(head), 0, -2)][::-1]
    rest = f".{rest}" if rest.strip("0") else ""
    return f"{sign}₹{','.join((*groups, tail))}{rest}{' crore' if crore else ''}"
