"""When a story was published: dates and instants as written, never a relative one, never one that is not whole."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from robotrader.core.background_scheduler.parsers.dates import DATE, make_day, month_number, read_date
from robotrader.core.background_scheduler.parsers.patterns import regex

IST = timezone(timedelta(hours=5, minutes=30))
_ZONES = {"ist": IST, "gmt": UTC, "utc": UTC, "z": UTC}
_ISO = regex(
    r"((?:19|20)\d\d)-(\d\d)-(\d\d)"
    r"(?:[T ]{1,2}(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?[ ]?(Z|IST|GMT|UTC|[+-]\d\d:?\d\d)?)?$",
    re.IGNORECASE,
)
_COMPACT = regex(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(?:(\d\d))?(Z)?)?$")
_SLASHED = regex(r"(\d{1,2})/(\d{1,2})/((?:19|20)\d\d|\d\d)$")
_WEEKDAY = r"(?:(?:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)(?:day|nesday|sday|rsday|urday)?\.?,?\s{1,2})"
_YEAR_FIRST = r"(?:(?:19|20)\d\d[/.]\d{1,2}[/.]\d{1,2}(?!\d)|(?:19|20)\d\d[- ][A-Z][a-z]{2,8}[- ]\d{1,2}(?!\d))"
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d{1,6})?)?\s{0,2}(?P<half>[ap]\.?m\.?)?"
    r"(?:\s{0,2}(?:hrs|hours))?\s{0,2}\(?(?P<zone>IST|GMT|UTC|Z|[+-]\d\d:?\d\d)?\)?"
)
_VALUE = regex(
    rf"(?:(?:first |date |originally )?(?:published|posted|dated|date|publication "
    rf"date)(?:\s(?:on|at|date))?\s{{0,2}}:?\s{{0,2}})?"
    rf"{_WEEKDAY}?(?P<date>{_YEAR_FIRST}|{DATE})"
    rf"(?:\s{{0,2}}(?:,|\||-|at|T)?\s{{0,2}}{_CLOCK}|\s{{1,2}}(?P<other>[A-Z]{{3,4}}))?\s{{0,2}}$",
    re.IGNORECASE,
)
_CLOCK_FIRST = regex(
    rf"(?P<hour>\d{{1,2}}):(?P<minute>\d\d)\s{{0,2}}(?P<half>[ap]\.?m\.?)?\s{{0,2}}(?P<zone>IST)?,?\s{{1,2}}"
    rf"(?:on\s)?(?P<date>{DATE})\s{{0,2}}$",
    re.IGNORECASE,
)
_EPOCH = regex(r"\d{10}(?:\d{3})?(?:\.0)?$")
OCR_MARKS = str.maketrans({"\u2122": " ", "\u02e2": " ", "\u1d57": " ", "\u02b0": " ", "\u00b0": " ", "\u00ba": " "})
"""What a scan makes of the raised "th" of a day."""
WHOLE = rf"(?:{_YEAR_FIRST}|{DATE})"
"""A whole date; to be used with ``re.I``."""
FIND = regex(rf"(?<![\w./-]){WHOLE}", re.IGNORECASE)
"""A whole date within a line."""
RELATIVE = regex(
    r"(?:about |around |over |almost )?(?:\d{1,3}|an?|one|two|three|few|several|a few)\s?"
    r"(?:s|m|h|d|w|mo|y|secs?|seconds?|mins?|minutes?|hrs?|hours?|days?|weeks?|months?|years?)\s(?:ago|back)|yesterday"
    r"|today|just now|this (?:week|month|morning)|last (?:week|month|year|night)|recently"
    r"|(?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)day",
    re.IGNORECASE,
)
"""Words for a time that only the reader's clock could make a date of."""


_SHIFTED = regex(r",? \+0000 UTC$")
"""The zone twice, as one search engine writes it."""


def published(words: str, *, month_first: bool = False, epoch: bool = False) -> str | None:
    """The ISO date of words that are a whole date and nothing else; an instant where a time and a zone are written.

    ``epoch`` allows seconds or milliseconds since 1970, as feeds write them.
    """
    words = " ".join(words.translate(OCR_MARKS).strip(" \t\n.,;:()[]*_\"'").split())[:80]
    words = _SHIFTED.sub(" UTC", words)
    if not words or not any(c.isdigit() for c in words):
        return None
    if epoch and _EPOCH.match(words):
        return _from_epoch(words)
    plain = _ISO.match(words) or _COMPACT.match(words)
    if plain:
        groups = plain.groups()
        day = make_day(int(groups[0]), int(groups[1]), int(groups[2]))
        clock = (groups[3], groups[4], groups[5]) if groups[3] else None
        return _joined(day, clock, None, groups[6])
    slashed = _SLASHED.match(words)
    if slashed:
        return _iso(_slashed(*(int(g) for g in slashed.groups()), month_first=month_first))
    found = _VALUE.match(words) or _CLOCK_FIRST.match(words)
    if found is None:
        return _among_time(words, month_first=month_first)
    parts = found.groupdict()
    clock = (parts["hour"], parts["minute"], parts.get("second")) if parts.get("hour") else None
    return _joined(day_of(parts["date"], month_first=month_first), clock, parts.get("half"), parts.get("zone"))


_TIMES = regex(
    r"\b(?:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)(?:day|nesday|sday|rsday|urday)?\b"
    r"|\d{1,2}:\d\d(?::\d\d)?|\d{1,2}\.\d\d(?=\s?[ap]\.?m\b)|\b[ap]\.?m\b"
    r"|\b(?:IST|GMT|UTC|hrs|hours|at|on|T|Z)\b|[\s,.|()+-]|(?<=[+-])\d{2}:?\d\d$",
    re.IGNORECASE,
)


def _among_time(words: str, *, month_first: bool) -> str | None:
    """The one date of words that hold nothing beside it but a time of day, however written."""
    found = list(FIND.finditer(words))
    if len(found) != 1:
        return None
    rest = words[: found[0].start()] + " " + words[found[0].end() :]
    return None if _TIMES.sub("", rest) else _iso(day_of(found[0][0], month_first=month_first))


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day and 1990 <= day.year <= 2099 else None


def _slashed(first: int, second: int, year: int, *, month_first: bool) -> date | None:
    year += 2000 if year < 100 else 0
    day, month = (second, first) if month_first and first <= 12 else (first, second)
    return make_day(year, month, day)


def day_of(words: str, *, month_first: bool = False) -> date | None:
    """The date of words that ``FIND`` matched."""
    words = words.strip()
    year_first = re.match(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})$", words)
    if year_first:
        return make_day(*(int(g) for g in year_first.groups()))
    named = re.match(r"(\d{4})[- ]([A-Za-z]{3,9})[- ](\d{1,2})$", words)
    if named:
        try:
            return make_day(int(named[1]), month_number(named[2]), int(named[3]))
        except KeyError:
            return None
    slashed = _SLASHED.match(words)
    if slashed:
        return _slashed(*(int(g) for g in slashed.groups()), month_first=month_first)
    return read_date(words)


def _from_epoch(words: str) -> str | None:
    seconds = int(words.partition(".")[0])
    seconds = seconds // 1000 if seconds > 10**11 else seconds
    instant = datetime.fromtimestamp(seconds, UTC)
    return instant.isoformat() if 2000 <= instant.year <= 2099 else None


def _joined(
    day: date | None, clock: tuple[str | None, ...] | None, half: str | None, zone_name: str | None
) -> str | None:
    """The date, with its time where the zone is written as well."""
    if _iso(day) is None or day is None:
        return None
    zone = _zone(zone_name) if zone_name else None
    if clock is None or zone is None:
        return day.isoformat()
    hour, minute, second = int(clock[0] or 0), int(clock[1] or 0), int(clock[2] or 0)
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half.lower().startswith("p") else 0)
    if hour > 23 or minute > 59 or second > 59:
        return day.isoformat()
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone).isoformat()


def _zone(name: str) -> timezone | None:
    known = _ZONES.get(name.lower())
    if known is not None:
        return known
    digits = re.sub(r"\D", "", name)
    hours, minutes = int(digits[:2]), int(digits[2:4] or 0)
    if hours > 14 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if name[0] == "-" else offset)
