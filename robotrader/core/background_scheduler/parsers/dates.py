"""Dates as people write them, day before month; nothing that is not written is filled in."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from robotrader.core.background_scheduler.parsers.patterns import regex

MONTHS = {
    name: i + 1
    for i, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"))
}
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
"""A month's name; to be used with ``re.I``."""
_GAP = r"[ \t]{0,8}(?:\n[ \t]{0,4})?"
DATE = (
    rf"(?:(?:19|20)\d\d-\d\d-\d\d(?!\d)"
    rf"|\d{{1,2}}{_GAP}(?:st|nd|rd"
    rf"|th)?{_GAP}(?:of[ \t])?[-/ ,.]?[ \t]{{0,2}}{MONTH}{_GAP}[-/,'. ]{{0,2}}{_GAP}(?:(?:19|20)\d\d"
    rf"|\d\d)(?!\d)"
    rf"|{MONTH}{_GAP}\d{{1,2}}{_GAP}(?:st|nd|rd|th)?{_GAP},{{0,2}}{_GAP}(?:19|20)\d\d(?!\d)"
    rf"|\d{{1,2}}[./-]\d{{1,2}}[./-](?:(?:19|20)\d\d|\d\d)(?![\d.,/-]\d|\d))"
)
"""A whole date; to be used with ``re.I``."""
MONTH_YEAR = rf"(?:{MONTH}[ \t]{{0,3}}[-,' ]?[ \t]{{0,2}}(?:(?:19|20)\d\d|'\d\d|(?<=-)\d\d)(?!\d))"
"""A month and its year."""
_FIND = regex(rf"(?<![\w./-]){DATE}", re.IGNORECASE)
_WORD = regex(r"[A-Za-z]{3,9}")
_NUMBERS = regex(r"\d+")


@dataclass(frozen=True, slots=True)
class Day:
    """One date in a text."""

    day: date
    start: int
    end: int


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def month_number(word: str) -> int:
    """1 to 12 for a month's name or its first letters, in whatever form patterns take for these letters."""
    return MONTHS[word[:3].casefold()]


def make_day(year: int, month: int, day: int) -> date | None:
    """The date, or None where there is none such."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_date(words: str) -> date | None:
    """The date of words that ``DATE`` matched."""
    numbers = _NUMBERS.findall(words)
    names = [w for w in _WORD.findall(words) if w[:3].casefold() in MONTHS]
    if names and len(numbers) == 2:
        return make_day(_year(numbers[1]), month_number(names[0]), int(numbers[0]))
    if len(numbers) != 3:
        return None
    if len(numbers[0]) == 4:
        return make_day(int(numbers[0]), int(numbers[1]), int(numbers[2]))
    return make_day(_year(numbers[2]), int(numbers[1]), int(numbers[0]))


def find_dates(text: str) -> list[Day]:
    """Every whole date in ``text``."""
    found = []
    for match in _FIND.finditer(text):
        day = read_date(match[0])
        if day:
            found.append(Day(day, match.start(), match.end()))
    return found


def month_end(words: str) -> date | None:
    """The last day of a written month and year."""
    name, numbers = _WORD.search(words), _NUMBERS.findall(words)
    if not name or not numbers or name[0][:3].casefold() not in MONTHS:
        return None
    year, month = _year(numbers[-1]), month_number(name[0])
    return make_day(year, month, monthrange(year, month)[1])
