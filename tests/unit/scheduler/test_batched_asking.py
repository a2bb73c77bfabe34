"""Several symbols in one paid call, against a real server on the loopback: what is paid, split, asked for again."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robotrader.bootstrap import open_app
from robotrader.core.background_scheduler.models import RunReport, TaskOutcome
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.settings import BudgetSettings, ScheduleSettings, SchedulesSettings
from tests.support.clock import FakeClock
from tests.support.perplexity_server import PerplexityServer, perplexity_server
from tests.support.perplexity_shapes import answer_text
from tests.support.spine import process, until
from tests.support.together import PatientClock, batched, ledger_adds_up, lone_answer

FIVE = ["SBIN", "TCS", "INFY", "M&M", "BAJAJ-AUTO"]


@pytest.fixture
def clock() -> PatientClock:
    return PatientClock()


@pytest.fixture
async def server() -> AsyncIterator[PerplexityServer]:
    async with perplexity_server(pricing="search-once") as running:
        yield running


def by_symbol(report: RunReport) -> dict[str, TaskOutcome]:
    return {outcome.task.symbol or "": outcome for outcome in report.outcomes}


def asked(server: PerplexityServer) -> list[tuple[str, ...]]:
    """The symbols of each bill; those of one call in alphabetical order."""
    return sorted((tuple(sorted(row["symbols"])) for row in server.billed), key=lambda each: (-len(each), each))


def statuses(report: RunReport) -> Counter[str]:
    return Counter(outcome.task.status.value for outcome in report.outcomes)


async def test_five_symbols_are_two_calls_and_each_gets_its_own_figures(
    home: Path, clock: PatientClock, server: PerplexityServer
) -> None:
    async with open_app(batched(home, server.url), clock=clock) as app:
        tasks, research = await app.tasks(), await app.research()
        report = await tasks.run("earnings", FIVE)
        assert statuses(report) == {"COMPLETED": 5}
        assert [len(each) for each in asked(server)] == [3, 2]
        assert sorted(symbol for each in asked(server) for symbol in each) == sorted(FIVE)
        for symbol, outcome in by_symbol(report).items():
            alone = json.loads(answer_text(lone_answer(symbol).request["json"], symbol))
            assert outcome.record["symbol"] == symbol
            for name in ("eps_inr", "revenue_inr", "net_profit_inr"):
                assert outcome.record[name] == Decimal(str(alone[name]))
            why = await research.why(symbol, "eps")
            archived = json.loads((home / "documents" / why.document_path).read_text(encoding="utf-8"))
            text = json.loads(archived["answer"]["body"])["output"][-1]["content"][0]["text"]
            assert text[why.offset : why.offset + len(why.words)] == why.words
            element = next(each for each in json.loads(text)["answers"] if each["symbol"] == symbol)
            assert Decimal(why.words) == Decimal(str(element["eps_inr"]))
            found = {source["url"] for source in (await research.earnings(symbol))[0].sources}
            assert len(found) >= 3  # the search results of a call belong to all of its symbols
        documents = {outcome.task.document_id for outcome in report.outcomes}
        assert len(documents) == len(list((home / "documents").rglob("*.json"))) == 2
        assert sum(outcome.task.paid_calls for outcome in report.outcomes) == 2
        budget = (await (await app.status()).status()).budget
        assert budget.calls_today == 2
        assert budget.spent_today_usd == sum(outcome.task.cost_usd or 0 for outcome in report.outcomes) > 0
        clock.advance(1)
        again = await tasks.run("earnings", FIVE)
        assert statuses(again) == {"SKIPPED": 5}
    assert len(server.billed) == 2


async def test_the_question_is_about_each_and_its_schema_has_a_name_of_its_own(
    home: Path, clock: PatientClock, server: PerplexityServer
) -> None:
    async with open_app(batched(home, server.url), clock=clock) as app:
        await (await app.tasks()).run("earnings", ["SBIN", "BSE:SBIN", "M&M"])
        clock.advance(1)
        await (await app.tasks()).run("earnings", ["SBIN"], force=True)
    many, single = (each.json for each in server.requests)
    assert many["instructions"] == single["instructions"]
    for named in ("NSE:SBIN", "BSE:SBIN", "NSE:M&M"):
        assert many["input"].count(named) == 2  # in the list, and in its own question
    form, plain = (each["response_format"]["json_schema"] for each in (many, single))
    assert form["name"] == plain["name"].replace("earnings", "earningsbatch")
    assert form["schema"]["properties"]["answers"]["items"] == plain["schema"]
    assert (many["max_output_tokens"], single["max_output_tokens"]) == (3 * 4096, 4096)


async def test_an_owners_prompt_serves_batches_too(home: Path, clock: PatientClock, server: PerplexityServer) -> None:
    own = "version: 7-mine\n---\nRules of mine.\n---\nHow did $symbol do?\nIt trades on $exchange."
    settings = batched(home, server.url, 2)
    (home / "prompts").mkdir(parents=True)
    (home / "prompts" / "earnings.txt").write_text(own, encoding="utf-8")
    async with open_app(settings, clock=clock) as app:
        report = await (await app.tasks()).run("earnings", ["SBIN", "TCS"])
    assert statuses(report) == {"COMPLETED": 2}
    (asked_for,) = (each.json for each in server.requests)
    assert asked_for["instructions"] == "Rules of mine."
    for symbol in ("SBIN", "TCS"):
        assert f"\n- How did {symbol} do?\nIt trades on NSE." in asked_for["input"]
    assert asked_for["response_format"]["json_schema"]["name"] == "earningsbatchv7mine"


@pytest.mark.parametrize("behaviour", ["missing:TCS", "twice:TCS"])
async def test_who_is_not_clearly_in_the_answer_is_asked_for_alone(
    home: Path, clock: PatientClock, server: PerplexityServer, behaviour: str
) -> None:
    server.default = behaviour
    async with open_app(batched(home, server.url), clock=clock) as app:
        report = await (await app.tasks()).run("earnings", FIVE[:3])
        assert statuses(report) == {"COMPLETED": 3}
        assert asked(server) == [("INFY", "SBIN", "TCS"), ("TCS",)]
        outcomes = by_symbol(report)
        assert sum(outcome.task.paid_calls for outcome in report.outcomes) == 2
        budget = (await (await app.status()).status()).budget
        assert budget.spent_today_usd == sum(outcome.task.cost_usd or 0 for outcome in report.outcomes)
        assert outcomes["TCS"].task.document_id != outcomes["SBIN"].task.document_id
        assert len(list((home / "documents").rglob("*.json"))) == 2
        assert outcomes["TCS"].record["symbol"] == "TCS"


async def test_who_has_no_data_in_the_answer_is_asked_for_alone_once(
    home: Path, clock: PatientClock, server: PerplexityServer
) -> None:
    server.default = "null:TCS"
    async with open_app(batched(home, server.url), clock=clock) as app:
        tasks = await app.tasks()
        report = await tasks.run("earnings", FIVE[:3])
        assert statuses(report) == {"COMPLETED": 2, "FAILED": 1}
        failed = by_symbol(report)["TCS"]
        assert failed.exit_code == 5
        assert failed.task.document_id is not None
        assert asked(server) == [("INFY", "SBIN", "TCS"), ("TCS",)]
        assert sum(outcome.task.paid_calls for outcome in report.outcomes) == 2
        budget = (await (await app.status()).status()).budget
        assert budget.spent_today_usd == sum(outcome.task.cost_usd or 0 for outcome in report.outcomes)


@pytest.mark.parametrize("trouble", ["empty", "no-search", "html", "cut", "incomplete", "broken", "text:Nothing."])
async def test_where_nothing_usable_came_each_is_asked_for_alone(
    home: Path, clock: PatientClock, server: PerplexityServer, trouble: str
) -> None:
    server.script(trouble)
    async with open_app(batched(home, server.url), clock=clock) as app:
        report = await (await app.tasks()).run("earnings", FIVE[:3])
        assert statuses(report) == {"COMPLETED": 3}
        assert sum(outcome.task.paid_calls for outcome in report.outcomes) == 4
        assert (await (await app.status()).status()).budget.calls_today == 4
        assert len(list((home / "documents").rglob("*.json"))) == 4
    assert len(server.requests) == 4


@pytest.mark.parametrize("trouble", ["reset", "close", "502-html"])
async def test_an_unknown_outcome_is_all_of_theirs_and_paid_once(
    home: Path, clock: PatientClock, server: PerplexityServer, trouble: str
) -> None:
    server.default = trouble
    async with process(home, clock, settings=batched(home, server.url)) as p:
        await p.watch(*FIVE[:3])
        report = await p.scheduler.tick()
        assert statuses(report) == {"UNKNOWN": 3}
        assert {outcome.exit_code for outcome in report.outcomes} == {4}
        assert sum(outcome.task.paid_calls for outcome in report.outcomes) == 1
        await ledger_adds_up(p)
        server.default = "answer"
        clock.advance(1)
        assert statuses(await p.scheduler.run_now("earnings", FIVE[:3], force=False)) == {"UNKNOWN": 3}
        assert len(server.billed) == 1
        clock.advance(86_400)
        assert statuses(await p.scheduler.tick()) == {"COMPLETED": 3}
        assert len(server.billed) == 2
        await ledger_adds_up(p)


async def test_refusals_and_another_key_cost_nothing(home: Path, clock: PatientClock, server: PerplexityServer) -> None:
    server.script("401", "429:2", "503", "answer")
    async with process(home, clock, settings=batched(home, server.url, keys=3)) as p:
        report = await p.scheduler.run_now("earnings", FIVE[:3], force=False)
        assert statuses(report) == {"COMPLETED": 3}
        assert len(server.requests) == 4
        assert len(server.billed) == 1
        assert sum(outcome.task.paid_calls for outcome in report.outcomes) == 1
        await ledger_adds_up(p)


async def test_where_every_key_is_rejected_all_wait_and_nothing_stays_reserved(
    home: Path, clock: PatientClock, server: PerplexityServer
) -> None:
    server.default = "401"
    async with process(home, clock, settings=batched(home, server.url)) as p:
        report = await p.scheduler.run_now("earnings", FIVE[:3], force=False)
        assert statuses(report) == {"DEFERRED": 3}
        assert [outcome.task.attempts for outcome in report.outcomes] == [0] * 3
        await ledger_adds_up(p)
        status = await (await p.container.get(_status())).status()
        assert (status.budget.calls_today, status.budget.spent_today_usd) == (0, Decimal(0))


def _status() -> type[Any]:
    from robotrader.core.services.status_service import StatusService

    return StatusService


async def test_the_budget_counts_calls_not_symbols(home: Path, clock: PatientClock, server: PerplexityServer) -> None:
    budget = BudgetSettings(daily_usd=None, monthly_usd=None, daily_calls=1, monthly_calls=None)
    async with open_app(batched(home, server.url, 2, budget=budget), clock=clock) as app:
        report = await (await app.tasks()).run("earnings", FIVE[:4])
        assert statuses(report) == {"COMPLETED": 2, "DEFERRED": 2}
        assert len(server.billed) == 1
        clock.advance(86_400)
        assert statuses(await (await app.tasks()).tick()) == {"COMPLETED": 2}
    assert [len(each) for each in asked(server)] == [2, 2]


async def test_forced_tasks_share_no_call(home: Path, clock: PatientClock, server: PerplexityServer) -> None:
    async with open_app(batched(home, server.url), clock=clock) as app:
        report = await (await app.tasks()).run("earnings", FIVE[:3], force=True)
    assert statuses(report) == {"COMPLETED": 3}
    assert [len(each) for each in asked(server)] == [1, 1, 1]


async def test_by_default_each_symbol_is_a_call(home: Path, clock: PatientClock, server: PerplexityServer) -> None:
    async with open_app(batched(home, server.url, ScheduleSettings().batch), clock=clock) as app:
        await (await app.tasks()).run("earnings", FIVE[:3])
    assert [len(each) for each in asked(server)] == [1, 1, 1]


async def test_a_single_task_is_not_kept_waiting_for_others(home: Path, server: PerplexityServer) -> None:
    """On a clock whose sleeps end: it is asked for alone, with the schema it always had."""
    async with open_app(batched(home, server.url, 20), clock=FakeClock()) as app:
        report = await (await app.tasks()).run("earnings", ["SBIN"])
    assert statuses(report) == {"COMPLETED": 1}
    assert "batch" not in server.requests[0].json["response_format"]["json_schema"]["name"]


async def test_what_is_fresh_is_not_asked_for_along(home: Path, clock: PatientClock, server: PerplexityServer) -> None:
    async with open_app(batched(home, server.url, 2), clock=clock) as app:
        tasks = await app.tasks()
        await tasks.run("earnings", ["SBIN", "TCS"])
        clock.advance(1)
        report = await tasks.run("earnings", ["SBIN", "INFY", "M&M"])
        assert statuses(report) == {"COMPLETED": 2, "SKIPPED": 1}
    assert asked(server) == [("INFY", "M&M"), ("SBIN", "TCS")]


async def test_a_stop_while_the_answer_is_awaited_leaves_all_unknown(
    home: Path, clock: PatientClock, server: PerplexityServer
) -> None:
    server.default = "hang"
    async with process(home, clock, settings=batched(home, server.url)) as p:
        await p.watch(*FIVE[:3])
        stop = asyncio.Event()
        ticking = asyncio.create_task(p.scheduler.tick(stop=stop))
        await until(lambda: server.billed)
        stop.set()
        report = await ticking
        assert statuses(report) == {"UNKNOWN": 3}
        assert sum(outcome.task.paid_calls for outcome in report.outcomes) == 1
        await ledger_adds_up(p)
    assert len(server.billed) == 1


async def test_a_silent_server_is_not_waited_for_longer_than_a_task_may_take(
    home: Path, clock: PatientClock, server: PerplexityServer
) -> None:
    server.default = "hang"
    settings = batched(home, server.url)
    row = replace(settings.schedules.earnings, timeout_seconds=0.3)
    async with process(home, clock, settings=replace(settings, schedules=SchedulesSettings(row))) as p:
        report = await p.scheduler.run_now("earnings", FIVE[:3], force=False)
        assert statuses(report) == {"UNKNOWN": 3}
        await ledger_adds_up(p)


async def test_an_archived_batch_is_read_again_for_nothing(
    home: Path, clock: PatientClock, server: PerplexityServer
) -> None:
    async with open_app(batched(home, server.url), clock=clock) as app:
        await (await app.tasks()).run("earnings", FIVE[:3])
        research = await app.research()
        before = {symbol: (await research.why(symbol, "eps")).offset for symbol in FIVE[:3]}
        view = await research.reparse(None, None)
        assert (view.documents, view.changed, view.unreadable) == (1, 0, 0)
        assert {symbol: (await research.why(symbol, "eps")).offset for symbol in FIVE[:3]} == before
    assert len(server.billed) == 1


async def test_the_plan_counts_a_batch_as_one_call(home: Path, clock: PatientClock, server: PerplexityServer) -> None:
    async with open_app(batched(home, server.url), clock=clock) as app:
        tasks = await app.tasks()
        await (await app.watchlist()).watch(FIVE)
        plan = await tasks.plan()
        assert len(plan.runs) == 5
        assert plan.cost_usd == 2 * BudgetSettings().reserve_usd == sum(run.cost_usd for run in plan.runs)


TROUBLES = (
    "answer", "answer", "missing:SBIN,TCS", "null:INFY", "twice:M&M", "missing:BAJAJ-AUTO", "cut", "empty", "failed",
    "text:Nothing.", "fence", "think", "runon", "reset", "close", "401", "429:1", "503", "500-html",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_happens_the_sums_are_right_and_no_slot_is_paid_for_twice(
    home: Path, server: PerplexityServer, seed: int
) -> None:
    """Groups of any size, answers of any kind: at most one bill for a slot together with others, and one alone."""
    chance = random.Random(f"batches-{seed}")
    clock = FakeClock()
    settings = batched(home, server.url, chance.choice((2, 3, 5)), keys=3)
    server.script(*chance.choices(TROUBLES, k=8))
    async with process(home, clock, settings=settings) as p:
        await p.watch(*FIVE)
        for _ in range(12):
            await p.scheduler.tick()
            await ledger_adds_up(p)
            clock.advance(chance.choice((1, 61, 700)))
        tasks = await p.tasks()
        assert len(tasks) == 5
        assert {task.status.value for task in tasks} <= {"COMPLETED", "FAILED", "UNKNOWN", "DEFERRED"}  # without a key
        assert sum(task.paid_calls for task in tasks) == len(server.billed)
        together = Counter(each for row in server.billed if len(row["symbols"]) > 1 for each in row["symbols"])
        alone = Counter(row["symbol"] for row in server.billed if len(row["symbols"]) == 1)
        assert all(count == 1 for count in (together | alone).values())
        spent = await (await p.get(PaidCallStore)).spent("perplexity")
        assert spent.day_calls == len(server.billed)
        done = {task.symbol for task in tasks if task.status.value == "COMPLETED"}
        assert all(together[symbol] + alone[symbol] > 0 for symbol in done)
