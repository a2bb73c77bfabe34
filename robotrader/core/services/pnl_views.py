"""Profit, loss and trades as they are handed to the screen: frozen values. Amounts are rupees."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.services.portfolio_views import Sum


class DisposalRow(NamedTuple):
    """Shares of one purchase that were sold, first in, first out.

    Attributes:
        acquired_on: None where nobody said when they were bought.
        cost_inr, realised_inr: None where what was paid is not known.
        charges_inr: what buying and selling just these shares cost; None where that is not known.
        net_inr: realised less charges.
    """

    sold_on: date
    symbol: str
    product: str
    quantity: int
    acquired_on: date | None
    price_inr: Decimal
    cost_inr: Decimal | None
    realised_inr: Decimal | None
    charges_inr: Decimal | None
    net_inr: Decimal | None
    order_id: str


class PnlRow(NamedTuple):
    """What was realised on one day, or with one symbol, and the charges of the trades of that day or symbol.

    ``unrealised`` is of what is held of a symbol now; None for a day.
    """

    key: str
    realised: Sum
    charges: Sum
    net: Sum
    unrealised: Sum | None = None


class PnlView(NamedTuple):
    """What was won and lost in a span of days.

    Attributes:
        first: the first day that counts; None for all.
        realised: of what was sold, before charges.
        charges: of all trades of these days, buys included.
        net: realised less charges.
        unrealised: of what is held now, before charges.
        total: net and unrealised.
    """

    account: str
    first: date | None
    last: date
    symbol: str | None
    provider: str
    realised: Sum
    charges: Sum
    net: Sum
    unrealised: Sum
    total: Sum
    by_day: tuple[PnlRow, ...]
    by_symbol: tuple[PnlRow, ...]
    disposals: tuple[DisposalRow, ...]
    stale: tuple[str, ...]
    notes: tuple[str, ...]


class TradeRow(NamedTuple):
    """One trade; ``charges_inr`` is None where not known, ``value_inr`` is quantity times price."""

    id: str
    order_id: str
    at: datetime
    day: date
    symbol: str
    side: str
    product: str
    quantity: int
    price_inr: Decimal
    value_inr: Decimal
    charges_inr: Decimal | None


class TradesView(NamedTuple):
    """Trades of an account, newest first."""

    account: str
    first: date | None
    last: date | None
    symbol: str | None
    trades: tuple[TradeRow, ...]
    bought_inr: Decimal
    sold_inr: Decimal
    charges: Sum
