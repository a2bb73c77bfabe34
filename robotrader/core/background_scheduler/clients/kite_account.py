"""The owner's account at Zerodha: who it is, what may be spent, what is held, what was traded today.

Holdings are what was held when the day began, less what was sold of it; positions are what was traded today. A sale of
a holding stands in both (Kite lowers the holding and shows a negative position), and is counted once here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from robotrader.core.background_scheduler.clients import kite_wire as wire
from robotrader.core.background_scheduler.clients.kite_client import KiteClient
from robotrader.core.background_scheduler.trading import PAISA, ZERO, Book, Position

ACCOUNT = "kite"
CNC, MTF = "CNC", "MTF"
SHARES = ("NSE", "BSE")
FINEST = Decimal("0.000001")


class Profile(NamedTuple):
    """Whose account it is, and what it may trade."""

    user_id: str
    name: str
    exchanges: tuple[str, ...]
    products: tuple[str, ...]
    order_types: tuple[str, ...]


class Margins(NamedTuple):
    """Funds of the equity segment, in rupees.

    Attributes:
        cash_inr: what may be spent now (Kite's ``net``: its ``cash`` is what there was before today's trades).
        opening_inr: what the day began with.
        used_inr: what positions and orders have taken.
    """

    cash_inr: Decimal
    opening_inr: Decimal | None
    used_inr: Decimal | None
    collateral_inr: Decimal | None


class Holding(NamedTuple):
    """One row of holdings, in one product, joined over the exchanges by ISIN.

    Attributes:
        settled: in the demat account, less what was sold of it today.
        t1: bought yesterday, delivered today.
        pledged: given as collateral.
        sold: of what was held when the day began, sold today, as far as holdings say so.
        average_price: None where Kite does not know it (``discrepancy``, or 0).
    """

    symbol: str
    product: str
    settled: int
    t1: int
    pledged: int
    sold: int
    average_price: Decimal | None
    isin: str | None
    close_price: Decimal | None = None
    last_price: Decimal | None = None

    @property
    def quantity(self) -> int:
        """All that is the owner's now."""
        return self.settled + self.t1 + self.pledged


async def profile(k: KiteClient) -> Profile:
    """Whose account it is. Raises as ``KiteClient.read``."""
    row = wire.table(await k.get("/user/profile"), "profile")
    listed = [tuple(str(each) for each in row.get(name) or ()) for name in ("exchanges", "products", "order_types")]
    name = wire.text(row, "user_name") or wire.text(row, "user_shortname") or ""
    return Profile(wire.needed(row, "user_id"), name, *listed)


async def margins(k: KiteClient) -> Margins:
    """What may be spent. Raises as ``KiteClient.read``."""
    return read_margins(await k.get("/user/margins"))


def read_margins(data: object) -> Margins:
    """The funds of the equity segment.

    Raises:
        ResponseError: Kite did not say.
    """
    found = wire.table(data, "margins")
    row = wire.table(found.get("equity", found), "margins.equity")
    available, used = (wire.table(row.get(name) or {}, f"margins.{name}") for name in ("available", "utilised"))
    return Margins(
        wire.amount(row, "net"),
        wire.number(available, "opening_balance"),
        wire.number(used, "debits"),
        wire.number(available, "collateral"),
    )


async def holdings(k: KiteClient) -> tuple[Position, ...]:
    """What is held for delivery, less what was sold today; margin-funded shares are a position (MTF) of their own.

    Raises as ``KiteClient.read``.
    """
    return tuple(_held(each) for each in read_holdings(await k.get("/portfolio/holdings")))


async def positions(k: KiteClient) -> tuple[Position, ...]:
    """What was traded today or carried as intraday, without the holdings. Raises as ``KiteClient.read``."""
    return read_positions(await k.get("/portfolio/positions"))


async def book(k: KiteClient, now: datetime) -> Book:
    """Holdings and positions as one, with the cash; no share is counted twice. Raises as ``KiteClient.read``."""
    held = read_holdings(await k.get("/portfolio/holdings"))
    moved = read_positions(await k.get("/portfolio/positions"))
    funds = await margins(k)
    return Book(ACCOUNT, funds.cash_inr, merged(held, moved), now)


def read_holdings(data: object) -> tuple[Holding, ...]:
    """The rows of holdings: one a product, those of one ISIN on both exchanges as one.

    Raises:
        ResponseError: a quantity or a price is not what it should be: no share is passed over.
    """
    found: dict[tuple[str, str], Holding] = {}
    for row in wire.rows(data, "holdings"):
        for part in _parts(row):
            key = (part.isin or part.symbol, part.product)
            found[key] = part if key not in found else _joined(found[key], part)
    return tuple(found.values())


def _parts(row: Mapping[str, Any]) -> Iterable[Holding]:
    symbol = wire.symbol_of(wire.needed(row, "exchange"), wire.needed(row, "tradingsymbol"))
    isin, product = wire.text(row, "isin"), wire.text(row, "product") or CNC
    quantity, t1 = wire.whole(row, "quantity"), wire.whole(row, "t1_quantity", 0)
    pledged, used = wire.whole(row, "collateral_quantity", 0), wire.whole(row, "used_quantity", 0)
    settled, t1, sold = _left(quantity, t1, pledged, used, wire.whole(row, "opening_quantity", -1))
    known = row.get("discrepancy") is not True
    average = wire.above_zero(row, "average_price") if known else None
    close, last = wire.above_zero(row, "close_price"), wire.above_zero(row, "last_price")
    funded = wire.table(row.get("mtf") or {}, "mtf")
    more, more_used = wire.whole(funded, "quantity", 0), wire.whole(funded, "used_quantity", 0)
    if settled or t1 or pledged or sold or not more:
        yield Holding(symbol, product, settled, t1, pledged, sold, average, isin, close, last)
    if more:
        price = wire.above_zero(funded, "average_price")
        yield Holding(symbol, MTF, more - more_used, 0, 0, more_used, price, isin, close, last)


def _left(quantity: int, t1: int, pledged: int, used: int, opening: int) -> tuple[int, int, int]:
    """What is left of settled and of unsettled shares, and how many were sold today.

    ``used_quantity`` is what was sold today. Whether ``quantity`` is less by it already is not documented: it is where
    both make up the quantity of the morning. Otherwise it is taken off, settled shares first, so that in doubt less
    counts as held. Where nothing is used, a gap to the quantity of the morning was sold.
    """
    if not used:
        return quantity, t1, max(0, opening - quantity - t1 - pledged)
    if opening in {quantity + used, quantity + used + t1, quantity + used + t1 + pledged}:
        return quantity, t1, used
    of_settled = min(max(quantity, 0), used)
    return quantity - of_settled, t1 - min(t1, used - of_settled), used


def _joined(one: Holding, other: Holding) -> Holding:
    """Two rows of one company; NSE's symbol is the one they go by."""
    first, second = (other, one) if ":" in one.symbol and ":" not in other.symbol else (one, other)
    average = _mean([(one.quantity, one.average_price), (other.quantity, other.average_price)])
    return first._replace(
        settled=one.settled + other.settled,
        t1=one.t1 + other.t1,
        pledged=one.pledged + other.pledged,
        sold=one.sold + other.sold,
        average_price=average,
        close_price=first.close_price or second.close_price,
        last_price=first.last_price or second.last_price,
    )


def _mean(parts: Sequence[tuple[int, Decimal | None]]) -> Decimal | None:
    """The mean price over quantities; None where one that counts is not known."""
    counted = [(quantity, price) for quantity, price in parts if quantity]
    if not counted:
        return next((price for _, price in parts if price is not None), None)
    total = ZERO
    for quantity, price in counted:
        if price is None:
            return None
        total += quantity * price
    whole = sum(quantity for quantity, _ in counted)
    return (total / whole).quantize(FINEST).normalize() + 0 if whole else None


def _held(each: Holding) -> Position:
    """Shares bought yesterday count as sellable: Zerodha takes such sales ("BTST"), at the owner's risk of a short
    delivery; pledged ones have to be released first.
    """
    return Position(
        each.symbol,
        each.product,
        each.quantity,
        max(0, each.settled + each.t1),
        each.average_price,
        overnight_quantity=each.quantity,  # what was sold is no part of it: for how much, positions say
        unsettled=each.t1,
        pledged=each.pledged,
        isin=each.isin,
    )


def read_positions(data: object) -> tuple[Position, ...]:
    """The ``net`` rows of positions in shares, closed ones included; derivatives and currencies are not shares.

    Raises:
        ResponseError: a quantity or an amount is not what it should be.
    """
    listed = wire.rows(wire.table(data, "positions").get("net"), "positions.net")
    return tuple(_moved(row) for row in listed if wire.needed(row, "exchange") in SHARES)


def _moved(row: Mapping[str, Any]) -> Position:
    quantity, overnight = wire.whole(row, "quantity"), wire.whole(row, "overnight_quantity", 0)
    bought, sold = wire.whole(row, "day_buy_quantity", 0), wire.whole(row, "day_sell_quantity", 0)
    paid, got = wire.number(row, "day_buy_value") or ZERO, wire.number(row, "day_sell_value") or ZERO
    both = min(bought, sold)
    realised = (both * (got / sold - paid / bought)).quantize(PAISA) if both else ZERO
    average = wire.above_zero(row, "average_price") if quantity else None
    return Position(
        wire.symbol_of(wire.needed(row, "exchange"), wire.needed(row, "tradingsymbol")),
        wire.needed(row, "product"),
        quantity,
        max(0, quantity),
        average,
        overnight_quantity=overnight,
        day_buy_quantity=bought,
        day_buy_inr=paid,
        day_sell_quantity=sold,
        day_sell_inr=got,
        realised_inr=realised,
    )


def merged(held: Iterable[Holding], moved: Iterable[Position]) -> tuple[Position, ...]:
    """One position a symbol and product.

    A position of the day meets its holding by symbol, or by the name alone where the holding is shown under the other
    exchange: a share is the same on both.
    """
    rest = {(_bare(each.symbol), each.product): each for each in held}
    made = []
    for position in moved:
        holding = rest.pop((_bare(position.symbol), position.product), None)
        made.append(position if holding is None else _merge(holding, position))
    return (*made, *(_held(each) for each in rest.values()))


def _merge(holding: Holding, day: Position) -> Position:
    """A holding and what was traded of it today: what was there in the morning, and today's trades once.

    What was bought and sold on one day is settled as intraday; only the rest of a sale comes out of the holding.
    """
    overnight = holding.quantity + min(holding.sold, day.day_sell_quantity)
    quantity = overnight + day.day_buy_quantity - day.day_sell_quantity
    same_day = min(day.day_buy_quantity, day.day_sell_quantity)
    of_holding, bought = day.day_sell_quantity - same_day, day.day_buy_quantity - same_day
    realised = day.realised_inr
    if of_holding and holding.average_price is not None:
        price = day.day_sell_inr / day.day_sell_quantity
        realised += (of_holding * (price - holding.average_price)).quantize(PAISA)
    paid = day.day_buy_inr / day.day_buy_quantity if day.day_buy_quantity else None
    return day._replace(
        symbol=holding.symbol if ":" in day.symbol else day.symbol,
        quantity=quantity,
        sellable=max(0, quantity - holding.pledged),
        average_price=_mean([(quantity - bought, holding.average_price), (bought, paid)]),
        overnight_quantity=overnight,
        realised_inr=realised,
        unsettled=holding.t1 + bought,
        pledged=holding.pledged,
        isin=holding.isin,
    )


def _bare(symbol: str) -> str:
    return symbol.removeprefix("BSE:")
