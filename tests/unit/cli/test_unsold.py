"""What a look at risk ends with where an exit sold nothing."""

from __future__ import annotations

import pytest

from robotrader.cli import shapes
from robotrader.core.background_scheduler.stores.halt_store import Halt, halted
from robotrader.core.errors import ConfigurationError
from robotrader.core.services.live_guard import LiveGuard
from robotrader.core.services.order_words import own_words
from robotrader.settings import Settings, TradingSettings
from tests.support.clock import START, FakeClock

STOPPED = own_words(halted(Halt("odd", START)))


@pytest.mark.parametrize(
    ("breaches", "code"),
    [
        ([], 0),
        ([("filled", None), ("pending", None), ("ordered", "order x"), ("doubt", None), ("covered", None)], 0),
        ([("told", "nothing")], 0),
        ([("blocked", STOPPED)], 6),
        ([("blocked", STOPPED), ("filled", None)], 6),
        ([("blocked", STOPPED), ("rejected", "no")], 1),
        ([("blocked", "10 orders were sent within a minute, which is the limit set; wait a minute")], 6),
        ([("blocked", "market closed")], 1),
        ([("blocked", None)], 1),
        ([("rejected", STOPPED)], 1),
        ([("unplaced", "the broker's order book does not hold it")], 1),
    ],
)
def test_the_code_of_what_was_not_sold(breaches: list[tuple[str, str | None]], code: int) -> None:
    assert shapes.unsold_code([{"outcome": outcome, "detail": detail} for outcome, detail in breaches]) == code


async def test_without_the_option_it_is_halted(tmp_path) -> None:  # type: ignore[no-untyped-def]
    async def ends() -> None:
        return None

    guard = LiveGuard(
        Settings(tmp_path, trading=TradingSettings(mode="live")), FakeClock(), source="kite", session_ends=ends
    )
    with pytest.raises(ConfigurationError) as raised:
        await guard.check()
    assert shapes.unsold_code([{"outcome": "blocked", "detail": own_words(raised.value)}]) == 6
