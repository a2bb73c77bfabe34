"""A look that finds nothing says nothing where quiet is wanted: there is one a minute."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from robotrader.cli import idle
from robotrader.core.background_scheduler.models import RunReport, Task, TaskOutcome, TaskStatus, TaskType

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
QUIET = {"breaches": [], "rearmed": [], "not_judged": [], "judged": 3, "orders": 0}


def look(record: Any, kind: TaskType = TaskType.RISK_MONITORING, **changes: Any) -> TaskOutcome:
    task = Task("t", kind, None, NOW, TaskStatus.COMPLETED, NOW, "t", provider="sandbox")
    return TaskOutcome(task._replace(**changes), record)


@pytest.mark.parametrize(
    ("outcome", "nothing"),
    [
        (look(QUIET), True),
        (look({"moves": [], "spikes": [], "quotes": 4}, TaskType.MARKET_MONITORING), True),
        (look({**QUIET, "breaches": [{}]}), False),
        (look({**QUIET, "orders": 1}), False),
        (look({"moves": [{}], "spikes": []}, TaskType.MARKET_MONITORING), False),
        (look(QUIET, status=TaskStatus.FAILED), False),
        (look(QUIET, reason="the session has ended"), False),
        (look(QUIET, TaskType.EARNINGS_ANALYSIS, symbol="SBIN"), False),
    ],
)
def test_only_a_look_that_found_nothing_is_nothing_new(outcome: TaskOutcome, nothing: bool) -> None:
    assert idle.nothing_new(outcome) is nothing


def test_the_loop_tells_what_a_look_found_and_leaves_out_the_rest() -> None:
    found = look({**QUIET, "breaches": [{}, {}], "not_judged": [{}]})
    lines = list(idle.log_lines(RunReport((look(QUIET), found)), None, NOW))
    assert lines == ["risk completed SANDBOX: 2 broken, 1 not judged"]
