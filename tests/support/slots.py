"""Prints every slot that matters as one JSON document: ``TZ=America/New_York python -m tests.support.slots HOME``.

What it prints must not depend on the machine's zone, apart from ``local``, which shows that the zone is in force. HOME
is a prepared home (or left out); its ``tick --plan --json`` is printed for some instants, run by a clock that stands
still.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from robotrader.bootstrap import open_app
from robotrader.cli.app import execute
from robotrader.cli.run import Session
from robotrader.core.background_scheduler.config.market_triggers import read_trigger
from tests.support.market import packaged

FORMS = (
    "every 30s", "every 7m", "every 15m", "every 1h", "every 5h", "every 1d", "every 7d",
    "daily 00:00", "daily 02:30", "daily 08:00", "daily 19:30", "daily 23:59",
    "cron 30 8 * * 1-5", "cron 0 2 * 3,11 0", "cron */20 * * * *", "cron 0 0 1 1 *", "cron 59 23 31 12 *",
    "every 5m while open", "every 1h while open",
    "at 00:00 on trading days", "at 08:30 on trading days", "at 23:30 on trading days",
    "30m before open", "5m after open", "10m before close", "15m after close", "12h before open", "10h after close",
)  # fmt: skip
MOMENTS = {
    "New York goes to summer time": ("2025-03-09T07:00", "2026-03-08T07:00"),
    "New York goes back": ("2025-11-02T06:00", "2026-11-01T06:00"),
    "midnight in India": ("2026-03-07T18:30", "2026-10-31T18:30", "2026-11-19T18:30"),
    "midnight in New York": ("2026-03-08T05:00", "2026-03-09T04:00", "2026-11-01T04:00", "2026-11-02T05:00"),
    "midnight in UTC": ("2026-03-08T00:00", "2026-11-20T00:00"),
    "the year ends in India, in UTC, in New York": ("2025-12-31T18:30", "2026-01-01T00:00", "2026-01-01T05:00"),
    "the market opens and closes": ("2026-11-20T03:45", "2026-11-20T09:45", "2026-11-20T10:00"),
}
AROUND = tuple(timedelta(microseconds=number) for number in (-3_600_000_000, -1, 0, 1, 1_800_000_000, 3_600_000_000))
PLANNED_AT = ("2026-03-08T06:59:59", "2026-03-08T07:00:01", "2025-12-31T18:30:00", "2026-11-01T06:30:00")


class StandingClock:
    """A clock that always says the same."""

    def __init__(self, instant: datetime) -> None:
        self._instant = instant

    def now(self) -> datetime:
        return self._instant

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"a plan does not wait {seconds} s")


def instants() -> Iterator[datetime]:
    """The instants asked about, in UTC."""
    for moments in MOMENTS.values():
        for moment in moments:
            yield from (utc(moment) + shift for shift in AROUND)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def slots() -> dict[str, list[list[str]]]:
    """Of each form and instant, the instant, the latest slot and the next one."""
    found: dict[str, list[list[str]]] = {}
    for form in FORMS:
        trigger = read_trigger(form, packaged)
        found[form] = [
            [each.isoformat() for each in (now, trigger.latest(now), trigger.next(now))] for now in instants()
        ]
    return found


def plan(home: Path, now: datetime) -> Any:
    """What ``tick --plan --json`` prints of a home at an instant."""
    clock = StandingClock(now)
    session = Session(home=home, open_app=lambda settings: open_app(settings, clock=clock), now=clock.now)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = execute(("tick", "--plan", "--json"), session)
    return {"code": code, "plan": json.loads(printed.getvalue())}


def local() -> list[str]:
    """How the machine's zone shows some of the instants."""
    return [utc(text).astimezone().isoformat() for text in PLANNED_AT]


def main(arguments: list[str]) -> None:
    plans = {text: plan(Path(home), utc(text)) for home in arguments for text in PLANNED_AT}
    print(json.dumps({"local": local(), "slots": slots(), "plans": plans}))


if __name__ == "__main__":
    main(sys.argv[1:])
