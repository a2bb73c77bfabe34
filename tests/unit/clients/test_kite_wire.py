"""The envelope, the errors, the numbers and the times of Kite."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.clients import kite_wire as wire
from robotrader.core.background_scheduler.clients.exchange import End, Exchange
from robotrader.core.background_scheduler.clients.kite_wire import Verdict
from robotrader.core.errors import ResponseError


def judged(status: int | None, body: object, end: End = End.WHOLE) -> wire.Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return wire.judge(Exchange(status, {}, bytearray(raw), len(raw), end))


def error(kind: str | None, message: str = "words") -> dict[str, Any]:
    found: dict[str, Any] = {"status": "error", "message": message, "data": None}
    return found if kind is None else {**found, "error_type": kind}


@pytest.mark.parametrize(
    ("status", "kind", "verdict"),
    [
        (403, "TokenException", Verdict.SESSION_ENDED),
        (400, "TokenException", Verdict.SESSION_ENDED),
        (403, "PermissionException", Verdict.NOT_PERMITTED),
        (403, "PermissionError", Verdict.NOT_PERMITTED),
        (403, "UserException", Verdict.REFUSED),
        (403, None, Verdict.REFUSED),
        (400, "InputException", Verdict.REFUSED),
        (500, "InputException", Verdict.REFUSED),
        (400, "MarginException", Verdict.REFUSED),
        (500, "MarginException", Verdict.REFUSED),
        (400, "HoldingException", Verdict.REFUSED),
        (428, "HoldingException", Verdict.REFUSED),
        (400, "OrderException", Verdict.REFUSED),
        (500, "OrderException", Verdict.FAILED),
        (429, "NetworkException", Verdict.LIMITED),
        (503, "NetworkException", Verdict.FAILED),
        (502, "DataException", Verdict.FAILED),
        (500, "GeneralException", Verdict.FAILED),
        (404, "GeneralException", Verdict.REFUSED),
        (400, "SomethingNew", Verdict.REFUSED),
        (500, "SomethingNew", Verdict.FAILED),
        (200, "GeneralException", Verdict.FAILED),
        (200, "InputException", Verdict.REFUSED),
        (500, None, Verdict.FAILED),
    ],
)
def test_errors_by_their_type(status: int, kind: str | None, verdict: Verdict) -> None:
    reply = judged(status, error(kind))
    assert reply.verdict is verdict
    assert reply.words.startswith("words (")
    assert f"HTTP {status}" in reply.words


@pytest.mark.parametrize(
    ("status", "body", "end", "verdict"),
    [
        (200, {"status": "success", "data": None}, End.WHOLE, Verdict.DONE),
        (200, {"status": "success"}, End.WHOLE, Verdict.UNREADABLE),
        (200, {"data": 1}, End.WHOLE, Verdict.UNREADABLE),
        (200, [1], End.WHOLE, Verdict.UNREADABLE),
        (200, b"<html>", End.WHOLE, Verdict.UNREADABLE),
        (200, b"", End.WHOLE, Verdict.UNREADABLE),
        (200, b'{"status": "success", "data"', End.CUT, Verdict.FAILED),
        (200, b"", End.SILENT, Verdict.FAILED),
        (200, b"x", End.TOO_LARGE, Verdict.UNREADABLE),
        (302, b"", End.WHOLE, Verdict.UNREADABLE),
        (429, b"<html>", End.WHOLE, Verdict.LIMITED),
        (502, b"<html>", End.WHOLE, Verdict.FAILED),
        (403, b"<html>", End.WHOLE, Verdict.UNREADABLE),
        (None, b"", End.SILENT, Verdict.FAILED),
        (None, b"", End.NEVER_REACHED, Verdict.UNREACHED),
    ],
)
def test_answers_that_are_in_no_form_of_kite(status: int | None, body: object, end: End, verdict: Verdict) -> None:
    assert judged(status, body, end).verdict is verdict


@given(st.binary(max_size=200), st.integers(100, 599))
def test_anything_gets_a_verdict(body: bytes, status: int) -> None:
    assert judged(status, body).verdict in Verdict


def test_the_words_of_an_error_are_one_clean_line() -> None:
    reply = judged(400, error("InputException", "line\none\x1b[31m " + "x" * 1000))
    assert "\n" not in reply.words
    assert "\x1b" not in reply.words
    assert len(reply.words) < 400


def test_numbers() -> None:
    row = {"i": 5, "d": Decimal("1.50"), "noise": Decimal("0.0033767999999999997"), "n": None, "t": "5", "b": True}
    assert wire.number(row, "i") == 5
    assert str(wire.number(row, "d")) == "1.50"
    assert wire.number(row, "noise") == Decimal("0.0033768")
    assert wire.number(row, "n") is None
    assert wire.number(row, "absent") is None
    for name in ("t", "b"):
        with pytest.raises(ResponseError):
            wire.number(row, name)
    assert wire.whole({"q": Decimal("5.0")}, "q") == 5
    with pytest.raises(ResponseError):
        wire.whole({"q": Decimal("5.5")}, "q")
    with pytest.raises(ResponseError):
        wire.whole({}, "q")
    assert wire.whole({}, "q", 0) == 0


def test_no_number_that_json_does_not_have() -> None:
    assert judged(200, b'{"status": "success", "data": {"p": NaN}}').data == {"p": None}


@pytest.mark.parametrize("value", ["", "today", 5, None, "2026-13-01 00:00:00", "0001-01-01 00:00:00", []])
def test_no_instant(value: object) -> None:
    assert wire.instant(value) is None


def test_a_time_of_day_needs_its_day() -> None:
    day = date(2026, 11, 20)
    assert wire.instant_on("09:16:39", day) == datetime(2026, 11, 20, 3, 46, 39, tzinfo=UTC)
    assert wire.instant_on("2026-11-19 09:16:39", day) == datetime(2026, 11, 19, 3, 46, 39, tzinfo=UTC)
    assert wire.instant_on(None, day) is None


def test_india_and_back() -> None:
    at = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    assert wire.india(at) == "2026-11-20 09:30:00"
    assert wire.instant(wire.india(at)) == at
