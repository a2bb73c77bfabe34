"""The words of the scheduler: symbols, ids, tables of names."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.models import (
    FINAL,
    WORDS,
    RunReport,
    Task,
    TaskOutcome,
    TaskStatus,
    TaskType,
    parse_symbol,
)
from robotrader.core.clock import EPOCH, to_micros
from robotrader.core.errors import SymbolError
from robotrader.core.ids import new_id

EARLIEST, LATEST = datetime(1971, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("SBIN", "SBIN"), ("NSE:SBIN", "SBIN"), ("BSE:SBIN", "BSE:SBIN"), ("M&M", "M&M"), ("BAJAJ-AUTO", "BAJAJ-AUTO"),
        ("3MINDIA", "3MINDIA"), ("A", "A"), ("5", "5"), ("A" * 20, "A" * 20), ("BSE:500112", "BSE:500112"),
        ("J&KBANK", "J&KBANK"), ("NSE:NSE", "NSE"),
    ],
)  # fmt: skip
def test_a_symbol_has_one_canonical_form(text: str, symbol: str) -> None:
    assert parse_symbol(text) == symbol
    assert parse_symbol(symbol) == symbol


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "sbin", " SBIN", "SBIN ", "SBIN\n", "\nSBIN", "SB IN", "-SBIN", "SBIN-", "&", "M&", "A" * 21, "NSE:",
        "MCX:GOLD",
        "NSE:BSE:SBIN", "nse:SBIN", "SBIN;DROP", "../SBIN", "SBIN/..", "ＳＢＩＮ", "SBIN\x00", "١٢٣", "SBIN.NS", "*",
    ],
)  # fmt: skip
def test_what_is_no_symbol_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(SymbolError) as caught:
        parse_symbol(text)
    assert caught.value.exit_code == 2
    assert caught.value.context.remedy


def test_the_hint_names_what_was_meant() -> None:
    with pytest.raises(SymbolError) as caught:
        parse_symbol(" sbin ")
    assert caught.value.context.remedy == "did you mean SBIN?"


@given(st.text(max_size=60))
def test_any_text_is_a_symbol_or_refused(text: str) -> None:
    try:
        symbol = parse_symbol(text)
    except SymbolError:
        pass
    else:
        assert re.fullmatch(r"(BSE:)?[A-Z0-9]([A-Z0-9&-]*[A-Z0-9])?", symbol)
        assert parse_symbol(symbol) == symbol


@given(st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)))
def test_an_id_is_a_uuid_that_holds_its_instant(now: datetime) -> None:
    made = uuid.UUID(new_id(now))
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == to_micros(now) // 1000
    assert new_id(now) < new_id(now + timedelta(milliseconds=1))


def test_ids_differ() -> None:
    assert len({new_id(EPOCH) for _ in range(10_000)}) == 10_000


def test_every_type_has_a_word() -> None:
    assert set(WORDS.values()) == set(TaskType)
    assert tuple(WORDS) == ("earnings", "news", "fundamentals", "market", "risk", "health")


def test_a_report_counts_every_way_to_end() -> None:
    ends = [TaskStatus.COMPLETED, TaskStatus.COMPLETED, TaskStatus.UNKNOWN, TaskStatus.DEFERRED, TaskStatus.PENDING]
    tasks = [Task("i", TaskType.EARNINGS_ANALYSIS, "SBIN", EPOCH, status, EPOCH, "i") for status in ends]
    counts = RunReport(tuple(TaskOutcome(task) for task in tasks)).counts()
    assert counts == {"completed": 2, "skipped": 0, "failed": 0, "deferred": 1, "cancelled": 0, "unknown": 1}
    assert RunReport(()).counts() == dict.fromkeys(counts, 0)
    assert not {TaskStatus.PENDING, TaskStatus.RUNNING, TaskStatus.DEFERRED} & FINAL
