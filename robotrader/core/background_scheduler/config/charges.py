"""What one trade costs, from the dated rates: pure, Decimal only, every charge to the paisa.

An order that is filled in parts pays what one fill of the same turnover would: each part pays the difference to what
was paid before. So does STT, which a contract note rounds to the nearest rupee by day and scrip
(https://tradingqna.com/t/21903); the other charges are rounded half up to the paisa.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.config.charge_rates import BSE_GROUPS, ROWS, RateRow
from robotrader.core.background_scheduler.trading import PAISA, ZERO, Product, Side
from robotrader.core.errors import ConfigurationError, ValidationError

RUPEE = Decimal(1)


class Charges(NamedTuple):
    """Rupees by kind. ``exchange`` has the investor protection fund in it, ``dp`` and ``square_off`` their own GST."""

    brokerage: Decimal = ZERO
    stt: Decimal = ZERO
    exchange: Decimal = ZERO
    sebi: Decimal = ZERO
    stamp: Decimal = ZERO
    gst: Decimal = ZERO
    dp: Decimal = ZERO
    square_off: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        """All of them."""
        return sum(self, ZERO)


class Before(NamedTuple):
    """What went before a trade and decides what it costs.

    Attributes:
        order_inr: turnover of the same order's earlier fills.
        stt_inr: exact STT, before rounding, of the scrip's earlier trades of the day in the account.
        dp: whether the day's DP charge of this ISIN was paid already.
    """

    order_inr: Decimal = ZERO
    stt_inr: Decimal = ZERO
    dp: bool = False


NOTHING = Before()


def charges(
    side: Side,
    product: Product,
    quantity: int,
    price: Decimal,
    day: date,
    exchange: str = "NSE",
    *,
    group: str = "",
    before: Before = NOTHING,
    squared_off: bool = False,
) -> Charges:
    """What a trade of so many shares at a price costs on a day.

    Args:
        exchange: ``NSE`` or ``BSE``.
        group: the group of a share at BSE, such as ``XT``; empty for A, B and the rest.
        squared_off: by the broker, because the day ends.

    Raises:
        ConfigurationError: the day lies before the rates that are known.
        ValidationError: no quantity, price or exchange that can be meant.
    """
    if quantity < 1 or not price.is_finite() or price <= 0:
        raise ValidationError(f"{quantity} shares at {price} are no trade")
    turnover = price * quantity
    then = _by_turnover(side, product, before.order_inr + turnover, day, _exchange_rate(exchange, group, day))
    if before.order_inr:
        paid = _by_turnover(side, product, before.order_inr, day, _exchange_rate(exchange, group, day))
        then = Charges(*(new - old for new, old in zip(then, paid, strict=True)))
    stt = before.stt_inr + exact_stt(side, product, turnover, day)
    gst = 1 + rate("gst", day)
    delivered = product is Product.CNC and side is Side.SELL and not before.dp
    return then._replace(
        stt=(_rounded(stt, RUPEE) - _rounded(before.stt_inr, RUPEE)).quantize(PAISA),
        dp=_rounded(rate("dp", day) * gst, PAISA) if delivered else ZERO,
        square_off=_rounded(rate("square_off", day) * gst, PAISA) if squared_off and not before.order_inr else ZERO,
    )


def most(charged: Charges, side: Side, product: Product, turnover: Decimal, day: date) -> Decimal:
    """The most that a trade with these charges can come to, however the day's STT is rounded."""
    stt = exact_stt(side, product, turnover, day).to_integral_value(ROUND_CEILING)
    return charged.total - charged.stt + max(charged.stt, stt)


def exact_stt(side: Side, product: Product, turnover: Decimal, day: date) -> Decimal:
    """Securities transaction tax before any rounding.

    Raises:
        ConfigurationError: the day lies before the rates that are known.
    """
    return turnover * rate(f"stt.{product.value}.{side.value}", day)


def rate(name: str, day: date, rows: Sequence[RateRow] = ROWS) -> Decimal:
    """The rate of that name that holds on a day.

    Raises:
        ConfigurationError: none does; the first row is a later one.
    """
    return row(name, day, rows).value


def row(name: str, day: date, rows: Sequence[RateRow] = ROWS) -> RateRow:
    """As ``rate``, with its source."""
    held = [each for each in rows if each.name == name]
    found = [each for each in held if each.effective_from <= day]
    if not found:
        since = min((each.effective_from for each in held), default=None)
        raise ConfigurationError(
            f"what trading cost on {day} is not known ({name} {f'is known from {since} on' if since else 'has no row'})"
        )
    return max(found, key=lambda each: each.effective_from)


def _by_turnover(side: Side, product: Product, turnover: Decimal, day: date, exchange_rate: Decimal) -> Charges:
    """The charges that follow from an order's turnover alone."""
    brokerage = turnover * rate(f"brokerage.{product.value}", day)
    if product is Product.MIS:
        brokerage = min(brokerage, rate("brokerage.MIS.most", day))
    exchange, sebi = turnover * exchange_rate, turnover * rate("sebi", day)
    stamp = turnover * rate(f"stamp.{product.value}", day) if side is Side.BUY else ZERO
    gst = (brokerage + exchange + sebi) * rate("gst", day)
    return Charges(
        brokerage=_rounded(brokerage, PAISA),
        exchange=_rounded(exchange, PAISA),
        sebi=_rounded(sebi, PAISA),
        stamp=_rounded(stamp, PAISA),
        gst=_rounded(gst, PAISA),
    )


def _exchange_rate(exchange: str, group: str, day: date) -> Decimal:
    if exchange not in {"NSE", "BSE"}:
        raise ValidationError(f"{exchange!r} is neither NSE nor BSE")
    kind = BSE_GROUPS.get(group.upper(), "") if exchange == "BSE" else ""
    return rate(f"exchange.{exchange}{'.' if kind else ''}{kind}", day)


def _rounded(value: Decimal, to: Decimal) -> Decimal:
    return value.quantize(to, ROUND_HALF_UP)
