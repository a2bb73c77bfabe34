"""Coordinators over a real home: what they refuse, what they show, and that they clean up."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from robotrader.bootstrap import open_app
from robotrader.core.background_scheduler.background_scheduler import BackgroundScheduler
from robotrader.core.clock import IST
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import (
    InitializationError,
    NoDataError,
    NotFoundError,
    ResourceError,
    SymbolError,
    ValidationError,
)
from robotrader.core.event_bus import EventType
from robotrader.core.services.views import Check
from robotrader.settings import KiteSettings, MarketSettings, PerplexitySettings, SandboxSettings, Settings
from tests.support.clock import FakeClock
from tests.support.spine import KEYS, offline


async def test_a_fresh_home_shows_itself(home: Path, clock: FakeClock) -> None:
    async with open_app(offline(home), clock=clock) as app:
        status, research, tasks = await app.status(), await app.research(), await app.tasks()
        watchlist = await app.watchlist()
        view = await status.status()
        assert (view.provider, view.home, view.initialization) == ("sandbox", str(home), "ready")
        assert (view.watchlist, view.waiting, view.running, view.unknown_calls, view.dead_events) == (0, 0, 0, 0, 0)
        assert (view.last_tick, view.next_due, view.serve_running, view.recent, view.keys) == (
            None,
            None,
            False,
            (),
            (),
        )
        assert await watchlist.rows() == ()
        assert (await tasks.list_tasks()).outcomes == ()
        plan = await tasks.plan()
        assert (plan.runs, plan.cost_usd, plan.next_due) == ((), 0, None)
        assert {check.state for check in await status.doctor()} <= {"ok", "warning"}
        with pytest.raises(NoDataError) as caught:
            await research.earnings("SBIN")
        assert caught.value.context.remedy == "robotrader run-task earnings SBIN"
    names = {path.name for path in home.iterdir()}  # noqa: ASYNC240
    assert names >= {"robotrader.db", "documents", "logs", "backups", "locks"}
    modes = {path.stat().st_mode & 0o077 for path in home.rglob("*")}  # noqa: ASYNC240
    assert modes == {0}


async def test_what_a_coordinator_cannot_mean_is_refused_before_anything_is_written(
    home: Path, clock: FakeClock
) -> None:
    async with open_app(offline(home), clock=clock) as app:
        status, research, tasks = await app.status(), await app.research(), await app.tasks()
        watchlist = await app.watchlist()
        with pytest.raises(SymbolError):
            await watchlist.watch(["SBIN", "not a symbol"])
        with pytest.raises(SymbolError):
            await watchlist.unwatch(["sbin"])
        with pytest.raises(SymbolError):
            await tasks.run("earnings", ["SBIN", "??"])
        with pytest.raises(ValidationError, match="watchlist is empty"):
            await tasks.run("earnings", [])
        with pytest.raises(ValidationError, match="no such status"):
            await tasks.list_tasks(status="asleep")
        with pytest.raises(SymbolError):
            await tasks.list_tasks(symbol="?")
        with pytest.raises(ValidationError, match="no such event type"):
            await status.events(type="nonsense")
        with pytest.raises(ValidationError, match="no such dataset"):
            await research.reparse("prices")
        for look in (tasks.show, status.event, tasks.cancel, tasks.retry, status.retry_events):
            with pytest.raises(NotFoundError):
                await look("f")
        assert await watchlist.rows() == ()
        assert (await tasks.list_tasks()).outcomes == ()


async def test_the_watchlist_is_run_and_shown_with_its_age(home: Path, clock: FakeClock) -> None:
    async with open_app(offline(home), clock=clock) as app:
        watchlist, tasks, status = await app.watchlist(), await app.tasks(), await app.status()
        assert await watchlist.watch(["NSE:SBIN", "TCS"]) == ("SBIN", "TCS")
        plan = await tasks.plan()
        assert [(run.type, run.symbol, run.reason) for run in plan.runs] == [
            ("earnings", "SBIN", "never fetched"), ("earnings", "TCS", "never fetched"),
        ]  # fmt: skip
        report = await tasks.run("earnings", [])
        assert report.counts()["completed"] == 2
        rows = await watchlist.rows()
        assert [(row.symbol, row.fetched_at["earnings"]) for row in rows] == [
            ("SBIN", clock.now()),
            ("TCS", clock.now()),
        ]
        view = await status.status()
        assert (view.watchlist, view.today["completed"], len(view.recent)) == (2, 2, 2)
        listed = await tasks.list_tasks(status="completed", symbol="SBIN")
        assert [outcome.task.symbol for outcome in listed.outcomes] == ["SBIN"]
        shown = await tasks.show(listed.outcomes[0].task.id)
        assert shown.task == listed.outcomes[0].task
        told = await status.events(correlation=shown.task.correlation_id)
        assert {event.type for event in told} >= {"task.completed", "data.parsed"}
        named = await status.events(type="TASK_COMPLETED", limit=1)
        assert [event.type for event in named] == ["task.completed"]
        assert (await status.event(named[0].id)).id == named[0].id
        assert await status.retry_events() == 0
        assert await status.forgive_keys() == 0
        assert (await tasks.tick()).outcomes == ()
        assert (await status.status()).last_tick == clock.now()


@pytest.mark.parametrize("field", ["net_profit_inr", "net-profit", "NET_PROFIT"])
async def test_why_leads_back_to_the_words(home: Path, clock: FakeClock, field: str) -> None:
    async with open_app(offline(home), clock=clock) as app:
        await (await app.tasks()).run("earnings", ["SBIN"])
        why = await (await app.research()).why("SBIN", field)
        assert why.field == "net_profit_inr"
        assert why.words
        assert why.sources
        assert (home / "documents" / why.document_path).is_file()


@pytest.mark.parametrize(
    ("field", "error"), [("beta", ValidationError), ("", ValidationError), ("guidance", NoDataError)]
)
async def test_why_does_not_guess(home: Path, clock: FakeClock, field: str, error: type[Exception]) -> None:
    async with open_app(offline(home), clock=clock) as app:
        await (await app.tasks()).run("earnings", ["SBIN"])
        with pytest.raises(error):
            await (await app.research()).why("SBIN", field)


async def test_three_datasets_are_fetched_shown_traced_and_found(home: Path, clock: FakeClock) -> None:
    async with open_app(offline(home), clock=clock) as app:
        tasks, research, watchlist = await app.tasks(), await app.research(), await app.watchlist()
        await watchlist.watch(["SBIN", "TCS"])
        for word in ("earnings", "news", "fundamentals"):
            report = await tasks.run(word, [])
            assert report.counts()["completed"] == 2, word
            (shown,) = [await tasks.show(each.task.id) for each in report.outcomes if each.task.symbol == "SBIN"]
            (ran,) = [each.record for each in report.outcomes if each.task.symbol == "SBIN"]
            assert shown.record == ran, word
        (row, _) = await watchlist.rows()
        assert (row.symbol, set(row.fetched_at.values())) == ("SBIN", {clock.now()})
        (story, *_) = await research.news("SBIN")
        assert story.provider == "sandbox"
        assert {each.symbol for each in await research.news(None, limit=50)} == {"SBIN", "TCS"}
        (ratios,) = await research.fundamentals("NSE:SBIN")
        sbin, none, tcs = await research.compare(["SBIN", "INFY", "TCS"])
        assert (sbin, none) == (ratios, None)
        assert tcs is not None
        assert tcs.symbol == "TCS"
        trail = await research.why("SBIN", f"news.{story.id[:6]}.headline")
        assert (trail.value, trail.words) == (story.record["headline"], story.record["headline"])
        assert (home / "documents" / trail.document_path).is_file()
        assert (await research.why("SBIN", "pe")).document_id == ratios.document_id
        found = await research.search(story.record["headline"])
        assert {hit.kind for hit in found} == {"news", "answer"}
        assert [hit.ref for hit in await research.search("SBIN", kind="fundamentals")] == [ratios.document_id]
        assert await research.search("zeppelin") == ()
        with pytest.raises(ValidationError):
            await research.search("  ")
        view = await research.reparse()
        assert (view.documents, view.changed, view.unreadable) == (6, 0, 0)


async def test_coordinators_are_made_once_and_end_with_the_program(home: Path, clock: FakeClock) -> None:
    async with open_app(offline(home), clock=clock) as app:
        tasks = await app.tasks()
        assert tasks is await app.tasks()
        research, status, bus = await app.research(), await app.status(), app.event_bus
        assert bus._subscriptions.get(EventType.DATA_PARSED)
    assert not bus._subscriptions.get(EventType.DATA_PARSED)
    assert not any(each._initialized for each in (tasks, research, status))
    assert not logging.getLogger("robotrader").handlers


async def _archive(home: Path, clock: FakeClock) -> Check:
    async with open_app(offline(home), clock=clock) as app:
        (found,) = [check for check in await (await app.status()).doctor() if check.name == "archive"]
        return found


async def _ask(home: Path, clock: FakeClock, *symbols: str) -> None:
    clock.advance(60)
    async with open_app(offline(home), clock=clock) as app:
        await (await app.tasks()).run("earnings", symbols)


@pytest.mark.parametrize("restored", ["emptied", "older", "emptied, and used since"])
async def test_answers_that_the_database_knows_nothing_of_are_a_problem(
    home: Path, clock: FakeClock, restored: str
) -> None:
    """An emptied or an older database would have everything bought again."""
    assert (await _archive(home, clock)).state == "ok"
    await _ask(home, clock, "SBIN")
    older = (home / "robotrader.db").read_bytes()
    await _ask(home, clock, "TCS", "INFY")
    assert (await _archive(home, clock)).state == "ok"
    for path in home.glob("robotrader.db*"):  # noqa: ASYNC240
        path.unlink()
    if restored == "older":
        (home / "robotrader.db").write_bytes(older)
    if restored == "emptied, and used since":
        await _ask(home, clock, "LT")
    found = await _archive(home, clock)
    assert (found.state, "backups/" in (found.remedy or "")) == ("problem", True)


async def test_an_answer_whose_task_was_cut_short_is_no_problem(home: Path, clock: FakeClock) -> None:
    """Its file is written before its row; the ledger has known of the call since before it was sent."""
    await _ask(home, clock, "SBIN")
    async with open_app(offline(home), clock=clock) as app:
        db = await app._container.get(DatabaseStateManager)
        await db.write(lambda tx: (tx.run("DELETE FROM earnings"), tx.run("DELETE FROM documents")))
    assert (await _archive(home, clock)).state == "ok"


async def test_what_lies_about_in_the_archive_is_no_answer(home: Path, clock: FakeClock) -> None:
    await _ask(home, clock, "SBIN")
    for name in ("0000/notes.json", "2026/99/.x.json.1.tmp", "2026/README.md", "9999/12/readme.json"):
        path = home / "documents" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    assert (await _archive(home, clock)).state == "ok"


async def test_looking_works_where_running_does_not(home: Path, clock: FakeClock) -> None:
    home.mkdir()  # noqa: ASYNC240
    (home / "robotrader.db").write_bytes(b"this is no database, and long enough to be looked at" * 20)
    async with open_app(offline(home), clock=clock) as app:
        with pytest.raises(ResourceError, match="not a database"):
            await app.tasks()
        checks = {check.name: check for check in await (await app.status()).doctor()}
        assert checks["database"].state == "problem"
        assert "backups/" in (checks["database"].remedy or "")
        scheduler = await app._container.get(BackgroundScheduler)
        assert scheduler.initialization.startswith("failed: ")
        with pytest.raises(InitializationError, match="failed: "):
            await scheduler.tick()
    import asyncio
    import threading

    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5.0)


async def test_a_home_that_cannot_be_made_is_told(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(ResourceError) as caught:
        async with open_app(Settings(tmp_path / "file" / "home"), clock=clock):
            pass
    assert "ROBOTRADER_HOME" in (caught.value.context.remedy or "")


async def test_the_orchestrator_knows_whose_keys_are_there(home: Path, clock: FakeClock) -> None:
    async with open_app(Settings(home), clock=clock) as app:
        assert (app.authentication.perplexity, app.authentication.kite) == (False, False)
    keys = Settings(home, perplexity=PerplexitySettings(api_keys=KEYS), kite=KiteSettings(api_key="a", api_secret="b"))
    async with open_app(keys, clock=clock) as app:
        assert (app.authentication.perplexity, app.authentication.kite) == (True, True)
    assert KEYS[0] not in repr(keys)


async def test_a_plan_holds_what_waits_and_only_for_the_provider_in_force(home: Path, clock: FakeClock) -> None:
    failing = replace(offline(home), sandbox=SandboxSettings(fault="server-error"))
    async with open_app(failing, clock=clock) as app:
        await (await app.watchlist()).watch(["SBIN"])
        tasks = await app.tasks()
        (outcome,) = (await tasks.tick()).outcomes
        assert outcome.task.status == "DEFERRED"
        assert (await tasks.plan()).runs == ()
        assert outcome.task.not_before is not None
        clock.advance((outcome.task.not_before - clock.now()).total_seconds())
        plan = await tasks.plan()
        assert [(run.type, run.symbol, run.reason.partition(":")[0]) for run in plan.runs] == [
            ("earnings", "SBIN", "waits")
        ]
        assert plan.next_due == clock.now()
    live = replace(offline(home), perplexity=PerplexitySettings(api_keys=("pplx-aaaaaaaa",)), provider="perplexity")
    async with open_app(live, clock=clock) as app:
        runs = (await (await app.tasks()).plan()).runs
        assert [(run.symbol, run.reason) for run in runs] == [("SBIN", "never fetched")]
        view = await (await app.status()).status()
        assert (view.provider, view.waiting) == ("perplexity", 0)


async def test_a_plan_in_market_hours_has_the_looks_too_and_they_cost_nothing(home: Path) -> None:
    clock = FakeClock(datetime(2026, 11, 23, 11, tzinfo=IST))
    market = MarketSettings(source="sandbox")
    live = Settings(home, perplexity=PerplexitySettings(api_keys=("pplx-aaaaaaaa",)), market=market)
    async with open_app(live, clock=clock) as app:
        await (await app.watchlist()).watch(["SBIN"])
        plan = await (await app.tasks()).plan()
    call = live.budget.reserve_usd
    assert {run.type: run.cost_usd for run in plan.runs} == {
        "market": 0,
        "earnings": call,
        "news": call,
        "fundamentals": call,
    }
    assert plan.cost_usd == 3 * call
