from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.parsers.dates import (
    find_dates,
    make_day,
    month_end,
    month_number,
    read_date,
)
from robotrader.core.background_scheduler.parsers.period_years import fiscal_year, impossible_periods
from robotrader.core.background_scheduler.parsers.periods import Period, find_periods, quarter_of


@pytest.mark.parametrize(
    ("text", "year", "quarter"),
    [
        ("Q2 FY26", 2026, 2),
        ("Q3 FY2024-25", 2025, 3),
        ("Q3'FY26", 2026, 3),
        ("Q2FY26", 2026, 2),
        ("2QFY26", 2026, 2),
        ("FY26 Q3", 2026, 3),
        ("Q1 2023-24", 2024, 1),
        ("Q1 2026", 2026, 1),
        ("Q3 CY25", 2026, 2),
        ("Q1 CY26", 2026, 4),
        ("Q2 FY2526", 2026, 2),
        ("Q4 of fiscal 2026", 2026, 4),
        ("quarter ended December 31, 2025", 2026, 3),
        ("quarter and nine months ended 31st December 2025", 2026, 3),
        ("quarter/half year ended 30.09.2025", 2026, 2),
        ("three months ended September 30, 2025", 2026, 2),
        ("quarter ended June 2023", 2024, 1),
        ("quarter ended March 2026", 2026, 4),
        ("third quarter of FY26", 2026, 3),
        ("second quarter of 2025-26", 2026, 2),
        ("December 2025 quarter", 2026, 3),
        ("March quarter of 2026", 2026, 4),
        ("Oct-Dec 2025-26", 2026, 3),
        ("Apr-Jun FY27", 2027, 1),
        ("July-September 2025", 2026, 2),
        ("Jan-Mar 2026", 2026, 4),
        ("first quarter", None, 1),
        ("Apr-Jun quarter", None, 1),
        ("June-quarter earnings", None, 1),
        ("quarter ended June to Rs", None, 1),
        ("QUARTER ENDED DECEMBER 31, ZOZ5", None, 3),
        ("Q4 PAT", None, 4),
        ("second quarter ended September 30, 2025", 2026, 2),
        ("fourth quarter and year ended March 31, 2025", 2025, 4),
        ("first-quarter fiscal 2026 revenue", 2026, 1),
        ("July-September period of 2025-26 fiscal year", 2026, 2),
        ("Quarter 3, FY26", 2026, 3),
        ("QE 30-Sep-25", 2026, 2),
        ("Q.E. 30.06.2025", 2026, 1),
        ("Q3FY26A", 2026, 3),
    ],
)
def test_quarters(text: str, year: int | None, quarter: int) -> None:
    first = find_periods(text)[0]
    assert (first.kind, first.year, first.quarter) == ("quarter", year, quarter)


@pytest.mark.parametrize(
    ("text", "kind", "year"),
    [
        ("FY26 PAT", "year", 2026),
        ("FY '27 revenue", "year", 2027),
        ("FY2025-26", "year", 2026),
        ("FY25-26", "year", 2026),
        ("full-year profit", "year", None),
        ("9M FY26", "nine", 2026),
        ("nine months ended December 31, 2025", "nine", 2026),
        ("H1 FY26", "half", 2026),
        ("year ended 31 March 2026", "year", 2026),
        ("Apr-Dec 2025-26", "nine", 2026),
        ("half year ended September", "half", None),
        ("quarter ended 31 January 2026", "other", 2026),
    ],
)
def test_longer_periods(text: str, kind: str, year: int | None) -> None:
    first = find_periods(text)[0]
    assert (first.kind, first.year, first.quarter) == (kind, year, None)


@pytest.mark.parametrize(
    "text",
    ["year-on-year", "over the year earlier", "FY2631", "May-Jul", "quarter ended May", "May quarter", "Q1FY2… cut"],
)
def test_what_is_no_period(text: str) -> None:
    assert not [p for p in find_periods(text) if p.quarter or p.year]


@pytest.mark.parametrize("text", ["Q3FY26E", "2QFY26E", "Q1 FY27P", "FY27E"])
def test_a_period_somebody_expects_is_no_period_of_results(text: str) -> None:
    assert [p.kind for p in find_periods(text)] == ["other"]


@pytest.mark.parametrize(("text", "odd"), [("in Q5 FY26 and", "Q5 FY26"), ("FY2062", "FY2062"), ("Q2 FY26", "")])
def test_a_period_there_is_none_of(text: str, odd: str) -> None:
    assert [text[a:b].strip() for a, b in impossible_periods(text)] == ([odd] if odd else [])


def test_the_last_day() -> None:
    ends = [Period("quarter", 2026, q, 0, 0).last_day for q in (1, 2, 3, 4)]
    assert ends == [date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31), date(2026, 3, 31)]
    assert Period("quarter", None, 1, 0, 0).last_day is None
    assert Period("year", 2026, None, 0, 0).last_day is None
    assert Period("quarter", 9999, 1, 0, 0).last_day is None


@pytest.mark.parametrize(
    ("words", "year"), [("26", 2026), ("2026", 2026), ("2025-26", 2026), ("2526", 2026), ("2021", 2021)]
)
def test_fiscal_years(words: str, year: int) -> None:
    assert fiscal_year(words) == year


@pytest.mark.parametrize("words", ["2025-28", "2631", "123", "", "1-2-3"])
def test_no_fiscal_year(words: str) -> None:
    assert fiscal_year(words) is None


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_a_quarter_ends_where_it_is_said_to(day: date) -> None:
    found = quarter_of(day)
    assert (found is None) == (day.month % 3 != 0)
    if found:
        last = Period("quarter", *found, 0, 0).last_day
        assert last is not None
        assert (last.year, last.month) == (day.year, day.month)


@pytest.mark.parametrize(
    "text",
    [
        "2025-12-31",
        "31 December 2025",
        "31st December, 2025",
        "December 31, 2025",
        "31.12.2025",
        "31-12-2025",
        "31/12/25",
        "31-Dec-25",
        "31-December-2025",
        "Dec 31, 2025",
        "31     st       December 2025",
    ],
)
def test_one_date_in_many_ways(text: str) -> None:
    assert [d.day for d in find_dates(text)] == [date(2025, 12, 31)]


@pytest.mark.parametrize("text", ["31.13.2025", "30 February 2026", "12.5", "1.2.3.4", "December 2025", "99/99/9999"])
def test_no_date(text: str) -> None:
    assert find_dates(text) == []


def test_small_parts_of_dates() -> None:
    assert month_end("December 2025") == date(2025, 12, 31)
    assert month_end("Feb-24") == date(2024, 2, 29)
    assert month_end("nothing") is None
    assert month_number("Sept") == 9
    assert make_day(2025, 2, 30) is None
    assert read_date("no numbers") is None


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_dates_are_read_day_first(day: date) -> None:
    for text in (f"{day:%d.%m.%Y}", f"{day:%d %B %Y}", f"{day:%B} {day.day}, {day.year}", day.isoformat()):
        assert [d.day for d in find_dates(text)] == [day]


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    for period in find_periods(text):
        assert 0 <= period.start < period.end <= len(text)
    find_dates(text)
