"""The quote desk: stored, else fetched, one fetch at a time, and what was asked for in vain is named."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk, stale
from robotrader.core.background_scheduler.trading import Quotes
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import ConfigurationError, LoginRequiredError
from tests.support.clock import START, FakeClock
from tests.support.market import packaged
from tests.support.quotes import Prices, quote

MINUTE = timedelta(minutes=1)


@pytest.fixture
async def db(tmp_path: Path, clock: FakeClock) -> AsyncIterator[DatabaseStateManager]:
    made = DatabaseStateManager(tmp_path / "robotrader.db", clock=clock)
    yield made
    await made.close()


@pytest.fixture
def prices(clock: FakeClock) -> Prices:
    made = Prices(clock)
    made.set("SBIN", "800")
    made.set("TCS", "3000")
    return made


@pytest.fixture
def desk(db: DatabaseStateManager, clock: FakeClock, prices: Prices) -> QuoteDesk:
    return QuoteDesk(db, clock, provider="sandbox", fetch=prices.fetch, calendar=packaged)


async def test_what_is_young_enough_is_not_asked_for_again(desk: QuoteDesk, clock: FakeClock, prices: Prices) -> None:
    first = await desk.get(["SBIN", "NOSUCH", "SBIN"], max_age=MINUTE)
    assert (list(first.found), first.missing) == (["SBIN"], ("NOSUCH",))
    clock.advance(60)
    second = await desk.get(["SBIN", "TCS"], max_age=MINUTE)
    assert second.found["SBIN"] == first.found["SBIN"]
    clock.advance(0.001)
    await desk.get(["SBIN"], max_age=MINUTE)
    assert prices.asked == [("SBIN", "NOSUCH"), ("TCS",), ("SBIN",)]


async def test_another_process_takes_what_is_stored(
    db: DatabaseStateManager, desk: QuoteDesk, clock: FakeClock, prices: Prices
) -> None:
    await desk.get(["SBIN"], max_age=MINUTE)
    other = QuoteDesk(db, clock, provider="sandbox", fetch=prices.fetch, calendar=packaged)
    assert "SBIN" in (await other.get(["SBIN"], max_age=MINUTE)).found
    assert len(prices.asked) == 1


async def test_those_who_wait_share_one_fetch(db: DatabaseStateManager, clock: FakeClock, prices: Prices) -> None:
    going, at_once = asyncio.Event(), 0

    async def slow(symbols: Sequence[str]) -> Quotes:
        nonlocal at_once
        at_once += 1
        assert at_once == 1
        await going.wait()
        at_once -= 1
        return await prices.fetch(symbols)

    desk = QuoteDesk(db, clock, provider="sandbox", fetch=slow, calendar=packaged)
    tasks = [asyncio.ensure_future(desk.get(["SBIN"], max_age=timedelta(0))) for _ in range(5)]
    tasks.append(asyncio.ensure_future(desk.get(["SBIN", "TCS"], max_age=timedelta(0))))
    await asyncio.sleep(0.01)
    going.set()
    found = await asyncio.gather(*tasks)
    assert prices.asked == [("SBIN",), ("TCS",)]
    assert {each.found["SBIN"] for each in found} == {found[0].found["SBIN"]}


async def test_a_dead_session_is_said_and_the_next_may_ask(desk: QuoteDesk, prices: Prices) -> None:
    prices.error = LoginRequiredError("the session has ended")
    with pytest.raises(LoginRequiredError):
        await desk.get(["SBIN"], max_age=MINUTE)
    prices.error = None
    assert "SBIN" in (await desk.get(["SBIN"], max_age=MINUTE)).found


async def test_a_symbol_that_is_not_known_any_more_is_missing(
    desk: QuoteDesk, clock: FakeClock, prices: Prices
) -> None:
    await desk.get(["SBIN"], max_age=MINUTE)
    del prices.quotes["SBIN"]
    clock.advance(120)
    assert await desk.get(["SBIN"], max_age=MINUTE) == Quotes({}, ("SBIN",))
    assert list(await desk.stored(["SBIN"])) == ["SBIN"]


async def test_a_quote_from_the_future_is_asked_for_anew(
    db: DatabaseStateManager, desk: QuoteDesk, clock: FakeClock, prices: Prices
) -> None:
    clock.advance(86_400)
    await desk.get(["SBIN"], max_age=MINUTE)
    back = QuoteDesk(db, FakeClock(START), provider="sandbox", fetch=prices.fetch, calendar=packaged)
    await back.get(["SBIN"], max_age=MINUTE)
    assert len(prices.asked) == 2


async def test_nobody_to_ask(db: DatabaseStateManager, clock: FakeClock, prices: Prices) -> None:
    desk = QuoteDesk(db, clock, provider="", fetch=prices.fetch, calendar=packaged)
    with pytest.raises(ConfigurationError, match="no source of quotes"):
        await desk.get(["SBIN"], max_age=MINUTE)
    assert await desk.get([], max_age=MINUTE) == Quotes({}, ())
    assert prices.asked == []


@pytest.mark.parametrize(
    ("fetched", "told", "is_open", "expected"),
    [
        (0, 0, True, False),
        (120, 120, True, False),
        (121, 0, True, True),
        (0, 121, True, True),
        (0, None, True, False),
        (121, None, True, True),
        (0, -121, True, True),  # made two minutes from now
        (100_000, 100_000, False, False),  # the last close
    ],
)
def test_stale(fetched: int, told: int | None, is_open: bool, expected: bool) -> None:
    made = quote(
        "SBIN",
        "800",
        fetched_at=START - timedelta(seconds=fetched),
        exchange_at=None if told is None else START - timedelta(seconds=told),
    )
    assert stale(made, START, timedelta(seconds=120), is_open) is expected
