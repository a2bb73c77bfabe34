"""The owner's calendar file: what it can change, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.config.market_calendar import load_calendar, market_hours
from robotrader.core.background_scheduler.config.market_reader import read_rows
from robotrader.core.background_scheduler.config.market_rows import CalendarRows, hours_text, parse_hours
from robotrader.core.errors import ConfigurationError
from tests.support.market import PACKAGED, ist, on, packaged, with_rows

CLOSED = '[[days]]\ndate = {}\nclosed = true\nreason = "r"\nsource = "s"\n'
OPEN = '[[days]]\ndate = {}\nopen = "{}"\nreason = "r"\nsource = "s"\n'


def test_a_row_of_the_owner_wins() -> None:
    calendar = with_rows(CLOSED.format("2026-11-25") + OPEN.format("2026-11-24", "full"))
    assert not calendar.is_trading_day(on("2026-11-25"))
    assert calendar.is_trading_day(on("2026-11-24"))
    assert calendar.why(on("2026-11-25")).source == "s"
    assert packaged().is_trading_day(on("2026-11-25"))


def test_the_later_row_for_a_day_wins() -> None:
    day = "2026-12-05"
    calendar = with_rows(OPEN.format(day, "10:00-11:00") + CLOSED.format(day) + OPEN.format(day, "11:00-12:00"))
    assert [str(each.window) for each in calendar.sessions(on(day), None)] == ["11:00-12:00"]
    assert not with_rows(OPEN.format(day, "10:00-11:00") + CLOSED.format(day)).is_trading_day(on(day))


def test_two_sessions_on_one_day() -> None:
    calendar = with_rows(OPEN.format("2026-12-05", "09:15-10:00, 11:30-12:30"))
    day = on("2026-12-05")
    assert calendar.open_at(day, None) == ist("2026-12-05 09:15")
    assert calendar.close_at(day, None) == ist("2026-12-05 12:30")
    assert calendar.state_at(ist("2026-12-05 10:30"), None) == "break"
    assert len(market_hours(calendar, day)) == 2


def test_a_full_day_takes_a_holiday_back_for_settlement_and_a_special_session_does_not() -> None:
    back = with_rows(OPEN.format("2026-11-24", "full"))
    assert back.settlement_day(on("2026-11-23")) == on("2026-11-24")
    special = with_rows(OPEN.format("2026-11-24", "18:00-19:00"))
    assert special.settlement_day(on("2026-11-23")) == on("2026-11-25")
    assert special.next_trading_day(on("2026-11-23")) == on("2026-11-24")


def test_a_template_of_the_owner_puts_a_revision_off() -> None:
    calendar = with_rows("""
        [[templates]]
        session = "continuous"
        stocks = "fno"
        effective_from = 2026-12-07
        hours = "09:15-15:15"
        source = "put off"
        [[templates]]
        session = "post-close"
        effective_from = 2026-12-08
        hours = "none"
        source = "none any more"
    """)
    assert calendar.close_at(on("2026-12-07"), is_fno=True) == ist("2026-12-07 15:15")
    assert [each.kind for each in calendar.sessions(on("2026-12-08"), is_fno=False)][-1] == "block-deal-afternoon"
    assert [each.kind for each in calendar.sessions(on("2026-12-07"), is_fno=False)][-1] == "post-close"


def test_a_year_and_a_settlement_holiday_can_be_added() -> None:
    calendar = with_rows("""
        [[years]]
        year = 2027
        settlement = true
        source = "NSE/CMTR/80000"
        [[settlement_holidays]]
        date = 2027-01-05
        reason = "bank holiday"
        source = "NSE Clearing"
        confirmed = false
    """)
    assert calendar.settlement_day(on("2027-01-04")) == on("2027-01-06")
    assert calendar.next_trading_day(on("2026-12-31")) == on("2027-01-01")


def test_saying_a_year_again_keeps_what_was_said_of_its_settlement() -> None:
    calendar = with_rows('[[years]]\nyear = 2026\nsource = "mine"')
    assert calendar.years[2026].source == "mine"
    assert calendar.settlement_day(on("2026-11-20")) == on("2026-11-23")


def test_an_empty_file_changes_nothing() -> None:
    for text in ("", "# nothing\n"):
        assert with_rows(text).days == packaged().days


GOOD = 'reason = "r"\nsource = "s"\n'


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("date = ", "is not TOML", "correct"),
        ("[[holidays]]\n", "'holidays' is not a part", "did you mean days?"),
        ("[[dayz]]\n", "'dayz' is not a part", "did you mean days?"),
        ("days = 3\n", "rows are needed, each under [[days]]", "correct"),
        ("[days]\ndate = 2026-01-01\n", "rows are needed", "correct"),
        ("[[days]]\ndate = 2026-11-25\nclose = true\n" + GOOD, "'close' is not a key", "did you mean closed?"),
        ("[[days]]\ndate = 2026-11-25\nclosed = true\nreson = 'r'\nsource = 's'\n", "'reson'", "did you mean reason?"),
        ("[[days]]\nclosed = true\n" + GOOD, "row 1: date: is missing", "correct"),
        ("[[days]]\ndate = '2026-11-25'\nclosed = true\n" + GOOD, "without quotes", "correct"),
        ("[[days]]\ndate = 2026-11-25T09:00:00\nclosed = true\n" + GOOD, "date: a date is needed", "correct"),
        ("[[days]]\ndate = 1926-11-25\nclosed = true\n" + GOOD, "between 2000 and 2100", "correct"),
        ("[[days]]\ndate = 2026-11-25\n" + GOOD, "open: either closed = true or open", "correct"),
        ("[[days]]\ndate = 2026-11-25\nclosed = true\nopen = 'full'\n" + GOOD, "either closed = true or", "correct"),
        ("[[days]]\ndate = 2026-11-25\nclosed = 'yes'\n" + GOOD, "closed: true or false", "correct"),
        ("[[days]]\ndate = 2026-11-25\nopen = '9:15-15:30'\n" + GOOD, "HH:MM-HH:MM", "correct"),
        ("[[days]]\ndate = 2026-11-25\nopen = '15:30-09:15'\n" + GOOD, "end after they begin", "correct"),
        ("[[days]]\ndate = 2026-11-25\nopen = '10:00-12:00,11:00-13:00'\n" + GOOD, "begins before", "correct"),
        ("[[days]]\ndate = 2026-11-25\nopen = 915\n" + GOOD, "open: text in quotes", "correct"),
        ("[[days]]\ndate = 2026-11-25\nclosed = true\nreason = 'r'\n", "source: is missing", "correct"),
        ("[[days]]\ndate = 2026-11-25\nclosed = true\nreason = ''\nsource = 's'\n", "reason: words are", "correct"),
        ("[[days]]\ndate = 2026-11-25\nclosed = true\nreason = 'r'\nsource = 7\n", "source: words are", "correct"),
        (
            f"[[days]]\ndate = 2026-11-25\nclosed = true\nreason = '{'r' * 201}'\nsource = 's'\n",
            "at most 200",
            "correct",
        ),
        ('[[days]]\ndate = 2026-11-25\nclosed = true\nreason = "a\\u001b[2J"\nsource = "s"\n', "printable", "correct"),
        ("[[years]]\nyear = 27\nsource = 's'\n", "year: a year between", "correct"),
        ("[[years]]\nyear = true\nsource = 's'\n", "year: a year between", "correct"),
        ("[[fno]]\nsymbol = 'sbin'\nfno = true\nfrom = 2026-01-01\nsource = 's'\n", "not a trading symbol", "correct"),
        ("[[fno]]\nsymbol = 'SBIN'\nfrom = 2026-01-01\nsource = 's'\n", "fno: is missing", "correct"),
        ("[[fno]]\nsymbols = ['SBIN', 'tcs']\nfno = true\n", "symbols: not a trading symbol: 'tcs'", "correct"),
        ("[[fno]]\nsymbols = []\nfno = true\n", "symbols: a list of symbols is needed", "correct"),
        ("[[fno]]\nsymbols = 'SBIN'\nfno = true\n", "symbols: a list of symbols is needed", "correct"),
        ("[[fno]]\nsymbols = ['SBIN']\nsymbol = 'TCS'\n", "symbols: either symbol or symbols is needed", "correct"),
        ("[[fno]]\nfno = true\nfrom = 2026-01-01\n", "symbols: either symbol or symbols is needed", "correct"),
        (
            "[[fno]]\nsymbol = 'SBIN'\nfno = true\nfrom = 2026-02-01\nuntil = 2026-01-01\nsource = 's'\n",
            "until: is before",
            "correct",
        ),
        ("[[templates]]\nsession = 'lunch'\n", "session: one of block-deal-morning", "correct"),
        ("[[templates]]\nsession = 'continuous'\nstocks = 'some'\n", "stocks: one of all, fno, other", "correct"),
        (
            (
                "[[templates]]\nsession = 'pre-open'\neffective_from = 2026-12-01\nhours = '09:00-09:15'\n"
                "parts = [{ hours = '09:00-09:20', name = 'x' }]\nsource = 's'\n"
            ),
            "parts: 09:00-09:20 does not follow",
            "correct",
        ),
        (
            (
                "[[templates]]\nsession = 'pre-open'\neffective_from = 2026-12-01\nhours = '09:00-09:15'\n"
                "parts = [{ hours = '09:00-09:05' }]\nsource = 's'\n"
            ),
            "parts: a list of",
            "correct",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_where_it_stands(text: str, message: str, remedy: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        with_rows(text)
    assert message in str(caught.value)
    assert str(caught.value).startswith("mine.toml")
    assert remedy in str(caught.value.context.remedy)
    assert "\n" not in str(caught.value)


def test_the_row_that_is_wrong_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"mine.toml, \[\[days\]\] row 2: open: "):
        with_rows(CLOSED.format("2026-11-25") + OPEN.format("2026-11-26", "soon"))


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(read_rows(text, "mine.toml"), CalendarRows)
    except ConfigurationError as error:
        assert "mine.toml" in str(error)  # noqa: PT017


@given(
    st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=6, unique=True).filter(lambda found: len(found) % 2 == 0)
)
def test_hours_are_read_as_they_are_written(minutes: list[int]) -> None:
    marks = [f"{minute // 60:02}:{minute % 60:02}" for minute in sorted(minutes)]
    text = ", ".join(f"{opens}-{closes}" for opens, closes in zip(marks[::2], marks[1::2], strict=True))
    assert hours_text(parse_hours(text)) == text


def test_the_package_is_read_without_an_override() -> None:
    assert load_calendar(PACKAGED).days == packaged().days


TEMPLATE = '[[templates]]\nsession = "continuous"\nstocks = "{}"\neffective_from = {}\nhours = "{}"\nsource = "s"\n'


def test_a_template_holds_from_its_day_wherever_it_stands() -> None:
    dated = (("2026-12-21", "10:00-15:00"), ("2026-12-14", "09:30-15:00"))
    rows = [TEMPLATE.format("all", day, hours) for day, hours in dated]
    calendar = with_rows("".join(rows))
    days = ("2026-12-11", "2026-12-14", "2026-12-21", "2026-12-22")
    found = [calendar.open_at(on(day), is_fno=False) for day in days]
    assert found == [
        ist("2026-12-11 09:15"), ist("2026-12-14 09:30"), ist("2026-12-21 10:00"), ist("2026-12-22 10:00"),
    ]  # fmt: skip


def test_an_unknown_stock_has_the_hours_common_to_both_kinds() -> None:
    later = TEMPLATE.format("fno", "2026-12-14", "10:00-15:30") + TEMPLATE.format("other", "2026-12-14", "09:15-15:00")
    calendar = with_rows(later)
    hours = [str(each.window) for each in calendar.sessions(on("2026-12-14"), None) if each.kind == "continuous"]
    assert hours == ["10:00-15:00"]
    assert market_hours(calendar, on("2026-12-14")) == ((ist("2026-12-14 09:15"), ist("2026-12-14 15:30")),)
    apart = TEMPLATE.format("fno", "2026-12-14", "09:15-12:00") + TEMPLATE.format("other", "2026-12-14", "12:00-15:30")
    assert with_rows(apart).open_at(on("2026-12-14"), None) is None
