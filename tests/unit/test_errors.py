"""The error tree: one leaf for each way to fail, and what a leaf says to scripts and to the owner."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from robotrader.core import errors
from robotrader.core.errors import ErrorCategory, ErrorSeverity, TradingError

FROM_THE_DESIGN = {0, 1, 2, 3, 4, 5, 6, 7, 130}


def tree(kind: type[TradingError] = TradingError) -> Iterator[type[TradingError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child)


@pytest.mark.parametrize("kind", list(tree()), ids=lambda kind: kind.__name__)
def test_every_error_is_whole(kind: type[TradingError]) -> None:
    error = kind("what happened", details="for the log", remedy="what to do", symbol="SBIN", metadata={"n": 1})
    assert str(error) == "what happened"
    assert kind.exit_code in FROM_THE_DESIGN - {0}
    assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", kind.code)
    assert (kind.__doc__ or "").strip()
    assert error.context.metadata == {"n": 1, "symbol": "SBIN"}
    assert (error.context.details, error.context.remedy) == ("for the log", "what to do")
    told = error.to_dict()
    assert set(told) == {"code", "category", "severity", "message", "recoverable", "retry_after_seconds"}
    assert json.loads(json.dumps(told)) == told
    assert "for the log" not in json.dumps(told)


def test_codes_are_one_of_a_kind() -> None:
    codes = [kind.code for kind in tree()]
    assert len(codes) == len(set(codes))


def test_the_drawing_is_the_tree() -> None:
    drawn = dict(re.findall(r"(\w+(?:Error|Failure))\s+(\d)\s", errors.__doc__ or ""))
    assert drawn == {kind.__name__: str(kind.exit_code) for kind in tree() if kind.__name__ in drawn}
    assert {kind.__name__ for kind in tree()} - {"TradingError"} == set(drawn)


@pytest.mark.parametrize("kind", list(tree()), ids=lambda kind: kind.__name__)
def test_a_leaf_is_of_the_category_of_its_branch(kind: type[TradingError]) -> None:
    branch = next((one for one in kind.__mro__ if TradingError in one.__bases__), TradingError)
    assert kind.category is branch.category
    assert kind.category in ErrorCategory


def test_what_is_said_at_the_raise_goes_before_the_leaf() -> None:
    plain = errors.UpstreamError("x")
    assert (plain.context.recoverable, plain.context.retry_after_seconds) == (True, None)
    told = errors.UpstreamError("x", recoverable=False, severity=ErrorSeverity.CRITICAL, retry_after_seconds=2.5)
    assert told.to_dict()["recoverable"] is False
    assert told.to_dict()["severity"] == "CRITICAL"
    assert told.to_dict()["retry_after_seconds"] == 2.5


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.NoDataError, "NO_DATA"), (errors.APIError, "API"), (errors.SystemFailure, "SYSTEM_FAILURE"),
        (errors.OutcomeUnknownError, "OUTCOME_UNKNOWN"), (errors.TradingError, "TRADING"),
    ],
)  # fmt: skip
def test_codes_follow_from_names(kind: type[TradingError], code: str) -> None:
    assert kind.code == code


def test_what_may_have_been_billed_is_never_called_passing() -> None:
    assert not errors.OutcomeUnknownError("x").context.recoverable
