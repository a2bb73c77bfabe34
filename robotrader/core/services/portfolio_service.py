"""What is held and what it is worth: shown, taken over from Kite, by day and by sector."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal

from robotrader.core.background_scheduler.stores import ledger_store, opening_lots, portfolio_store, sector_store
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.stores.opening_lots import Change, Opening, Origin
from robotrader.core.background_scheduler.trading import Book, Position, Product
from robotrader.core.clock import IST, Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import ValidationError
from robotrader.core.services import portfolio_sums
from robotrader.core.services.holdings_service import KITE, tell
from robotrader.core.services.portfolio_quotes import PortfolioQuotes, Priced
from robotrader.core.services.portfolio_views import (
    CashRow,
    CashView,
    DayRow,
    HistoryView,
    PortfolioView,
    SectorView,
    SyncView,
)

ACCOUNTS = ("sandbox", "paper", "kite")
ENTRIES = 20
COPIED = frozenset({Product.CNC.value, "MTF"})


class PortfolioService:
    """Keeps and values what is held.

    Args:
        account: the one in force.
        paper: the paper account that shares are copied into.
        cash: what a new paper account begins with, in rupees.
        ask_broker: asks Kite what is held.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        events: EventStore,
        quotes: PortfolioQuotes,
        *,
        account: str,
        paper: str,
        cash: Decimal,
        ask_broker: Callable[[], Awaitable[Book]],
    ) -> None:
        self._db = db
        self._clock = clock
        self._events = events
        self._quotes = quotes
        self._account = account
        self._paper = paper
        self._cash = cash
        self._ask_broker = ask_broker

    async def show(self, account: str | None) -> PortfolioView:
        """An account with the last prices and what the last session brought.

        After the close it is written down as the day's end.

        Raises:
            ValidationError: no such account.
            NoDataError: the account is Kite's and was never synchronised.
        """
        name = account_named(account or self._account)
        now = self._clock.now()
        await self._open(name)
        day = self._quotes.session_day(now)

        def query(tx: Transaction) -> tuple[Book, tuple[Position, ...] | None]:
            book = portfolio_store.book(tx, name, now)
            return book, None if day is None else portfolio_store.positions_of(tx, book, day)

        book, then = await self._db.read(query)
        symbols = list(dict.fromkeys(held.symbol for held in (*book.positions, *(then or ()))))
        priced = await self._quotes.of(name, symbols)
        known = await self._db.read(lambda tx: sector_store.of(tx, symbols))
        await self._keep_day(book, priced)
        of_day = {symbol: quote for symbol, quote in priced.found.items() if symbol in priced.daily}
        return portfolio_sums.view(
            book,
            priced.found,
            {symbol: sector.name for symbol, sector in known.items()},
            now=self._clock.now(),
            provider=priced.provider,
            stale=priced.stale,
            notes=priced.notes,
            session=portfolio_sums.LastSession(day, then, of_day if day == priced.day else {}),
        )

    async def cash(self, account: str | None) -> CashView:
        """The cash of an account and its newest movements.

        Raises:
            ValidationError: no such account.
            NoDataError: the account is Kite's and was never synchronised.
        """
        name = account_named(account or self._account)
        now = self._clock.now()
        await self._open(name)

        def query(tx: Transaction) -> CashView:
            book = portfolio_store.book(tx, name, now)
            entries = ledger_store.entries(tx, name, date.min, date.max)[-ENTRIES:]
            rows = [CashRow(e.at, e.kind, e.amount_inr, e.balance_inr, e.symbol, e.detail) for e in reversed(entries)]
            return CashView(name, book.cash_inr, tuple(rows))

        return await self._db.read(query)

    async def sync(self, *, to_paper: bool) -> SyncView:
        """Ask Kite what is held and keep it; ``to_paper`` says the same of the paper account, for rehearsals.

        Raises:
            LoginRequiredError: there is no session.
            APIError: Kite did not answer; nothing is changed.
        """
        book = await self._ask_broker()
        now = self._clock.now()
        rows = [each for each in book.positions if each.product in COPIED and each.quantity > 0]
        symbols = {each.symbol for each in book.positions if each.quantity}
        others = symbols - {each.symbol for each in rows}
        openings = [Opening(each.symbol, each.quantity, each.average_price, None, each.isin) for each in rows]

        def unit(tx: Transaction) -> tuple[bool, Change | None]:
            changed = portfolio_store.save_sync(tx, KITE, book, now)
            if changed:
                tell(self._events, tx, KITE, "sync", len(symbols))
            if not to_paper:
                return changed, None
            ledger_store.open_account(tx, self._paper, self._cash, now)
            today = now.astimezone(IST).date()
            copied = opening_lots.say(tx, self._paper, Origin.KITE, openings, today, whole=True, dry=False)
            if copied.any:
                tell(self._events, tx, self._paper, Origin.KITE.value, len(rows))
            return changed, copied

        changed, copied = await self._db.write(unit)
        return SyncView(
            KITE,
            book.as_of,
            changed,
            book.cash_inr,
            len(symbols),
            None if copied is None else self._paper,
            () if copied is None else (*copied.added, *copied.changed),
            () if copied is None else copied.removed,
            tuple(sorted(others)) if to_paper else (),
        )

    async def history(self, account: str | None, days: int) -> HistoryView:
        """How an account stood day by day, newest first.

        Raises:
            ValidationError: no such account.
        """
        name = account_named(account or self._account)
        found = await self._db.read(lambda tx: portfolio_store.history(tx, name, days + 1))
        rows = []
        for index, each in enumerate(found[:days]):
            before = found[index + 1] if index + 1 < len(found) else None
            total = each.cash_inr + each.value_inr
            change = None
            if before is not None and each.complete and before.complete:
                change = total - before.cash_inr - before.value_inr
            rows.append(
                DayRow(
                    each.day, each.cash_inr, each.value_inr, total, change, each.cost_inr, each.day_pnl_inr,
                    each.realised_inr, each.charges_inr, each.complete, each.updated_at,
                )
            )  # fmt: skip
        return HistoryView(name, tuple(rows))

    async def sector(self, symbol: str, name: str | None, *, forget: bool) -> SectorView:
        """The sector of a symbol, after the owner named it or took back what was said.

        Raises:
            ValidationError: the name is empty.
        """
        words = None if name is None else " ".join(name.split())
        if words is not None and not (words and words.isprintable()):
            raise ValidationError("a sector needs a name", remedy='such as: robotrader portfolio sector SBIN "Banks"')

        def unit(tx: Transaction) -> SectorView:
            changed = False
            if forget:
                changed = sector_store.forget(tx, symbol)
            elif words is not None:
                changed = bool(sector_store.tell(tx, {symbol: words}, sector_store.OWNER))
            found = sector_store.of(tx, [symbol]).get(symbol)
            return SectorView(symbol, None if found is None else found.name, found and found.origin, changed)

        return await self._db.write(unit)

    async def _open(self, name: str) -> None:
        """A paper account begins with its cash when it is first looked at."""
        now = self._clock.now()
        if name != KITE and await self._db.read(lambda tx: ledger_store.account(tx, name)) is None:
            await self._db.write(lambda tx: ledger_store.open_account(tx, name, self._cash, now))

    async def _keep_day(self, book: Book, priced: Priced) -> None:
        """Write down the day that has ended, where book and prices are those of its end."""
        now = self._clock.now()
        today = now.astimezone(IST).date()
        close = self._quotes.last_close(now)
        if close is None or close.astimezone(IST).date() != today or book.as_of < close:
            return
        final = {symbol: quote for symbol, quote in priced.found.items() if quote.fetched_at >= close}
        await self._db.write(lambda tx: portfolio_store.snapshot(tx, book.account, book, final, today, now))


def account_named(text: str) -> str:
    """The name of an account.

    Raises:
        ValidationError: there is none such.
    """
    name = text.strip().lower()
    if name not in ACCOUNTS:
        raise ValidationError(f"no such account: {text[:40]!r}", remedy=f"the accounts are: {', '.join(ACCOUNTS)}")
    return name
