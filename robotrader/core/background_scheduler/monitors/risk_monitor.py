"""Looks after what is held: refreshes the account, judges every rule on live prices, and writes down what is broken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from robotrader.core.background_scheduler.config.risk_kinds import EXITS, Rule, RuleKind
from robotrader.core.background_scheduler.models import Task, TaskStatus
from robotrader.core.background_scheduler.monitors import risk_words
from robotrader.core.background_scheduler.monitors.hours import Hours
from robotrader.core.background_scheduler.monitors.risk_decisions import Decided, Place, Present, decide
from robotrader.core.background_scheduler.monitors.risk_rules import Judgement, Scene, judge
from robotrader.core.background_scheduler.processors.price_basis import FELL, ROSE
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk, stale
from robotrader.core.background_scheduler.stores import (
    halt_store,
    mark_store,
    order_store,
    portfolio_store,
    risk_store,
    sector_store,
)
from robotrader.core.background_scheduler.stores.paper_store import Matched
from robotrader.core.background_scheduler.trading import Book, Quote, Quotes
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import TaskTimeoutError
from robotrader.core.event_bus import Event
from robotrader.core.ids import new_id

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar

YOUNG = timedelta(seconds=15)
"""Quotes that another monitor fetched this shortly before are not fetched again."""

MINUTE = timedelta(minutes=1)
BLIND = "blind"
"""The mark of a symbol that could not be judged today, and whose owner was told."""

Refresh = Callable[[], Awaitable[Book]]
Match = Callable[[Transaction, Mapping[str, Quote], datetime], Matched]


class Seen(NamedTuple):
    """What one look found before anything is judged.

    Attributes:
        told: the account as its broker tells of it; None where a ledger of our own does.
        usable: the quotes that may be decided on; ``blind`` says of the other symbols why not.
    """

    now: datetime
    hours: Hours
    told: Book | None
    usable: Mapping[str, Quote]
    blind: Mapping[str, str]


class Look(NamedTuple):
    """One look, judged."""

    book: Book
    rules: tuple[Rule, ...]
    scene: Scene
    judgements: tuple[Judgement, ...]
    decided: Decided


class RiskMonitor:
    """Judges the rules of one account.

    Args:
        calendar: the trading calendar, read when it is first needed.
        refresh: asks the broker what is held; None for a ledger of our own.
        match: fills what rests at the paper broker; part of a transaction. None for any other account.
        settle: brings the account's orders up to date before anything is judged.
        stale_after: how old a quote may be while the market is open.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        account: str,
        desk: QuoteDesk,
        calendar: Callable[[], MarketCalendar],
        stale_after: timedelta,
        refresh: Refresh | None = None,
        match: Match | None = None,
        settle: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._desk = desk
        self._calendar = calendar
        self._stale_after = stale_after
        self._refresh = refresh
        self._match = match
        self._settle = settle
        self.account = account

    async def process(self, task: Task, deadline: float) -> Outcome:
        """Look once, and write down what follows in the task's last transaction.

        Raises:
            LoginRequiredError: the broker's session has ended: nothing was judged.
            APIError: the broker or the source of quotes did not answer: nothing was judged.
            TaskTimeoutError: they took too long.
        """
        try:
            async with asyncio.timeout(max(0.0, deadline - self._clock.monotonic())):
                if self._settle is not None:
                    await self._settle()
                seen = await self._see()
        except TimeoutError as error:
            raise TaskTimeoutError("the broker and the source of quotes took too long; nothing was judged") from error
        record: dict[str, Any] = {}

        def save(tx: Transaction) -> Sequence[Event]:
            # The record is filled here, anew each time, because a fill or another process may change what is judged.
            events, shown = self._save(tx, seen, task)
            record.clear()
            record.update(shown)
            return events

        return Outcome(TaskStatus.COMPLETED, record=record, save=save)

    async def check(self) -> tuple[Seen, Look]:
        """Judge now, without writing anything.

        Raises:
            NoDataError: the account was never synchronised.
            TradingError: as ``process``.
        """
        seen = await self._see()
        return seen, await self._db.read(lambda tx: self._judge(tx, seen, correlation_id=""))

    async def _see(self) -> Seen:
        told = None if self._refresh is None else await self._refresh()
        now = self._clock.now()

        def wanted(tx: Transaction) -> list[str]:
            book = told or portfolio_store.book(tx, self.account, now)
            open_orders = order_store.unfinished(tx, self.account)
            # What was sold today counts for the day's profit as well.
            return [*(each.symbol for each in book.positions), *(each.request.symbol for each in open_orders)]

        symbols = sorted(set(await self._db.read(wanted)))
        quotes = await self._desk.get(symbols, max_age=YOUNG) if symbols else Quotes({}, ())
        now = self._clock.now()
        hours = Hours(self._calendar(), now)
        hours.state()  # raises, where the calendar does not cover the year, before anything is judged
        blind = dict.fromkeys(quotes.missing, risk_words.MISSING)
        usable: dict[str, Quote] = {}
        for symbol, quote in quotes.found.items():
            if stale(quote, now, self._stale_after, hours.is_open(symbol)):
                blind[symbol] = risk_words.STALE
            else:
                usable[symbol] = quote
        return Seen(now, hours, told, usable, blind)

    def _judge(self, tx: Transaction, seen: Seen, *, correlation_id: str) -> Look:
        """Part of a transaction that may read only."""
        now, hours, usable = seen.now, seen.hours, seen.usable
        book = seen.told or portfolio_store.book(tx, self.account, now)
        rules = tuple(each for each in risk_store.rules(tx, self.account) if each.enabled)
        kinds = {each.kind for each in rules}
        day = hours.day
        scene = Scene(
            book.positions,
            {symbol: quote.last_price for symbol, quote in usable.items()},
            cash=book.cash_inr,
            unusable=seen.blind,
            withheld=self._withheld(tx, rules),
            sectors=_sectors(tx, book) if RuleKind.SECTOR_PCT in kinds else None,
            day_pnl=portfolio_store.day_of(self.account, book, usable, day, now).day_pnl_inr
            if RuleKind.DAILY_LOSS in kinds
            else None,
            orders_sent=order_store.sent_since(tx, self.account, now - MINUTE),
        )
        judgements = judge(rules, scene)
        present = Present(
            now,
            correlation_id,
            risk_store.standing(tx, self.account),
            _sellable(book),
            risk_store.promised(tx, self.account, None if seen.told is None else book.as_of),
            frozenset(symbol for symbol in scene.held if not hours.is_open(symbol)),
            halt_store.read(tx) is not None,
        )
        decided = decide(rules, judgements, scene, present, lambda: new_id(now))
        return Look(book, rules, scene, judgements, decided)

    def _withheld(self, tx: Transaction, rules: Sequence[Rule]) -> dict[str, str]:
        """Why exits are not judged that prices of another basis would reach, unless they were set since."""
        fell, rose = (mark_store.read_with_times(tx, self._desk.provider, each) for each in (FELL, ROSE))
        targets = (RuleKind.TARGET, RuleKind.TARGET_PCT)
        exits = ((each, rose if each.kind in targets else fell) for each in rules if each.kind in EXITS)
        told = ((rule, marks[rule.subject]) for rule, marks in exits if rule.subject in marks)
        return {rule.id: mark.level for rule, (mark, at) in told if rule.updated_at <= at}

    def _save(self, tx: Transaction, seen: Seen, task: Task) -> tuple[list[Event], dict[str, Any]]:
        now = seen.now
        if seen.told is not None:
            portfolio_store.save_sync(tx, self.account, seen.told, now)
        matched = Matched((), {}) if self._match is None else self._match(tx, seen.usable, now)
        look = self._judge(tx, seen, correlation_id=task.correlation_id)
        risk_store.insert(tx, look.decided.breaches)
        risk_store.keep(tx, look.decided.changed)
        events = [*matched.events, *risk_words.events(self.account, look.decided, now, task.correlation_id)]
        told = mark_store.read(tx, self._desk.provider, BLIND)
        ruled = {each.subject for each in look.rules if each.kind in EXITS}
        day = seen.hours.day
        withheld = look.scene.withheld
        rebased = {each.subject: withheld[each.id] for each in look.rules if each.id in withheld}
        new = {
            symbol: mark_store.Mark(day, why)
            for symbol, why in {**rebased, **seen.blind}.items()
            if symbol in ruled and symbol in look.scene.held and (symbol not in told or told[symbol].day != day)
        }
        if new:
            mark_store.save(tx, self._desk.provider, BLIND, new, now)
            reasons = {symbol: mark.level for symbol, mark in new.items()}
            events.append(risk_words.blind_event(self.account, reasons, now, task.correlation_id))
        record = risk_words.record(self.account, self._desk.provider, seen, look)
        return events, {**record, "order_events": len(matched.events), "not_matched": dict(matched.problems)}


def _sellable(book: Book) -> dict[Place, int]:
    found: dict[Place, int] = {}
    for each in book.positions:
        found[each.symbol, each.product] = found.get((each.symbol, each.product), 0) + each.sellable
    return found


def _sectors(tx: Transaction, book: Book) -> dict[str, str]:
    held = [each.symbol for each in book.positions]
    return {symbol: sector.name for symbol, sector in sector_store.of(tx, held).items()}
