"""What the owner says a paper account holds: imported, typed in; and the money put in and taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
from robotrader.core.background_scheduler.parsers.holdings_csv import HoldingsFile, Remark
from robotrader.core.background_scheduler.stores import ledger_store, opening_lots, sector_store
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.ledger_store import CashKind
from robotrader.core.background_scheduler.stores.opening_lots import Change, Opening, Origin
from robotrader.core.background_scheduler.trading import PAISA, Position, Product
from robotrader.core.clock import IST, Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import ValidationError
from robotrader.core.event_bus import Event, EventType
from robotrader.core.services.portfolio_views import ChangeView, ImportView, LineView

KITE = "kite"
SURELY_SETTLED = timedelta(days=15)
"""No purchase takes longer to settle, however many holidays there are."""

FINEST = Decimal("0.0001")
"""Averages are typed in with four decimals at most, as brokers show them."""


class HoldingsService:
    """Changes what the account in force holds, as far as the owner may say it.

    Args:
        account: the one in force; that of Kite holds what Kite says.
        cash: what a new paper account begins with, in rupees.
        calendar: read where it matters when shares settle.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        events: EventStore,
        *,
        account: str,
        cash: Decimal,
        calendar: Callable[[], MarketCalendar],
    ) -> None:
        self._db = db
        self._clock = clock
        self._events = events
        self._account = account
        self._cash = cash
        self._calendar = calendar

    async def take_in(self, found: HoldingsFile, *, replace: bool, dry_run: bool) -> ImportView:
        """Put what a file says in the place of what an import said before.

        Args:
            replace: symbols the file does not name are taken out, where an import said them.

        Raises:
            ValidationError: a line is not clear, nothing is held, or the account in force is Kite's; nothing is done.
            ConfigurationError: the calendar does not say when shares that were just bought settle; nothing is done.
        """
        name = self._own("its holdings are told by Kite and never imported")
        if found.bad:
            raise ValidationError(f"{len(found.bad)} lines are not clear; nothing was imported")
        if not found.rows:
            raise ValidationError("the file holds no shares; nothing was imported")
        rows = [
            Opening(row.symbol, row.quantity, row.price, row.acquired_on, row.isin, self._settles(row.acquired_on))
            for row in found.rows
        ]
        sectors = {row.symbol: row.sector for row in found.rows if row.sector is not None}

        def unit(tx: Transaction) -> tuple[Change, int]:
            change = self._say(tx, name, Origin.IMPORT, rows, whole=replace, dry=dry_run)
            return change, 0 if dry_run else len(sector_store.tell(tx, sectors, sector_store.IMPORT))

        change, moved = await self._db.write(unit)
        return ImportView(
            name, found.kind, found.as_of, dry_run, *change, moved, _lines(found.skipped), _lines(found.notes)
        )

    async def hold(self, symbol: str, quantity: int, price: Decimal, on: date | None) -> ChangeView:
        """Put typed-in shares in the place of those typed in before.

        Raises:
            ValidationError: no whole shares, no price, a day to come, or the account in force is Kite's.
            ConfigurationError: the calendar does not say when shares that were just bought settle.
        """
        name = self._own("its holdings are told by Kite and never typed in")
        today = self._today()
        if quantity <= 0:
            raise ValidationError("the quantity is a whole number of shares, 1 or more")
        if not price.is_finite() or price <= 0:
            raise ValidationError("the price is what was paid a share, in rupees")
        if price < PAISA or price != price.quantize(FINEST):
            raise ValidationError(
                f"a price is a paisa or more, with four decimals at most, not {price:f}", remedy="such as 812.50"
            )
        if on is not None and on > today:
            raise ValidationError(f"a day to come: {on}", remedy="the day on which the shares were bought")
        row = Opening(symbol, quantity, price, on, None, self._settles(on))

        def unit(tx: Transaction) -> tuple[bool, tuple[Position, ...]]:
            change = self._say(tx, name, Origin.TYPED, [row], whole=False, dry=False)
            return change.any, ledger_store.positions(tx, name, today)

        return _changed(name, symbol, *await self._db.write(unit))

    async def drop(self, symbol: str) -> ChangeView:
        """Take out what was imported, typed in or copied of a symbol; what orders bought stays.

        Raises:
            ValidationError: the account in force is Kite's.
        """
        name = self._own("its holdings are told by Kite")
        today = self._today()

        def unit(tx: Transaction) -> tuple[bool, tuple[Position, ...]]:
            removed = opening_lots.remove(tx, name, symbol)
            if removed:
                tell(self._events, tx, name, "removed", 1)
            return removed, ledger_store.positions(tx, name, today)

        return _changed(name, symbol, *await self._db.write(unit))

    async def move_cash(self, amount: Decimal) -> None:
        """Put in an amount of rupees, or take out a negative one.

        Raises:
            ValidationError: no amount, not of whole paise, more than there is; or the account in force is Kite's.
        """
        name = self._own("its money is moved at Kite")
        if not amount.is_finite() or not amount:
            raise ValidationError("an amount is one of rupees, more than 0")
        now = self._clock.now()
        kind = CashKind.DEPOSIT if amount > 0 else CashKind.WITHDRAWAL

        def unit(tx: Transaction) -> None:
            ledger_store.open_account(tx, name, self._cash, now)
            ledger_store.enter_cash(tx, name, kind, amount, now, now.astimezone(IST).date())
            tell(self._events, tx, name, kind.value, 0)

        await self._db.write(unit)

    def _own(self, why: str) -> str:
        if self._account == KITE:
            raise ValidationError(f"the account in force is the one at Kite: {why}", remedy="robotrader portfolio sync")
        return self._account

    def _today(self) -> date:
        return self._clock.now().astimezone(IST).date()

    def _settles(self, day: date | None) -> date | None:
        """From when on shares that were bought on a day may be sold; None where that is over.

        What came on a day without trading counts as bought on the next that has some.
        """
        if day is None or day < self._today() - SURELY_SETTLED:
            return None
        calendar = self._calendar()
        return calendar.settlement_day(day if calendar.is_trading_day(day) else calendar.next_trading_day(day))

    def _say(
        self, tx: Transaction, name: str, origin: Origin, rows: Sequence[Opening], *, whole: bool, dry: bool
    ) -> Change:
        now = self._clock.now()
        if not dry:
            ledger_store.open_account(tx, name, self._cash, now)
        change = opening_lots.say(tx, name, origin, rows, now.astimezone(IST).date(), whole=whole, dry=dry)
        if change.any and not dry:
            count = len(change.added) + len(change.changed) + len(change.removed)
            tell(self._events, tx, name, origin.value, count)
        return change


def tell(events: EventStore, tx: Transaction, account: str, how: str, symbols: int) -> None:
    """Part of a transaction: tell that what an account holds was changed, not by orders; of how many symbols."""
    data = {"account": account, "how": how, "symbols": symbols}
    events.insert(tx, [Event(type=EventType.DATA_PORTFOLIO_CHANGED, source="portfolio", data=data)])


def _changed(account: str, symbol: str, changed: bool, positions: Iterable[Position]) -> ChangeView:
    held = next((each for each in positions if each.symbol == symbol and each.product == Product.CNC), None)
    return ChangeView(
        account, symbol, changed, 0 if held is None else held.quantity, None if held is None else held.average_price
    )


def _lines(remarks: Iterable[Remark]) -> tuple[LineView, ...]:
    return tuple(LineView(*each) for each in remarks)
