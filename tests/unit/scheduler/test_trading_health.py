"""What ``doctor`` says of quotes and orders: the source, the session, the address, the list of instruments."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from robotrader.bootstrap import build_container, make_home
from robotrader.core.background_scheduler.monitors.health_monitor import Finding, HealthMonitor
from robotrader.core.background_scheduler.stores import instrument_store
from robotrader.core.background_scheduler.stores.broker_session_store import BrokerSessionStore
from robotrader.core.database_state import DatabaseStateManager
from robotrader.settings import MarketSettings, Settings
from tests.support import exits
from tests.support.clock import FakeClock
from tests.support.kite_shapes import ACCESS_TOKEN
from tests.support.spine import offline

OF_TRADING = {"trading", "market", "session", "address", "instruments", "live ticks"}


async def examined(settings: Settings, clock: FakeClock, unit: Any = None) -> dict[str, Finding]:
    """What is found of trading."""
    make_home(settings.home)
    container = build_container(settings, clock)
    try:
        if unit is not None:
            await (await container.get(DatabaseStateManager)).write(unit)
        found = await (await container.get(HealthMonitor)).check()
    finally:
        await container.close()
    return {each.name: each for each in found if each.name in OF_TRADING}


async def test_of_the_sandbox_nothing_more_is_said(tmp_path: Path, clock: FakeClock) -> None:
    assert set(await examined(offline(tmp_path), clock)) == {"trading"}


async def test_paper_over_kite_needs_a_session_and_no_address(tmp_path: Path, clock: FakeClock) -> None:
    settings = replace(exits.live(tmp_path, "http://127.0.0.1:9"), trading=offline(tmp_path).trading)
    found = await examined(settings, clock)
    assert set(found) == {"trading", "market", "session", "instruments"}
    assert found["market"].finding == "quotes from kite (market.source = kite)"
    assert (found["session"].state, found["session"].remedy) == ("warning", "robotrader login")
    assert "no list yet" in found["instruments"].finding


async def test_a_session_that_lives_ends_or_was_refused(tmp_path: Path, clock: FakeClock) -> None:
    settings = exits.live(tmp_path, "http://127.0.0.1:9")
    make_home(tmp_path)
    await exits.log_in(settings, clock)
    found = await examined(settings, clock)
    assert found["session"] == Finding("session", "ok", "logged in at Kite until 2026-11-21 at 06:00 IST")
    assert "registered static IP" in found["address"].finding
    assert "IP whitelist" in (found["address"].remedy or "")
    container = build_container(settings, clock)
    await (await container.get(BrokerSessionStore)).died(ACCESS_TOKEN, "another login")
    await container.close()
    refused = (await examined(settings, clock))["session"]
    assert refused.finding == "the broker session has ended on 2026-11-20 at 09:30 IST: another login"
    clock.advance(24 * 3600)
    assert (await examined(settings, clock))["trading"].state == "warning"


@pytest.mark.parametrize(("hours", "more"), [(0, False), (23.5, True)])
async def test_the_age_of_the_list(tmp_path: Path, clock: FakeClock, hours: float, more: bool) -> None:
    at: datetime = clock.now()
    clock.advance(hours * 3600)
    settings = exits.live(tmp_path, "http://127.0.0.1:9")
    found = await examined(settings, clock, lambda tx: instrument_store.finish(tx, "kite", ["SBIN"], at))
    words = "1 of kite, fetched on 2026-11-20 at 09:30 IST"
    later = "; a newer list is fetched when it is needed"
    assert found["instruments"].finding == words + (later if more else "")


async def test_live_ticks_where_they_are_on(tmp_path: Path, clock: FakeClock) -> None:
    settings = exits.live(tmp_path, "http://127.0.0.1:9")
    settings = replace(settings, market=MarketSettings(source="kite", ticks=True))
    assert (await examined(settings, clock))["live ticks"].state == "ok"
