"""Whether an exit may be ordered now: the breach is fresh, the symbol trades, the shares are there and not sold yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.config.price_rules import share_of
from robotrader.core.background_scheduler.stores import order_steps, portfolio_store
from robotrader.core.background_scheduler.trading import Order, OrderRejectedError, Side
from robotrader.core.clock import IST
from robotrader.core.database_state import Transaction
from robotrader.core.errors import NoDataError, TradingError

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar

FRESH = timedelta(minutes=15)
"""A breach or an order that is older than this is not acted on: the rule is judged anew first."""


class ExitRules:
    """What must be true for an exit.

    Args:
        calendar: the trading calendar, read when it is first needed.
    """

    def __init__(self, calendar: Callable[[], MarketCalendar]) -> None:
        self._calendar = calendar

    def closed(self, symbol: str, now: datetime) -> str | None:
        """Why a symbol cannot be traded now; None where it is, or may be, in continuous trading.

        Where it is not known whether it is an F&O stock, the later of the two closes counts, as it does for the rules.
        """
        from robotrader.core.background_scheduler.config.market_sessions import MarketState

        try:
            calendar = self._calendar()
            is_fno = calendar.is_fno(symbol, now.astimezone(IST).date())
            states = [calendar.state_at(now, each) for each in ((True, False) if is_fno is None else (is_fno,))]
        except TradingError as error:
            return f"whether the market is open is not known: {error}"
        if MarketState.OPEN in states:
            return None
        state = states[0]
        return "market closed" if state is MarketState.CLOSED else f"market not in continuous trading ({state.value})"

    def stale(self, at: datetime, now: datetime) -> str | None:
        """Why something decided at an instant no longer holds; None where it does."""
        if now - at <= FRESH:
            return None
        minutes = int((now - at).total_seconds() // 60)
        return f"decided {minutes} minutes ago, and not acted on without judging anew"

    def sellable(
        self, tx: Transaction, account: str, symbol: str, product: str, now: datetime, *, own: int = 0
    ) -> int | str:
        """Part of a transaction: shares that may be sold and that no order sells yet; why there are none.

        Args:
            own: shares of an order that is written down already and asks for itself.
        """
        try:
            book = portfolio_store.book(tx, account, now)
        except NoDataError as error:
            return str(error)
        held = next((each for each in book.positions if each.symbol == symbol and each.product == product), None)
        if held is None or held.quantity <= 0:
            return "nothing is held any more"
        if held.sellable <= 0:
            return f"none of the {held.quantity} shares held may be sold today (bought and not settled, or pledged)"
        selling = order_steps.being_sold(tx, account, symbol, product, book.as_of) - own
        left = held.sellable - max(0, selling)
        return left if left > 0 else "an order that sells them is under way"


def not_held(tx: Transaction, order: Order) -> OrderRejectedError | None:
    """Part of a transaction: the refusal of a real sale of more than is known to be held and not being sold already.

    The paper broker looks for itself. Kite takes such a sale for a short one, or for a second sale of the same shares.
    """
    given = order.request
    if order.account != "kite" or given.side is not Side.SELL:
        return None
    try:
        book = portfolio_store.book(tx, order.account, order.created_at)
    except NoDataError as error:
        return OrderRejectedError(f"what is held is not known: {error}", remedy="robotrader portfolio sync")
    held = [
        each
        for each in book.positions
        if each.product == given.product and share_of(each.symbol) == share_of(given.symbol)
    ]
    symbols = {given.symbol, *(each.symbol for each in held)}
    selling = sum(order_steps.being_sold(tx, order.account, each, given.product, book.as_of) for each in symbols)
    left = max(0, sum(each.quantity for each in held) - max(0, selling))
    if given.quantity <= left:
        return None
    words = f"{left} {given.product.value} shares of {given.symbol} are held, as Kite told last, not {given.quantity}"
    if selling > 0:
        words += f"; other orders sell {selling}"
    return OrderRejectedError(f"{words}: short sales are not taken", remedy="robotrader portfolio sync asks Kite again")
