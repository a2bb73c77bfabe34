"""When a schedule is due: pure functions from an instant to slots, the same in every process and on every machine.

==========================  =====================================================================================
``every 15m``               each 30s, 15m, 2h or 1d, counted from 1970-01-01 00:00 IST
``daily 19:30``             each day at that time in IST
``cron 30 8 * * 1-5``       minute, hour, day of month, month, day of week (0 and 7 are Sunday) in IST
==========================  =====================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

from robotrader.core.clock import IST
from robotrader.core.errors import ValidationError

ORIGIN = datetime(1970, 1, 1, tzinfo=IST)
DAY = timedelta(days=1)
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": DAY}
LONGEST = 366 * DAY
CRON_FIELDS = 5
FORMS = "write 'every 15m', 'daily 19:30' or 'cron 30 8 * * 1-5' (times in IST)"
_INTERVAL = re.compile(r"([1-9][0-9]{0,7})([smhd])")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


class Trigger(Protocol):
    """A rule that says at which instants something is due. ``str()`` of it can be parsed again."""

    def latest(self, now: datetime) -> datetime:
        """The newest slot that is not after ``now``, in UTC."""
        ...

    def next(self, now: datetime) -> datetime:
        """The first slot after ``now``, in UTC."""
        ...


Parser = Callable[[str], Trigger]


def parse_trigger(text: str, more: Mapping[str, Parser] | None = None) -> Trigger:
    """Read a trigger. ``more`` adds forms by their first word (those that need a market calendar are made by it).

    Raises:
        ValidationError: it is none of the forms, or can never come due.
    """
    word, _, rest = " ".join(text.split()).partition(" ")
    parser = {**_PARSERS, **(more or {})}.get(word.lower())
    if parser is None:
        raise _refused(text)
    try:
        return parser(rest)
    except ValueError as error:
        raise _refused(text, str(error)) from None


@dataclass(frozen=True, slots=True)
class Every:
    """Due each ``interval``, counted from 1970-01-01 00:00 IST."""

    interval: timedelta
    words: str

    def __str__(self) -> str:
        return f"every {self.words}"

    def latest(self, now: datetime) -> datetime:
        """The newest slot that is not after ``now``, in UTC."""
        local = _in_ist(now)
        return (local - (local - ORIGIN) % self.interval).astimezone(UTC)

    def next(self, now: datetime) -> datetime:
        """The first slot after ``now``, in UTC."""
        return self.latest(now) + self.interval


@dataclass(frozen=True, slots=True)
class Daily:
    """Due each day at one time of the day in IST."""

    at: time

    def __str__(self) -> str:
        return f"daily {self.at:%H:%M}"

    def latest(self, now: datetime) -> datetime:
        """The newest slot that is not after ``now``, in UTC."""
        local = _in_ist(now)
        slot = datetime.combine(local.date(), self.at, IST)
        return (slot if slot <= local else slot - DAY).astimezone(UTC)

    def next(self, now: datetime) -> datetime:
        """The first slot after ``now``, in UTC."""
        return self.latest(now) + DAY


@dataclass(frozen=True, slots=True)
class Cron:
    """Due as a cron table says, read in IST (which has no daylight saving, so no slot is skipped or doubled)."""

    expression: str

    def __str__(self) -> str:
        return f"cron {self.expression}"

    def latest(self, now: datetime) -> datetime:
        """The newest slot that is not after ``now``, in UTC."""
        # The iterator gives slots before its start, in whole seconds; a microsecond more makes that "not after".
        wall = _in_ist(now).replace(tzinfo=None) + timedelta(microseconds=1)
        return _cron_slot(self.expression, wall, reverse=True)

    def next(self, now: datetime) -> datetime:
        """The first slot after ``now``, in UTC."""
        wall = _in_ist(now).replace(tzinfo=None)
        return _cron_slot(self.expression, wall, reverse=False)


def _every(words: str) -> Every:
    match = _INTERVAL.fullmatch(words.lower())
    if match is None:
        raise ValueError("the interval is a whole number and one of s, m, h, d")
    interval = int(match[1]) * UNITS[match[2]]
    if interval > LONGEST:
        raise ValueError(f"the interval is at most {LONGEST.days}d")
    return Every(interval, match[0])


def _daily(words: str) -> Daily:
    match = _TIME.fullmatch(words)
    if match is None:
        raise ValueError("the time is HH:MM on a 24-hour clock")
    return Daily(time(int(match[1]), int(match[2])))


def _cron(words: str) -> Cron:
    if len(words.split()) != CRON_FIELDS:
        raise ValueError("a cron expression has five fields: minute, hour, day of month, month, day of week")
    _cron_slot(words, ORIGIN.replace(tzinfo=None), reverse=False)
    return Cron(words.upper())


_PARSERS: Mapping[str, Parser] = {"every": _every, "daily": _daily, "cron": _cron}


def _cron_slot(expression: str, wall: datetime, *, reverse: bool) -> datetime:
    """The slot before or after a time on an Indian wall clock.

    Raises:
        ValueError: the expression is wrong, or names a date that never comes.
    """
    from cronsim import CronSim, CronSimError  # 20 ms that only cron triggers pay

    try:
        slot = next(CronSim(expression, wall, reverse=reverse))
    except CronSimError as error:
        raise ValueError(f"cron does not know this: {str(error).lower()}") from None
    return slot.replace(tzinfo=IST).astimezone(UTC)


def _in_ist(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValidationError("an instant needs a timezone")
    return now.astimezone(IST)


def _refused(text: str, why: str = "") -> ValidationError:
    shown = text if len(text) <= 60 else text[:60] + "..."
    return ValidationError(f"not a trigger: {shown!r}" + (f" ({why})" if why else ""), remedy=FORMS)
