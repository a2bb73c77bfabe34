"""Days of paper trading: cash, shares, profit and charges tell the same story to the paisa, each day and in all."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.background_scheduler.trading import Quotes
from robotrader.core.errors import LoginRequiredError
from robotrader.core.services.pnl_service import PnlService
from robotrader.core.services.portfolio_quotes import PortfolioQuotes
from robotrader.core.services.portfolio_service import PortfolioService
from tests.support.clock import FakeClock
from tests.support.market import packaged
from tests.support.paper import ACCOUNT, OTHER, Desk, at, calendar, desk

CASH = Decimal(1_000_000)
SYMBOLS = ("SBIN", OTHER)
DAYS = 7


def services(paper: Desk) -> tuple[PortfolioService, PnlService]:
    async def fetch(symbols: Sequence[str]) -> Quotes:
        now = paper.clock.now()
        found = {
            each: paper.quotes[each]._replace(provider="kite", fetched_at=now, exchange_at=now) for each in symbols
        }
        return Quotes(found, ())

    async def nobody() -> None:
        raise LoginRequiredError("no session")

    market = QuoteDesk(paper.db, paper.clock, provider="kite", fetch=fetch, calendar=packaged)
    quotes = PortfolioQuotes(paper.db, paper.clock, market, calendar=calendar, stale=timedelta(seconds=120))
    events = EventStore(paper.db, paper.clock, durable_types=frozenset(), grace_seconds=5.0)
    portfolio = PortfolioService(
        paper.db, paper.clock, events, quotes, account=ACCOUNT, paper=ACCOUNT, cash=CASH, ask_broker=nobody
    )
    return portfolio, PnlService(paper.db, paper.clock, quotes, account=ACCOUNT)


async def a_day(paper: Desk, dice: random.Random) -> None:
    """Some shares are bought to keep, some for the day, and some of those that are held are sold."""
    for symbol in SYMBOLS:
        if dice.random() < 0.7:
            await paper.place("BUY", dice.randint(1, 200), symbol)
        if dice.random() < 0.5:
            count = dice.randint(1, 50)
            await paper.place("BUY", count, symbol, product="MIS")
            await paper.place("SELL", count, symbol, product="MIS")
        held = (await paper.positions()).get((symbol, "CNC"))
        if held is not None and held.sellable:
            await paper.place("SELL", dice.randint(1, held.sellable), symbol)


@pytest.mark.parametrize("seed", range(4))
async def test_all_that_was_won_is_what_there_is_more(tmp_path: Path, seed: int) -> None:
    dice, clock = random.Random(seed), FakeClock()
    async with desk(tmp_path, clock) as paper:
        portfolio, results = services(paper)
        prices = dict.fromkeys(SYMBOLS, Decimal(100))
        before, day = CASH, date(2026, 11, 20)
        for _ in range(DAYS):
            clock.advance((at(f"{day}T10:00") - clock.now()).total_seconds())
            closes = dict(prices)
            for symbol in SYMBOLS:
                prices[symbol] += dice.randint(-300, 300) / Decimal(100)
                paper.price(str(prices[symbol]), symbol, close=str(closes[symbol]))
            await a_day(paper, dice)
            shown, all_days, today = (
                await portfolio.show(None),
                await results.pnl(None, None, None),
                await results.pnl(None, day, None),
            )
            assert shown.total.inr is not None
            assert shown.total.inr == CASH + (all_days.total.inr or 0)
            assert shown.day_pnl.inr is not None
            assert shown.total.inr - before == shown.day_pnl.inr - (today.charges.inr or 0)
            assert shown.realised == today.realised
            assert sum(row.net.inr or 0 for row in all_days.by_day) == all_days.net.inr
            assert sum(row.net.inr or 0 for row in all_days.by_symbol) == all_days.net.inr
            assert sum(row.realised_inr or 0 for row in all_days.disposals) == all_days.realised.inr
            trades = await results.trades(None, day, day, None, 1000)
            assert trades.charges == today.charges
            before = shown.total.inr
            clock.advance((at(f"{day}T17:00") - clock.now()).total_seconds())
            closed = await portfolio.show(None)
            assert closed.total == shown.total
            day = calendar().next_trading_day(day)
        kept = (await portfolio.history(None, 100)).days
        assert len(kept) == DAYS
        assert kept[0].total_inr == before
        assert sum(row.change_inr or 0 for row in kept) == kept[0].total_inr - kept[-1].total_inr
