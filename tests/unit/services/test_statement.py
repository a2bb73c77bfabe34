"""The monthly statement: it balances to the paisa, or is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.cli.render import Look
from robotrader.cli.screens import statement as screens
from robotrader.core.background_scheduler.stores import ledger_store
from robotrader.core.errors import NoDataError, SystemFailure
from robotrader.core.services.statement import KindSum, Statement, statement
from tests.support.clock import START, FakeClock
from tests.support.paper import ACCOUNT, Desk, desk

NOVEMBER, DECEMBER, TODAY = date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2)
D = Decimal


@pytest.fixture
async def paper(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Desk]:
    async with desk(tmp_path, clock) as made:
        yield made


async def of(paper: Desk, month: date, today: date = TODAY) -> Statement:
    return await paper.db.read(lambda tx: statement(tx, ACCOUNT, month, today))


async def test_a_month_with_its_entries_and_charges_by_kind(paper: Desk) -> None:
    await paper.place("BUY", 1000)
    found = await of(paper, NOVEMBER)
    assert (found.month, found.first, found.last, found.complete) == ("2026-11", date(2026, 11, 1), NOVEMBER, True)
    assert found.by_kind == (
        KindSum("opening", 1, D(1_000_000)), KindSum("buy", 1, D(-100_000)), KindSum("stt", 1, D(-100)),
        KindSum("exchange", 1, D("-3.07")), KindSum("sebi", 1, D("-0.10")), KindSum("stamp", 1, D(-15)),
        KindSum("gst", 1, D("-0.57")),
    )  # fmt: skip
    assert (found.opening_inr, found.charges_inr, found.closing_inr) == (0, D("118.74"), D("899881.26"))
    assert found.closing_inr == await paper.cash()
    following = await of(paper, DECEMBER)
    assert (following.opening_inr, following.closing_inr) == (D("899881.26"), D("899881.26"))
    assert (following.entries, following.complete) == ((), False)


async def test_an_account_that_was_never_opened_has_none(paper: Desk) -> None:
    with pytest.raises(NoDataError, match="no account paper"):
        await of(paper, NOVEMBER)


async def test_books_that_do_not_balance_are_refused(paper: Desk) -> None:
    await paper.place("BUY", 1)
    await paper.db.write(lambda tx: tx.run("UPDATE cash_entries SET amount_inr = '-99.99' WHERE kind = 'buy'"))
    with pytest.raises(SystemFailure, match="is written there"):
        await of(paper, NOVEMBER)


async def test_the_statement_as_csv(paper: Desk) -> None:
    await paper.place("BUY", 10)
    now, day = paper.clock.now(), START.date()
    await paper.db.write(lambda tx: ledger_store.enter_cash(tx, ACCOUNT, "deposit", D("0.50"), now, day, detail="=1+1"))
    lines = screens.table(await of(paper, NOVEMBER)).splitlines()
    assert lines[0] == "at_ist,day,kind,symbol,amount_inr,balance_inr,order_id,detail"
    assert lines[1] == "2026-11-20 09:30:00,2026-11-20,opening,,1000000.00,1000000.00,,"
    assert lines[2].startswith("2026-11-20 09:30:00,2026-11-20,buy,SBIN,-1000.00,999000.00,")
    assert lines[-1].endswith(",,'=1+1")


async def test_the_statement_on_the_screen(paper: Desk) -> None:
    await paper.place("BUY", 10)
    shown = screens.statement(await of(paper, NOVEMBER, START.date()), Look(START))
    assert len(shown) == 2
    empty = screens.statement(await of(paper, date(2026, 10, 1)), Look(START))
    assert empty[-1] == "no entries"
