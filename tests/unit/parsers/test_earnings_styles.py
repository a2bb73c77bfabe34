"""Results in the styles they come in, each text labelled by hand: nothing wrong, nothing made up, nothing missed."""

from __future__ import annotations

import pytest

from robotrader.core.background_scheduler.parsers.earnings import parse_earnings
from tests.unit.parsers.earnings_cases import assert_sources
from tests.unit.parsers.earnings_styles import Style, faults, styles

STYLES = styles()


@pytest.mark.parametrize("style", STYLES, ids=lambda s: s.name)
def test_what_a_text_states_is_read_and_nothing_else(style: Style) -> None:
    result = parse_earnings(style.text, style.symbol)
    assert faults(style, result.record) == ([], [])
    assert_sources(style.text, result)


def test_the_texts_are_many_and_of_companies_of_their_own() -> None:
    assert len(STYLES) > 250
    assert len({s.name for s in STYLES}) == len(STYLES)


def test_a_fault_is_seen() -> None:
    style = next(s for s in STYLES if s.stated.get("net_profit_inr"))
    empty = parse_earnings("", style.symbol).record
    assert faults(style, empty)[1]
    other = parse_earnings(style.text.replace("1", "7"), style.symbol).record
    assert faults(style, other)[0]
