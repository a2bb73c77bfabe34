"""What was won and lost, and the trades it came from."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from robotrader.core.background_scheduler.stores import order_store, pnl_store, portfolio_store
from robotrader.core.background_scheduler.stores.pnl_store import Charge
from robotrader.core.background_scheduler.trading import ZERO, Book, Fill, Side
from robotrader.core.clock import IST, Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import ValidationError
from robotrader.core.services import pnl_sums, portfolio_sums
from robotrader.core.services.holdings_service import KITE
from robotrader.core.services.pnl_views import DisposalRow, PnlRow, PnlView, TradeRow, TradesView
from robotrader.core.services.portfolio_quotes import PortfolioQuotes
from robotrader.core.services.portfolio_service import account_named
from robotrader.core.services.portfolio_views import HoldingRow, Sum
from robotrader.core.services.statement import Statement, statement

KITE_TELLS_TODAY = "Kite tells what was realised today alone: earlier days are those that were written down"


class PnlService:
    """Adds up what was sold; nothing is changed.

    Args:
        account: the one in force.
    """

    def __init__(self, db: DatabaseStateManager, clock: Clock, quotes: PortfolioQuotes, *, account: str) -> None:
        self._db = db
        self._clock = clock
        self._quotes = quotes
        self._account = account

    async def pnl(self, account: str | None, first: date | None, symbol: str | None) -> PnlView:
        """What was won and lost from a day on (None: ever), with one symbol or all.

        Raises:
            ValidationError: no such account.
            NoDataError: the account is Kite's and was never synchronised.
        """
        name = account_named(account or self._account)
        now = self._clock.now()
        today = now.astimezone(IST).date()
        begin = first or date.min

        def query(tx: Transaction) -> tuple[Book, tuple[DisposalRow, ...], tuple[Charge, ...]]:
            sold = pnl_store.disposals(tx, name, begin, today, symbol)
            every = pnl_store.charges(tx, name) if sold else ()
            rows = pnl_sums.disposal_rows(sold, every, pnl_store.traded(tx, name) if sold else {})
            return portfolio_store.book(tx, name, now), rows, pnl_store.charges(tx, name, begin, today, symbol)

        book, disposals, charges = await self._db.read(query)
        kept = tuple(each for each in book.positions if symbol in {None, each.symbol})
        book = book._replace(positions=kept)
        priced = await self._quotes.of(name, [each.symbol for each in kept])
        held = portfolio_sums.view(book, priced.found, {}, now=now, provider=priced.provider, stale=priced.stale)
        realised, notes = pnl_sums.realised_of(disposals), priced.notes
        by_day = pnl_sums.by_key(disposals, charges, pnl_sums.day_of)
        by_symbol = pnl_sums.by_key(disposals, charges, pnl_sums.symbol_of)
        if name == KITE:
            by_day = await self._days(begin, today, book, by_day, whole=symbol is None)
            by_symbol = _symbols(held.holdings, by_symbol)
            realised = Sum(sum((row.realised.inr or ZERO for row in by_day), ZERO))
            notes = (*notes, KITE_TELLS_TODAY)
        by_symbol = _with_held(by_symbol, held.holdings)
        paid = pnl_sums.charges_of(charges)
        net = portfolio_sums.minus(realised, paid)
        return PnlView(
            name,
            first,
            today,
            symbol,
            priced.provider,
            realised,
            paid,
            net,
            held.unrealised,
            portfolio_sums.plus(net, held.unrealised),
            by_day,
            by_symbol,
            disposals,
            held.stale,
            notes,
        )

    async def trades(
        self, account: str | None, first: date | None, last: date | None, symbol: str | None, limit: int
    ) -> TradesView:
        """Trades between two days, newest first.

        Raises:
            ValidationError: no such account.
        """
        name = account_named(account or self._account)
        found = await self._db.read(
            lambda tx: order_store.fills(tx, name, first=first, last=last, symbol=symbol, limit=limit)
        )
        rows = tuple(_trade(fill) for fill in found)
        return TradesView(
            name,
            first,
            last,
            symbol,
            rows,
            _turnover(rows, Side.BUY),
            _turnover(rows, Side.SELL),
            portfolio_sums.total(row.charges_inr for row in rows),
        )

    async def _days(
        self, first: date, today: date, book: Book, rows: tuple[PnlRow, ...], *, whole: bool
    ) -> tuple[PnlRow, ...]:
        """The days of Kite's account: as written down, today as its book has it."""
        kept = await self._db.read(lambda tx: portfolio_store.history(tx, KITE, -1)) if whole else ()
        won = {each.day.isoformat(): each.realised_inr for each in kept if first <= each.day <= today}
        if book.as_of.astimezone(IST).date() == today:
            won[today.isoformat()] = sum((each.realised_inr for each in book.positions), ZERO)
        return _with(rows, {key: value for key, value in won.items() if value})

    async def statement(self, account: str | None, month: date) -> Statement:
        """The month of a paper account that a day lies in; see ``statement.statement``.

        Raises:
            ValidationError: no such account, or it is Kite's.
        """
        name = account_named(account or self._account)
        if name == KITE:
            raise ValidationError(
                "the statement of the account at Kite is at Zerodha Console", remedy="--account paper, or sandbox"
            )
        today = self._clock.now().astimezone(IST).date()
        return await self._db.read(lambda tx: statement(tx, name, month, today))


def _symbols(held: tuple[HoldingRow, ...], rows: tuple[PnlRow, ...]) -> tuple[PnlRow, ...]:
    won: dict[str, Decimal] = {}
    for row in held:
        if row.realised_inr:
            won[row.symbol] = won.get(row.symbol, ZERO) + row.realised_inr
    return _with(rows, won)


def _with_held(rows: tuple[PnlRow, ...], holdings: tuple[HoldingRow, ...]) -> tuple[PnlRow, ...]:
    """Rows of symbols, those that are only held among them, each with what is not realised yet."""
    parts: dict[str, list[Decimal | None]] = {}
    for row in holdings:
        if row.quantity:
            parts.setdefault(row.symbol, []).append(row.unrealised_inr)
    nothing = Sum(ZERO)
    known = {row.key: row for row in rows}
    return tuple(
        known.get(key, PnlRow(key, nothing, nothing, nothing))._replace(
            unrealised=portfolio_sums.total(parts.get(key, ()))
        )
        for key in sorted({*known, *parts})
    )


def _with(rows: tuple[PnlRow, ...], won: dict[str, Decimal]) -> tuple[PnlRow, ...]:
    """Rows of charges with what was realised put in."""
    paid = {row.key: row.charges for row in rows}
    made = []
    for key in sorted({*paid, *won}):
        realised, charges = Sum(won.get(key, ZERO)), paid.get(key, Sum(ZERO))
        made.append(PnlRow(key, realised, charges, portfolio_sums.minus(realised, charges)))
    return tuple(made)


def _trade(fill: Fill) -> TradeRow:
    return TradeRow(
        fill.id,
        fill.order_id,
        fill.at,
        fill.day,
        fill.symbol,
        fill.side.value,
        fill.product.value,
        fill.quantity,
        fill.price,
        fill.price * fill.quantity,
        fill.charges_inr,
    )


def _turnover(rows: tuple[TradeRow, ...], side: Side) -> Decimal:
    return sum((row.value_inr for row in rows if row.side == side), ZERO)
