"""What an account holds, as parts of transactions: its book, what a broker last told of it, its history by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.stores import columns, ledger_store, pnl_store
from robotrader.core.background_scheduler.trading import ZERO, Book, Position, Quote, day_pnl
from robotrader.core.clock import IST, from_micros, to_micros
from robotrader.core.database_state import Row, Transaction
from robotrader.core.errors import NoDataError

KITE = "kite"
_POSITION = (
    "symbol, product, quantity, sellable, average_price, overnight_quantity, day_buy_quantity, day_buy_inr,"
    " day_sell_quantity, day_sell_inr, realised_inr, unsettled, pledged, isin"
)
_DAY = "account, day, cash_inr, value_inr, cost_inr, day_pnl_inr, realised_inr, charges_inr, complete, updated_at"


class PortfolioDay(NamedTuple):
    """How an account stood at the last look of an Indian day, in rupees.

    Attributes:
        value_inr: of the shares whose price is known, without the cash.
        cost_inr: what all shares had cost; None where that is not known of one.
        day_pnl_inr: since the previous close, before charges; None where that is not known of one.
        realised_inr, charges_inr: of the day's trades, as far as they are known.
        complete: whether every share's price was known.
        updated_at: the last look; what was traded after it is in ``realised_inr`` and ``charges_inr`` of a paper
            account alone.
    """

    account: str
    day: date
    cash_inr: Decimal
    value_inr: Decimal
    cost_inr: Decimal | None
    day_pnl_inr: Decimal | None
    realised_inr: Decimal
    charges_inr: Decimal
    complete: bool
    updated_at: datetime


def book(tx: Transaction, account: str, now: datetime) -> Book:
    """What an account holds: of a paper account by its lots, of ``kite`` as Kite told when it was last asked.

    A paper account that was not opened yet is empty.

    Raises:
        NoDataError: the account is Kite's and was never synchronised.
    """
    row = tx.one("SELECT cash_inr, synced_at FROM accounts WHERE name = ?", (account,))
    if account != KITE:
        if row is None:
            return Book(account, ZERO, (), now)
        return Book(account, Decimal(row[0]), ledger_store.positions(tx, account, now.astimezone(IST).date()), now)
    if row is None or row[1] is None:
        raise NoDataError("nothing is known of the account at Kite yet", remedy="robotrader portfolio sync asks for it")
    sql = f"SELECT {_POSITION} FROM broker_positions WHERE account = ? ORDER BY symbol, product"
    found = tuple(_position(each) for each in tx.all(sql, (account,)))
    return Book(account, Decimal(row[0]), found, from_micros(row[1]))


def positions_of(tx: Transaction, book: Book, day: date) -> tuple[Position, ...] | None:
    """What the account of a book held on the Indian day of a session; None where that is not known.

    Kite tells of the day alone on which it is asked.
    """
    if book.as_of.astimezone(IST).date() == day:
        return book.positions
    return None if book.account == KITE else ledger_store.positions(tx, book.account, day)


def save_sync(tx: Transaction, account: str, book: Book, now: datetime) -> bool:
    """Put what a broker told in the place of what it told before; returns whether that is something else."""
    row = tx.one("SELECT cash_inr FROM accounts WHERE name = ? AND synced_at IS NOT NULL", (account,))
    sql = f"SELECT {_POSITION} FROM broker_positions WHERE account = ?"
    before = {_position(each) for each in tx.all(sql, (account,))}
    tx.run(
        "INSERT INTO accounts (name, cash_inr, opened_at, synced_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET cash_inr = excluded.cash_inr, synced_at = excluded.synced_at",
        (account, str(book.cash_inr), to_micros(now), to_micros(book.as_of)),
    )
    tx.run("DELETE FROM broker_positions WHERE account = ?", (account,))
    tx.many(
        f"INSERT INTO broker_positions (account, {_POSITION}) VALUES ({', '.join('?' * 15)})",
        [_values(account, each) for each in book.positions],
    )
    return row is None or Decimal(row[0]) != book.cash_inr or before != set(book.positions)


def snapshot(
    tx: Transaction, account: str, book: Book, quotes: Mapping[str, Quote], day: date, now: datetime
) -> PortfolioDay:
    """Write down how an account stands on a day, over what was written of that day before.

    A quote that was not fetched on that day is none. What is known in part never replaces what was known in full.
    """
    found = day_of(account, book, quotes, day, now)._replace(charges_inr=_charges(tx, account, day))
    values = (
        account, day.isoformat(), str(found.cash_inr), str(found.value_inr), columns.text(found.cost_inr),
        columns.text(found.day_pnl_inr), str(found.realised_inr), str(found.charges_inr), int(found.complete),
        to_micros(now),
    )  # fmt: skip
    tx.run(
        f"INSERT INTO portfolio_days ({_DAY}) VALUES ({', '.join('?' * 10)}) ON CONFLICT (account, day) DO UPDATE SET"
        " cash_inr = excluded.cash_inr, value_inr = excluded.value_inr, cost_inr = excluded.cost_inr,"
        " day_pnl_inr = excluded.day_pnl_inr, realised_inr = excluded.realised_inr,"
        " charges_inr = excluded.charges_inr, complete = excluded.complete, updated_at = excluded.updated_at"
        " WHERE excluded.complete >= complete AND excluded.updated_at >= updated_at",
        values,
    )
    return found


def day_of(account: str, book: Book, quotes: Mapping[str, Quote], day: date, now: datetime) -> PortfolioDay:
    """How an account stands on a day, without the charges, which are not in its book. Pure; as ``snapshot``.

    What was won or lost is that of the day's session: it is not known where the exchange made none of the prices on
    that day, as there was no session then.
    """
    held_session = any(made_on(quotes[each.symbol]) == day for each in book.positions if each.symbol in quotes)
    value, cost, won, realised = ZERO, ZERO, ZERO, ZERO
    cost_known = won_known = complete = True
    for held in book.positions:
        quote = quotes.get(held.symbol)
        if quote is not None and quote.fetched_at.astimezone(IST).date() != day:
            quote = None
        realised += held.realised_inr
        if quote is not None:
            value += quote.last_price * held.quantity
        elif held.quantity:
            complete = False
        today = _won(held, quote if held_session else None)
        won, won_known = won + (today or ZERO), won_known and today is not None
        if held.quantity and held.average_price is None:
            cost_known = False
        cost += (held.average_price or ZERO) * held.quantity
    return PortfolioDay(
        account, day, book.cash_inr, value, cost if cost_known else None, won if won_known else None, realised, ZERO,
        complete, now,
    )  # fmt: skip


def made_on(quote: Quote) -> date:
    """The Indian day on which the exchange made a quote, or on which it was asked for where that is not said."""
    return (quote.exchange_at or quote.fetched_at).astimezone(IST).date()


def history(tx: Transaction, account: str, limit: int) -> tuple[PortfolioDay, ...]:
    """The newest days of an account, newest first.

    What a paper account realised and paid is that of its ledger, whenever the day was last looked at.
    """
    sql = f"SELECT {_DAY} FROM portfolio_days WHERE account = ? ORDER BY day DESC LIMIT ?"
    days = [_day(row) for row in tx.all(sql, (account, limit))]
    if account == KITE or not days:
        return tuple(days)
    span = days[-1].day, days[0].day
    paid, won = dict[date, Decimal](), dict[date, Decimal]()
    for cost in pnl_store.charges(tx, account, *span):
        paid[cost.day] = paid.get(cost.day, ZERO) + (cost.amount_inr or ZERO)
    for sold in pnl_store.disposals(tx, account, *span):
        if sold.cost_inr is not None:
            gain = sold.price_inr * sold.quantity - sold.cost_inr
            won[sold.sold_on] = won.get(sold.sold_on, ZERO) + gain
    return tuple(
        each._replace(realised_inr=won.get(each.day, ZERO), charges_inr=paid.get(each.day, ZERO)) for each in days
    )


def _charges(tx: Transaction, account: str, day: date) -> Decimal:
    found = pnl_store.charges(tx, account, day, day)
    return sum((each.amount_inr for each in found if each.amount_inr is not None), ZERO)


def _won(held: Position, quote: Quote | None) -> Decimal | None:
    """Won or lost today; of what was all sold today that needs the previous close alone."""
    if quote is not None:
        return day_pnl(held, quote)
    if held.quantity or held.overnight_quantity:
        return None
    return held.day_sell_inr - held.day_buy_inr


def _position(row: Row) -> Position:
    (
        symbol, product, quantity, sellable, average, overnight, bought, bought_inr, sold, sold_inr, realised,
        unsettled, pledged, isin,
    ) = row  # fmt: skip
    return Position(
        symbol, product, quantity, sellable, None if average is None else Decimal(average), overnight, bought,
        Decimal(bought_inr), sold, Decimal(sold_inr), Decimal(realised), unsettled, pledged, isin,
    )  # fmt: skip


def _values(account: str, held: Position) -> tuple[str | int | None, ...]:
    return (
        account, held.symbol, held.product, held.quantity, held.sellable, columns.text(held.average_price),
        held.overnight_quantity, held.day_buy_quantity, str(held.day_buy_inr), held.day_sell_quantity,
        str(held.day_sell_inr), str(held.realised_inr), held.unsettled, held.pledged, held.isin,
    )  # fmt: skip


def _day(row: Row) -> PortfolioDay:
    account, day, cash, value, cost, won, realised, charges, complete, updated = row
    return PortfolioDay(
        account, date.fromisoformat(day), Decimal(cash), Decimal(value), None if cost is None else Decimal(cost),
        None if won is None else Decimal(won), Decimal(realised), Decimal(charges), bool(complete),
        from_micros(updated),
    )  # fmt: skip
