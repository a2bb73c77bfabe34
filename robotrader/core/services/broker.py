"""What every broker does for the execution service: the paper broker and the one of Kite."""

from __future__ import annotations

from typing import Protocol

from robotrader.core.background_scheduler.trading import BrokerOrder, Order


class Broker(Protocol):
    """Places orders that are written down already, and tells of them.

    Attributes:
        account: whose orders it takes: ``sandbox``, ``paper`` or ``kite``.
    """

    account: str

    async def place(self, order: Order) -> Order:
        """Send one order, which is SENDING in the store; returns it as it is then: OPEN, or COMPLETE already.

        Raises:
            OrderRejectedError: refused; nothing was traded and nothing is open.
            LoginRequiredError, RateLimitError, ConnectionFailedError: it was never taken.
            OutcomeUnknownError: it was sent, and whether it was taken is not known; ``find`` tells.
        """
        ...

    async def find(self, order: Order) -> BrokerOrder | None:
        """The row of the broker's book that carries the order's tag; None where there is none.

        Raises:
            TradingError: the book could not be read, so nothing is known.
        """
        ...

    async def cancel(self, order: Order) -> None:
        """Take back what is open of an order; one that is final already is left as it is.

        Raises:
            OrderRejectedError: the broker does not know it, or would not cancel it.
            TradingError: the broker could not be asked.
        """
        ...

    async def book(self) -> tuple[BrokerOrder, ...]:
        """Today's orders as the broker has them.

        Raises:
            TradingError: the book could not be read.
        """
        ...
