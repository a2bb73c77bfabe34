"""When an exit may be ordered, by the session of its symbol."""

from __future__ import annotations

import pytest

from robotrader.core.services.exit_rules import ExitRules
from tests.support.paper import OTHER, at, calendar

RULES = ExitRules(calendar)


@pytest.mark.parametrize("symbol", ["SBIN", OTHER, "UNKNOWN"])
def test_in_the_session_everything_may_be_sold(symbol: str) -> None:
    assert RULES.closed(symbol, at("2026-11-20 15:14")) is None


def test_after_a_quarter_past_three_what_is_known_to_trade_by_auction_may_not() -> None:
    assert "closing auction" in (RULES.closed("SBIN", at("2026-11-20 15:20")) or "").replace("-", " ")
    assert RULES.closed(OTHER, at("2026-11-20 15:20")) is None
    assert RULES.closed("UNKNOWN", at("2026-11-20 15:20")) is None


@pytest.mark.parametrize("symbol", ["SBIN", OTHER, "UNKNOWN"])
def test_after_the_close_nothing_may_be_sold(symbol: str) -> None:
    assert RULES.closed(symbol, at("2026-11-20 15:31")) is not None
    assert RULES.closed(symbol, at("2026-11-21 12:00")) == "market closed"
