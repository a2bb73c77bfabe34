"""Tasks that ask a real server on the loopback: what is paid, what is kept, what the owner is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.bootstrap import open_app
from robotrader.core.background_scheduler.models import RunReport, TaskOutcome
from robotrader.core.background_scheduler.stores.limits_store import LimitsStore
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.core.errors import NoDataError
from robotrader.settings import BudgetSettings, PerplexitySettings, ScheduleSettings, SchedulesSettings
from tests.support.clock import FakeClock
from tests.support.perplexity_server import PerplexityServer, perplexity_server
from tests.support.spine import KEYS, live, process


@pytest.fixture
async def server() -> AsyncIterator[PerplexityServer]:
    async with perplexity_server() as running:
        yield running


def only(report: RunReport) -> TaskOutcome:
    (outcome,) = report.outcomes
    return outcome


async def test_one_question_is_asked_archived_read_and_stored(
    home: Path, clock: FakeClock, server: PerplexityServer
) -> None:
    async with open_app(live(home, server.url), clock=clock) as app:
        tasks, research = await app.tasks(), await app.research()
        outcome = only(await tasks.run("earnings", ["NSE:SBIN"]))
        assert (outcome.task.status, outcome.task.symbol, outcome.exit_code) == ("COMPLETED", "SBIN", 0)
        assert (outcome.task.paid_calls, outcome.task.provider) == (1, "perplexity")
        assert outcome.task.cost_usd is not None
        assert outcome.record["symbol"] == "SBIN"
        (view,) = await research.earnings("SBIN")
        assert view.record["eps_inr"] == outcome.record["eps_inr"]
        why = await research.why("SBIN", "eps")
        archived = json.loads((home / "documents" / why.document_path).read_text(encoding="utf-8"))
        assert why.words in json.loads(archived["answer"]["body"])["output"][-1]["content"][0]["text"]
        again = only(await tasks.run("earnings", ["SBIN"]))
        assert (again.task.status, again.task.paid_calls) == ("SKIPPED", 0)
        assert (again.task.reason or "").startswith("fresh: fetched 0 s ago")
    assert [row["symbol"] for row in server.billed] == ["SBIN"]


@pytest.mark.parametrize(
    ("behaviour", "status", "code", "billed"),
    [
        ("empty", "FAILED", 5, 1),
        ("no-search", "FAILED", 5, 1),
        ("text:Nothing is known of it.", "FAILED", 5, 1),
        ("html", "FAILED", 4, 0),
        ("broken", "FAILED", 4, 1),
        ("cut", "FAILED", 4, 1),
        ("huge", "FAILED", 4, 1),
        ("reset", "UNKNOWN", 4, 1),
        ("close", "UNKNOWN", 4, 1),
        ("400", "FAILED", 4, 0),
        ("401", "DEFERRED", 4, 0),
        ("429:5000", "DEFERRED", 4, 0),
        ("503", "DEFERRED", 4, 0),
    ],
)
async def test_each_trouble_ends_in_its_own_state(
    home: Path, clock: FakeClock, server: PerplexityServer, behaviour: str, status: str, code: int, billed: int
) -> None:
    server.default = behaviour
    async with open_app(live(home, server.url), clock=clock) as app:
        outcome = only(await (await app.tasks()).run("earnings", ["SBIN"]))
        assert (outcome.task.status, outcome.exit_code) == (status, code), outcome
        assert len(server.billed) == billed
        budget = (await (await app.status()).status()).budget
        # What is known not to be billed is not counted; everything else is.
        counted = behaviour not in {"400", "401", "429:5000", "503"}
        assert budget.calls_today == counted
        assert (outcome.task.document_id is not None) == (counted and status != "UNKNOWN")
        if outcome.task.document_id is not None:
            assert len(list((home / "documents").rglob("*.json"))) == 1
        clock.advance(1)
        unknown = (await (await app.status()).status()).unknown_calls
        assert unknown == (status == "UNKNOWN")


async def test_an_archived_answer_is_read_again_for_nothing(
    home: Path, clock: FakeClock, server: PerplexityServer
) -> None:
    async with open_app(live(home, server.url), clock=clock) as app:
        await (await app.tasks()).run("earnings", ["SBIN", "TCS"])
        research = await app.research()
        before = await research.earnings("SBIN")
        view = await research.reparse()
        assert (view.documents, view.changed, view.unreadable) == (2, 0, 0)
        (next((home / "documents").rglob("*.json"))).write_text("{", encoding="utf-8")
        assert (await research.reparse("earnings")).unreadable == 1
        assert (await research.earnings("SBIN"))[0].record == before[0].record
    assert len(server.billed) == 2


async def test_a_silent_server_is_not_waited_for_longer_than_the_task_may_take(
    home: Path, clock: FakeClock, server: PerplexityServer
) -> None:
    server.default = "hang"
    row = SchedulesSettings(earnings=replace(ScheduleSettings(), timeout_seconds=0.2))
    settings = live(home, server.url, schedules=row)
    async with open_app(settings, clock=clock) as app:
        outcome = only(await (await app.tasks()).run("earnings", ["SBIN"]))
        assert (outcome.task.status, outcome.exit_code) == ("UNKNOWN", 4)
        clock.advance(1)
        again = only(await (await app.tasks()).run("earnings", ["SBIN"]))
        assert (again.task.status, again.exit_code) == ("UNKNOWN", 4)
        assert len(server.billed) == 1
        server.default = "answer"
        forced = only(await (await app.tasks()).retry(outcome.task.id))
        assert forced.task.status == "COMPLETED"
        assert len(server.billed) == 2


async def test_the_budget_holds_tasks_back_and_lets_them_go(
    home: Path, clock: FakeClock, server: PerplexityServer
) -> None:
    budget = BudgetSettings(daily_usd=None, monthly_usd=None, daily_calls=1, monthly_calls=None)
    async with open_app(live(home, server.url, budget=budget), clock=clock) as app:
        tasks = await app.tasks()
        report = await tasks.run("earnings", ["SBIN", "TCS"])
        held = [outcome for outcome in report.outcomes if outcome.task.status == "DEFERRED"]
        assert [outcome.exit_code for outcome in held] == [6]
        assert len(server.billed) == 1
        plan = await tasks.plan()
        assert plan.budget_left_calls == 0
        clock.advance(86_400)
        assert only(await tasks.tick()).task.status == "COMPLETED"
    assert sorted(row["symbol"] for row in server.billed) == ["SBIN", "TCS"]


async def test_a_call_that_could_not_be_sent_is_not_counted(
    home: Path, clock: FakeClock, server: PerplexityServer
) -> None:
    """The breaker is open: nothing leaves, and nothing stays reserved."""
    async with process(home, clock, settings=live(home, server.url)) as p:
        limits, ledger = await p.get(LimitsStore), await p.get(PaidCallStore)
        for _ in range(5):
            await limits.record_outcome("perplexity", ok=False, now=clock.now())
        report = await p.scheduler.run_now("earnings", ["SBIN", "TCS"], force=False)
        assert [outcome.task.status for outcome in report.outcomes] == ["DEFERRED", "DEFERRED"]
        spent = await ledger.spent("perplexity")
        assert (spent.day_calls, spent.day_usd) == (0, Decimal(0))
        clock.advance(3600)
        assert {outcome.task.status for outcome in (await p.scheduler.tick()).outcomes} == {"COMPLETED"}
        assert (await ledger.spent("perplexity")).day_calls == 2
    assert len(server.billed) == 2


async def test_the_next_process_remembers_the_keys(home: Path, clock: FakeClock, server: PerplexityServer) -> None:
    server.script("401", key=KEYS[0], forever=True)
    server.script("429:30", key=KEYS[1])
    clock.patience = 15
    settings = live(home, server.url, keys=3)
    async with open_app(settings, clock=clock) as app:
        report = await (await app.tasks()).run("earnings", ["SBIN", "TCS", "INFY"])
        assert {outcome.task.status for outcome in report.outcomes} == {"COMPLETED"}
    server.requests.clear()
    async with open_app(settings, clock=clock) as app:
        clock.advance(1)
        assert only(await (await app.tasks()).run("earnings", ["WIPRO"])).task.status == "COMPLETED"
        view = await (await app.status()).status()
        assert sorted(key["removed"] for key in view.keys) == [False, True]
    assert [asked.key for asked in server.requests] == [KEYS[2]]


async def test_no_key_at_all_is_told_with_its_remedy(home: Path, clock: FakeClock) -> None:
    settings = replace(live(home, "http://127.0.0.1:9"), provider="perplexity", perplexity=PerplexitySettings())
    async with open_app(settings, clock=clock) as app:
        outcome = only(await (await app.tasks()).run("earnings", ["SBIN"]))
        assert outcome.exit_code == 3
        assert "PERPLEXITY_API_KEYS" in (outcome.remedy or "")


async def test_the_sandbox_asks_nobody_and_pays_nothing(home: Path, clock: FakeClock) -> None:
    from tests.support.spine import offline

    async with open_app(offline(home), clock=clock) as app:
        tasks = await app.tasks()
        report = await tasks.run("earnings", ["SBIN", "NOSUCH"])
        known, unknown = report.outcomes
        assert (known.task.status, known.task.provider, known.task.paid_calls) == ("COMPLETED", "sandbox", 0)
        assert (unknown.task.status, unknown.exit_code) == ("FAILED", 5)
        assert "SBIN" in f"{unknown.remedy} {unknown.task.reason}"
        with pytest.raises(NoDataError):
            await (await app.research()).earnings("NOSUCH")
        assert (await (await app.status()).status()).budget.calls_today == 0
