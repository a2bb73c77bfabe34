from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.cli import format as fmt

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
MONEY = st.decimals(min_value=-(10**16), max_value=10**16, allow_nan=False, allow_infinity=False, places=4)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0", "₹0"),
        ("1", "₹1"),
        ("999", "₹999"),
        ("1000", "₹1,000"),
        ("99999", "₹99,999"),
        ("99999.994", "₹99,999.99"),
        ("99999.995", "₹1 lakh"),
        ("100000", "₹1 lakh"),
        ("420000", "₹4.20 lakh"),
        ("9999499", "₹99.99 lakh"),
        ("9999500", "₹1 crore"),
        ("9999999.99", "₹1 crore"),
        ("10000000", "₹1 crore"),
        ("960000000", "₹96 crore"),
        ("1349794700000", "₹1,34,979.47 crore"),
        ("-1349794700000", "-₹1,34,979.47 crore"),
        ("1000000000000", "₹1,00,000 crore"),
        ("22.83", "₹22.83"),
        ("-0.5", "-₹0.50"),
        ("0.001", "₹0.001"),
        ("-0.001", "-₹0.001"),
        ("-0", "₹0"),
        ("NaN", "₹NaN"),
        ("1e400", "₹1E+400"),
    ],
)
def test_rupees(value: str, shown: str) -> None:
    assert fmt.rupees(Decimal(value)) == shown


@given(st.integers(0, 10**18))
def test_grouping_loses_no_digit_and_puts_commas_where_indians_do(number: int) -> None:
    shown = fmt.grouped(str(number))
    groups = shown.split(",")
    assert shown.replace(",", "") == str(number)
    assert len(groups[0]) in {1, 2} or len(groups) == 1
    assert all(len(group) == 2 for group in groups[1:-1])
    assert len(groups) == 1 or len(groups[-1]) == 3


@given(MONEY)
def test_rupees_say_the_amount_to_the_last_digit_shown(value: Decimal) -> None:
    shown = fmt.rupees(value)
    unit = (
        Decimal(10_000_000) if shown.endswith("crore") else Decimal(100_000) if shown.endswith("lakh") else Decimal(1)
    )
    digits = shown.removesuffix(" crore").removesuffix(" lakh").replace("₹", "").replace(",", "")
    read = Decimal(digits) * unit
    if abs(value) >= Decimal("0.01"):
        assert abs(read - value) <= unit * Decimal("0.005")
    else:
        assert read == value
    assert (value == 0) == (read == 0)
    assert (read < 0) == (value < 0)


@given(MONEY)
def test_the_largest_fitting_unit_is_used(value: Decimal) -> None:
    shown, size = fmt.rupees(value), abs(value)
    if size >= 10_000_000:
        assert shown.endswith(" crore")
    elif size >= 100_000:
        assert shown.endswith((" lakh", "₹1 crore"))


@given(MONEY)
def test_dollars_are_exact(value: Decimal) -> None:
    shown = fmt.dollars(value)
    assert Decimal(shown.replace("$", "").replace(",", "")) == value
    assert len(shown.partition(".")[2]) >= 2


def test_dollars_of_an_unknown_bill() -> None:
    assert (fmt.dollars(None), fmt.dollars(Decimal("0.0061")), fmt.dollars(Decimal(1234))) == (
        "-",
        "$0.0061",
        "$1,234.00",
    )
    assert fmt.dollars(Decimal("Infinity")) == "$Infinity"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("12.5", "+12.5%"), ("-10", "-10%"), ("0", "0%"), ("4.20", "+4.2%"), ("0.004", "0%"), ("1234.567", "+1,234.57%"),
     ("NaN", "NaN%")],
)  # fmt: skip
def test_percent(value: str, shown: str) -> None:
    assert fmt.percent(Decimal(value)) == shown


def test_a_share_carries_no_sign() -> None:
    assert fmt.percent(Decimal("14.94"), signed=False) == "14.94%"


@given(st.decimals(-1000, 1000, places=5))
def test_percent_rounds_half_up_to_two_places(value: Decimal) -> None:
    shown = fmt.percent(value).rstrip("%").replace(",", "")
    assert Decimal(shown) == value.quantize(Decimal("0.01"), ROUND_HALF_UP)


@pytest.mark.parametrize(
    ("year", "number", "shown"),
    [
        (2026, 2, "Q2 FY26"),
        (2026, None, "FY26"),
        (None, None, "-"),
        (None, 3, "Q3"),
        (2005, 4, "Q4 FY05"),
        ("x", None, "-"),
    ],
)
def test_quarter(year: object, number: object, shown: str) -> None:
    assert fmt.quarter(year, number) == shown


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        ({"fiscal_year": 2026, "fiscal_quarter": 2, "period_end": "2025-09-30"}, "Q2 FY26"),
        ({"fiscal_year": 2026, "fiscal_quarter": None, "period_end": "2025-09-30"}, "H1 FY26"),
        ({"fiscal_year": 2026, "fiscal_quarter": None, "period_end": "2026-03-31"}, "FY26"),
        ({"fiscal_year": 2025, "fiscal_quarter": None, "period_end": "2025-09-30"}, "FY25"),  # a year of its own
        ({"fiscal_year": 2026}, "FY26"),
        ({}, "-"),
    ],
)
def test_period(record: dict[str, object], shown: str) -> None:
    assert fmt.period(record) == shown


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=-5), "now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=3, minutes=59), "3 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=29), "29 days ago"),
        (timedelta(days=95), "3 months ago"),
        (timedelta(days=800), "2 years ago"),
        (timedelta(hours=-3), "in 3 h"),
    ],
)
def test_age(ago: timedelta, shown: str) -> None:
    assert fmt.age(NOW - ago, NOW) == shown


def test_age_of_what_never_was() -> None:
    assert fmt.age(None, NOW) == "never"


@given(INSTANTS, INSTANTS)
def test_age_says_which_side_of_now_it_is_on(moment: datetime, now: datetime) -> None:
    shown = fmt.age(moment, now)
    if moment < now - timedelta(minutes=1):
        assert shown.endswith(" ago")
    if moment > now + timedelta(minutes=1):
        assert shown.startswith("in ")


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 11, 21, 14, 0, tzinfo=UTC), "19:30 IST (in 3 h)"),
        (datetime(2026, 11, 21, 11, 0, 30, tzinfo=UTC), "16:30 IST (in 30 s)"),
        (datetime(2026, 11, 21, 18, 30, tzinfo=UTC), "tomorrow 00:00 IST (in 7 h)"),
        (datetime(2026, 11, 24, 3, 0, tzinfo=UTC), "24 Nov 2026 08:30 IST (in 2 days)"),
        (NOW, "now"),
        (NOW - timedelta(days=1), "now"),
    ],
)
def test_due(moment: datetime, shown: str) -> None:
    assert fmt.due(moment, NOW) == shown


def test_instants_are_shown_in_india() -> None:
    late = datetime(2026, 12, 31, 20, 5, 9, tzinfo=UTC)
    assert fmt.instant(late) == "1 Jan 2027 01:35 IST"
    assert fmt.log_instant(late) == "2027-01-01 01:35:09 IST"
    assert fmt.instant(None) == "-"


@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_no_number_is_too_odd(value: Decimal) -> None:
    if value.is_snan():
        return
    assert fmt.rupees(value)
    assert fmt.percent(value)
    assert fmt.dollars(value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("11.70", "11.7"),
        ("0", "0"),
        ("0.00", "0"),
        ("-1.25", "-1.25"),
        ("1234.5", "1,234.5"),
        ("123456", "1,23,456"),
        ("0.123456", "0.1235"),
        ("1E+2", "100"),
        ("NaN", "NaN"),
        ("1E+999", "1E+999"),
    ],
)
def test_ratios(value: str, shown: str) -> None:
    assert fmt.ratio(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        (0, "today"),
        (1, "tomorrow"),
        (-1, "yesterday"),
        (2, "in 2 days"),
        (-99, "99 days ago"),
        (100, "in 3 months"),
        (-366, "1 year ago"),
    ],
)
def test_days_away(days: int, shown: str) -> None:
    assert fmt.days_away(days) == shown


def test_a_day_begins_in_india() -> None:
    late = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
    assert fmt.local_day(late) == "22 Nov 2026"
    assert fmt.day_age(late.date(), late) == "yesterday"
