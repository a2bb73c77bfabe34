"""Real orders need all of it: file, option, app, real quotes, session."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.monitors.trading_health import trading_finding
from robotrader.core.errors import ConfigurationError, LoginRequiredError
from robotrader.core.services.live_guard import LiveGuard
from robotrader.settings import KiteSettings, Settings, TradingSettings
from tests.support.clock import START, FakeClock

HOUR = timedelta(hours=1)


def guard(
    mode: str = "live", *, source: str = "kite", app: bool = True, ends: datetime | None = START + HOUR
) -> LiveGuard:
    config = Settings(
        Path("/nowhere"),
        trading=TradingSettings(mode=mode),  # type: ignore[arg-type]
        kite=KiteSettings(api_key="k", api_secret="s" if app else ""),
    )

    async def session_ends() -> datetime | None:
        return ends

    return LiveGuard(config, FakeClock(START), source=source, session_ends=session_ends)


async def test_paper_needs_nothing() -> None:
    await guard("paper", source="sandbox", app=False, ends=None).check()


def test_the_option_alone_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"trading\.mode is paper"):
        guard("paper").allow()


async def test_all_of_it_lets_an_order_through() -> None:
    one = guard()
    one.allow()
    await one.check()


@pytest.mark.parametrize(
    ("made", "asked", "error", "words"),
    [
        (guard(), False, ConfigurationError, "--live"),
        (guard(source="sandbox"), True, ConfigurationError, "simulated prices"),
        (guard(app=False), True, ConfigurationError, "no app of Kite"),
        (guard(ends=None), True, LoginRequiredError, "no broker session"),
        (guard(ends=START), True, LoginRequiredError, "has ended"),
        (guard(ends=START - HOUR), True, LoginRequiredError, "06:00 IST"),
    ],
)
async def test_each_of_them_is_needed(made: LiveGuard, asked: bool, error: type[Exception], words: str) -> None:
    if asked:
        made.allow()
    with pytest.raises(error, match=words):
        await made.check()


@pytest.mark.parametrize(
    ("mode", "source", "secret", "alive", "state", "words"),
    [
        ("paper", "sandbox", "", False, "ok", "paper"),
        ("live", "kite", "", False, "problem", "no app of Kite"),
        ("live", "sandbox", "s", True, "problem", "not from Kite"),
        ("live", "kite", "s", False, "warning", "no broker session"),
        ("live", "kite", "s", True, "ok", "where --live is given"),
    ],
)
def test_doctor_says_what_is_missing(
    mode: str, source: str, secret: str, *, alive: bool, state: str, words: str
) -> None:
    config = Settings(
        Path("/nowhere"),
        trading=TradingSettings(mode=mode),  # type: ignore[arg-type]
        kite=KiteSettings(api_key="k", api_secret=secret),
    )
    found = trading_finding(config, source, alive=alive)
    assert found.state == state
    assert words in found.finding
