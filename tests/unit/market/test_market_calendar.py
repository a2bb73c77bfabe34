"""Trading days, sessions and settlement days, against the lists of record."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.config.market_calendar import (
    MarketCalendar,
    doubts,
    market_hours,
    settles,
    warning,
)
from robotrader.core.background_scheduler.config.market_rows import SessionKind
from robotrader.core.background_scheduler.config.market_sessions import MarketState, Session
from robotrader.core.errors import ConfigurationError, ValidationError
from tests.support.market import ist, on, packaged, with_rows

# NSE/CMTR/65587, and NSE/CMTR/71775 with its amendment of January.
LISTED_2025 = "02-26 03-14 03-31 04-10 04-14 04-18 05-01 08-15 08-27 10-02 10-21 10-22 11-05 12-25"
LISTED_2026 = "01-15 01-26 03-03 03-26 03-31 04-03 04-14 05-01 05-28 06-26 09-14 10-02 10-20 11-10 11-24 12-25"
CLOSED_2025, CLOSED_2026 = LISTED_2025.split(" "), LISTED_2026.split(" ")
FROM, TO = date(2025, 1, 1), date(2026, 12, 31)
DAYS = [FROM + timedelta(days=number) for number in range((TO - FROM).days + 1)]
FNO, OTHER, UNKNOWN = True, False, None

days = st.dates(FROM, TO)
kinds = st.sampled_from([FNO, OTHER, UNKNOWN])
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def hours(day: str, is_fno: bool | None, kind: str = "continuous", calendar: MarketCalendar | None = None) -> list[str]:
    found = (calendar or packaged()).sessions(on(day), is_fno)
    return [str(each.window) for each in found if each.kind == kind]


@pytest.mark.parametrize(("year", "listed"), [(2025, CLOSED_2025), (2026, CLOSED_2026)])
def test_the_weekday_holidays_are_those_of_the_circulars(year: int, listed: list[str]) -> None:
    found = sorted(day for day in packaged().holidays if day.year == year and day.weekday() < 5)
    assert [f"{day:%m-%d}" for day in found] == listed


def test_every_other_day_follows_its_weekday() -> None:
    special = {on("2025-02-01"), on("2025-10-21"), on("2026-02-01"), on("2026-11-08")}
    closed = {on(f"{year}-{day}") for year, listed in ((2025, CLOSED_2025), (2026, CLOSED_2026)) for day in listed}
    for day in DAYS:
        expected = day in special or (day.weekday() < 5 and day not in closed)
        assert packaged().is_trading_day(day) is expected, day
    assert sum(packaged().is_trading_day(day) for day in DAYS) == 261 - 14 + 2 + 261 - 16 + 2


@pytest.mark.parametrize(
    ("day", "windows"),
    [
        ("2025-02-01", "09:15-15:30"),
        ("2026-02-01", "09:15-15:30"),
        ("2025-10-21", "13:45-14:45"),
        ("2026-11-08", "18:15-19:15"),
    ],
)
def test_sessions_on_days_that_are_closed_otherwise(day: str, windows: str) -> None:
    for is_fno in (FNO, OTHER, UNKNOWN):
        assert hours(day, is_fno) == [windows]
    assert packaged().why(on(day)).is_open


def test_a_special_session_stands_alone_and_a_full_one_does_not() -> None:
    assert [each.kind for each in packaged().sessions(on("2025-10-21"), OTHER)] == [SessionKind.CONTINUOUS]
    assert len(packaged().sessions(on("2026-02-01"), OTHER)) == 5


# Columns: continuous F&O, continuous other, unknown, closing auction, post-close (domain facts: the three templates).
TEMPLATES = [
    ("2025-01-01", "09:15-15:30", "09:15-15:30", "09:15-15:30", None, "15:40-16:00"),
    ("2026-07-31", "09:15-15:30", "09:15-15:30", "09:15-15:30", None, "15:40-16:00"),
    ("2026-08-03", "09:15-15:15", "09:15-15:30", "09:15-15:15", "15:15-15:35", "15:50-16:00"),
    ("2026-09-07", "09:15-15:15", "09:15-15:30", "09:15-15:15", "15:15-15:35", "15:50-16:00"),
    ("2026-12-04", "09:15-15:15", "09:15-15:30", "09:15-15:15", "15:15-15:35", "15:50-16:00"),
    ("2026-12-07", "09:15-15:30", "09:15-15:30", "09:15-15:30", "15:30-15:40", "15:50-16:00"),
]


@pytest.mark.parametrize(("day", "fno", "other", "unknown", "auction", "post"), TEMPLATES)
def test_the_sessions_of_a_full_day(
    day: str, fno: str, other: str, unknown: str, auction: str | None, post: str
) -> None:
    assert (hours(day, FNO), hours(day, OTHER), hours(day, UNKNOWN)) == ([fno], [other], [unknown])
    assert hours(day, FNO, "closing-auction") == ([] if auction is None else [auction])
    assert hours(day, OTHER, "closing-auction") == hours(day, UNKNOWN, "closing-auction") == []
    for is_fno in (FNO, OTHER, UNKNOWN):
        assert hours(day, is_fno, "post-close") == [post]
        assert hours(day, is_fno, "pre-open") == ["09:00-09:15"]
        assert hours(day, is_fno, "block-deal-morning") == ["08:45-09:00"]
        assert hours(day, is_fno, "block-deal-afternoon") == ["14:05-14:20"]


def test_the_parts_of_the_pre_open_change_on_their_day() -> None:
    def parts(day: str) -> list[str]:
        (found,) = [each for each in packaged().sessions(on(day), OTHER) if each.kind is SessionKind.PRE_OPEN]
        return [str(part.window) for part in found.parts]

    assert parts("2026-09-04") == ["09:00-09:08", "09:08-09:12", "09:12-09:15"]
    assert parts("2026-09-07") == ["09:00-09:05", "09:05-09:10", "09:10-09:12", "09:12-09:15"]


def test_an_unknown_stock_gets_the_earlier_close_and_is_told_so() -> None:
    (session,) = [each for each in packaged().sessions(on("2026-08-03"), UNKNOWN) if each.kind == "continuous"]
    assert session.note == "whether it is an F&O stock is not known, so this is the earlier of the two closes"
    assert packaged().close_at(on("2026-08-03"), UNKNOWN) == ist("2026-08-03 15:15")
    assert packaged().close_at(on("2026-08-03"), OTHER) == ist("2026-08-03 15:30")
    (before,) = [each for each in packaged().sessions(on("2026-07-31"), UNKNOWN) if each.kind == "continuous"]
    assert before.note is None


def test_instants_are_utc() -> None:
    opened, closed = packaged().open_at(on("2026-11-20"), OTHER), packaged().close_at(on("2026-11-20"), OTHER)
    assert opened == datetime(2026, 11, 20, 3, 45, tzinfo=UTC)
    assert closed == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    assert {each.tzinfo for each in (opened, closed) if each} == {UTC}
    assert packaged().open_at(on("2026-11-24"), OTHER) is None
    assert packaged().close_at(on("2026-11-24"), FNO) is None


@pytest.mark.parametrize(
    ("instant", "fno", "other", "unknown"),
    [
        ("2026-11-20 08:50", "closed", "closed", "closed"),
        ("2026-11-20 09:00", "pre-open", "pre-open", "pre-open"),
        ("2026-11-20 09:14:59", "pre-open", "pre-open", "pre-open"),
        ("2026-11-20 09:15", "open", "open", "open"),
        ("2026-11-20 14:10", "open", "open", "open"),
        ("2026-11-20 15:15", "closing-auction", "open", "break"),
        ("2026-11-20 15:30", "closing-auction", "break", "break"),
        ("2026-11-20 15:35", "break", "break", "break"),
        ("2026-11-20 15:50", "post-close", "post-close", "post-close"),
        ("2026-11-20 16:00", "closed", "closed", "closed"),
        ("2026-07-31 15:20", "open", "open", "open"),
        ("2026-12-07 15:20", "open", "open", "open"),
        ("2026-12-07 15:30", "closing-auction", "break", "break"),
        ("2026-11-24 11:00", "closed", "closed", "closed"),
        ("2026-11-21 11:00", "closed", "closed", "closed"),
        ("2025-10-21 13:44", "closed", "closed", "closed"),
        ("2025-10-21 13:45", "open", "open", "open"),
        ("2025-10-21 14:45", "closed", "closed", "closed"),
    ],
)
def test_the_state_at_an_instant(instant: str, fno: str, other: str, unknown: str) -> None:
    states = [packaged().state_at(ist(instant), is_fno) for is_fno in (FNO, OTHER, UNKNOWN)]
    assert states == [fno, other, unknown]


def test_an_instant_needs_a_zone() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        packaged().state_at(datetime(2026, 11, 20, 10), FNO)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("traded", "settled"),
    [
        ("2026-11-20", "2026-11-23"),  # over a weekend
        ("2026-11-23", "2026-11-25"),  # over a holiday
        ("2026-02-18", "2026-02-20"),  # over a day that is traded and not settled
        ("2026-02-19", "2026-02-20"),  # on that day: two settlements land on one day
        ("2026-03-18", "2026-03-20"),
        ("2026-03-30", "2026-04-02"),  # over 03-31 (holiday) and 04-01 (bank closing)
        ("2026-04-01", "2026-04-02"),
        ("2026-08-25", "2026-08-27"),
        ("2026-01-30", "2026-02-02"),  # nothing settles on the budget Sunday
        ("2026-02-01", "2026-02-02"),
        ("2026-11-06", "2026-11-09"),
        ("2026-11-08", "2026-11-09"),
        ("2026-11-09", "2026-11-11"),
        ("2025-12-31", "2026-01-01"),
    ],
)
def test_settlement(traded: str, settled: str) -> None:
    assert packaged().settlement_day(on(traded)) == on(settled)


def test_nothing_settles_on_a_listed_holiday_with_a_session() -> None:
    calendar = with_rows('[[years]]\nyear = 2025\nsettlement = true\nsource = "x"')
    assert calendar.settlement_day(on("2025-10-20")) == on("2025-10-23")
    assert calendar.settlement_day(on("2025-10-21")) == on("2025-10-23")


def test_what_is_not_traded_does_not_settle() -> None:
    with pytest.raises(ValidationError, match="no trading on 2026-11-24: Guru Nanak"):
        packaged().settlement_day(on("2026-11-24"))


def test_settlement_days_that_are_not_listed_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="settlement holidays of 2025") as caught:
        packaged().settlement_day(on("2025-05-05"))
    assert "[[settlement_holidays]]" in str(caught.value.context.remedy)


@pytest.mark.parametrize("year", [2024, 2027])
def test_an_uncovered_year_is_refused_by_every_question(year: int) -> None:
    calendar, day = packaged(), date(year, 6, 15)
    asked = [
        lambda: calendar.sessions(day, FNO),
        lambda: calendar.is_trading_day(day),
        lambda: calendar.next_trading_day(day),
        lambda: calendar.previous_trading_day(day),
        lambda: calendar.settlement_day(day),
        lambda: calendar.state_at(ist(f"{day} 10:00"), OTHER),
        lambda: calendar.open_at(day, FNO),
        lambda: calendar.close_at(day, UNKNOWN),
        lambda: calendar.why(day),
        lambda: market_hours(calendar, day),
        lambda: settles(calendar, day),
    ]
    for ask in asked:
        with pytest.raises(ConfigurationError, match=f"does not cover {year}") as caught:
            ask()
        remedy = str(caught.value.context.remedy)
        assert "robotrader calendar add" in remedy
        assert "calendar.toml" in remedy
        assert caught.value.exit_code == 3


def test_the_edge_of_the_covered_years() -> None:
    assert packaged().previous_trading_day(on("2027-01-01")) == on("2026-12-31")
    assert packaged().next_trading_day(on("2024-12-31")) == on("2025-01-01")
    for ask in (packaged().next_trading_day, packaged().settlement_day):
        with pytest.raises(ConfigurationError, match="2027"):
            ask(on("2026-12-31"))
    with pytest.raises(ConfigurationError, match="2024"):
        packaged().previous_trading_day(on("2025-01-01"))


@pytest.mark.parametrize(
    ("day", "is_open", "words", "source", "confirmed"),
    [
        ("2026-11-24", False, "Guru Nanak Jayanti", "NSE/CMTR/71775", True),
        ("2026-01-15", False, "Municipal elections in Maharashtra", "2026-01-12", True),
        ("2026-11-22", False, "Sunday", "Monday to Friday", True),
        ("2026-11-08", True, "Muhurat", "provisional", False),
        ("2026-02-01", True, "Union Budget", "budget session", True),
        ("2026-11-20", True, "a regular trading day", "NSE/CMTR/71775", True),
        ("2025-03-14", False, "Holi", "NSE/CMTR/65587", True),
    ],
)
def test_why(day: str, is_open: bool, words: str, source: str, confirmed: bool) -> None:
    found = packaged().why(on(day))
    assert (found.is_open, found.confirmed) == (is_open, confirmed)
    assert words in found.text
    assert source in found.source


SINCE_AUCTION = on("2026-08-03")


def fno_stocks(day: str) -> set[str]:
    """Every symbol that is said to be an F&O stock on a day."""
    return {row.symbol for row in packaged().fno if packaged().is_fno(row.symbol, on(day))}


@pytest.mark.parametrize(
    ("day", "stocks"), [("2026-08-10", 208), ("2026-10-06", 213), ("2026-10-28", 212), ("2026-11-25", 210)]
)
def test_as_many_fno_stocks_as_the_exchange_lists(day: str, stocks: int) -> None:
    assert len(fno_stocks(day)) == stocks


def test_a_stock_no_row_names_is_not_said_to_be_fno_or_not() -> None:
    assert packaged().is_fno("ZENSARTECH", on("2026-11-20")) is None
    assert packaged().is_fno("BSE:SBIN", on("2026-11-20")) is None


@pytest.mark.parametrize(
    ("symbol", "day", "expected"),
    [
        ("RELIANCE", "2025-01-01", True),
        ("M&M", "2026-11-20", True),
        ("NIFTY", "2026-11-20", None),  # an index is no stock
        ("ATHERENERG", "2026-08-25", None),
        ("ATHERENERG", "2026-08-26", True),
        ("TORNTPOWER", "2026-04-28", True),
        ("TORNTPOWER", "2026-04-29", False),
        ("SAMMAANCAP", "2025-08-29", True),
        ("SAMMAANCAP", "2026-08-03", False),
        ("IEX", "2026-11-24", True),
        ("IEX", "2026-11-25", False),
        ("TATAMOTORS", "2025-10-23", True),
        ("TATAMOTORS", "2025-10-24", None),
        ("TMPV", "2025-10-24", True),
        ("LTIM", "2026-02-26", True),
        ("LTM", "2026-02-27", True),
    ],
)
def test_packaged_fno_rows(symbol: str, day: str, expected: bool | None) -> None:
    assert packaged().is_fno(symbol, on(day)) is expected


def test_no_fno_row_repeats_what_was_so_already() -> None:
    """Each row changes something, so a circular that is entered twice, or out of order, is noticed."""
    known: dict[str, bool | None] = {}
    for row in packaged().fno:
        assert known.get(row.symbol) is not row.is_fno, row
        known[row.symbol] = None if row.last is not None else row.is_fno
    first = [row.first for row in packaged().fno if row.first > on("2025-01-01") and "symbol of" not in row.source]
    assert first == sorted(first)


def test_the_closing_auction_is_for_fno_stocks_by_the_packaged_rows() -> None:
    calendar = packaged()
    closes = {
        symbol: calendar.close_at(SINCE_AUCTION, calendar.is_fno(symbol, SINCE_AUCTION))
        for symbol in ("SBIN", "TATATECH", "ZENSARTECH")
    }
    assert closes == {
        "SBIN": ist("2026-08-03 15:15"),
        "TATATECH": ist("2026-08-03 15:30"),
        "ZENSARTECH": ist("2026-08-03 15:15"),  # not known, so the earlier
    }


def test_fno_rows_hold_between_their_days() -> None:
    calendar = with_rows("""
        [[fno]]
        symbol = "TANLA"
        fno = true
        from = 2026-01-01
        source = "security master of 2026-08-03"
        [[fno]]
        symbols = ["TANLA", "SBIN"]
        fno = false
        from = 2026-10-01
        until = 2026-10-31
        source = "circular"
        [[fno]]
        symbol = "SBIN"
        fno = false
        from = 2026-11-01
        source = "another"
    """)
    said = {day: calendar.is_fno("TANLA", on(day)) for day in ("2025-12-31", "2026-01-01", "2026-10-01", "2026-10-31")}
    assert list(said.values()) == [None, True, False, False]
    assert calendar.is_fno("TANLA", on("2026-11-01")) is True
    assert calendar.is_fno("SBIN", on("2026-11-01")) is False  # the owner's row over the packaged one


def test_the_calendar_says_what_it_is_not_sure_of() -> None:
    found = doubts(packaged(), on("2026-11-21"), on("2026-12-31"))
    assert [each.what for each in found] == [
        "from 2026-12-07: continuous 09:15-15:30 for F&O stocks",
        "from 2026-12-07: closing-auction 15:30-15:40 for F&O stocks",
    ]
    assert all("76963" in each.source for each in found)
    assert [each.what[:10] for each in doubts(packaged(), on("2026-11-08"), on("2026-11-08"))] == ["2026-11-08"]
    assert len(doubts(packaged(), on("2026-12-30"), on("2026-12-30"))) == 2
    assert doubts(packaged(), on("2026-11-09"), on("2026-12-06")) == ()


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-11-15 23:59", None),
        ("2026-11-16 00:00", "ends on 2026-12-31 (in 45 days)"),
        ("2026-12-30 12:00", "(in 1 day)"),
        ("2026-12-31 12:00", "(today)"),
        ("2027-01-01 00:00", "does not cover 2027"),
        ("2025-12-31 12:00", None),
    ],
)
def test_the_warning_before_the_calendar_ends(now: str, words: str | None) -> None:
    found = warning(packaged(), ist(now))
    assert (found is None) if words is None else (found is not None and words in found)


def test_the_market_is_open_from_the_first_open_to_the_last_close() -> None:
    assert market_hours(packaged(), on("2026-11-20")) == ((ist("2026-11-20 09:15"), ist("2026-11-20 15:30")),)
    assert market_hours(packaged(), on("2025-10-21")) == ((ist("2025-10-21 13:45"), ist("2025-10-21 14:45")),)
    assert market_hours(packaged(), on("2026-11-24")) == ()


def test_every_row_of_the_package_names_its_source() -> None:
    calendar = packaged()
    rows = [
        *calendar.days.values(),
        *calendar.settlement_holidays.values(),
        *calendar.templates,
        *calendar.years.values(),
    ]
    assert len(rows) > 40
    assert all(len(row.source) > 5 for row in rows)
    assert {row.source for row in rows if not row.confirmed} != set()


@given(days)
def test_the_next_trading_day_is_later_and_traded_and_nothing_between(day: date) -> None:
    if day >= date(2026, 12, 31):
        return
    following = packaged().next_trading_day(day)
    assert following > day
    assert packaged().is_trading_day(following)
    between = [day + timedelta(days=number) for number in range(1, (following - day).days)]
    assert not any(packaged().is_trading_day(each) for each in between)
    assert packaged().is_trading_day(day) is (packaged().previous_trading_day(following) == day)


@given(days)
def test_settlement_comes_later_on_a_day_that_settles_and_never_out_of_order(day: date) -> None:
    if not date(2026, 1, 1) <= day < date(2026, 12, 30) or not packaged().is_trading_day(day):
        return
    settled = packaged().settlement_day(day)
    assert settled > day
    assert settles(packaged(), settled)
    assert packaged().is_trading_day(settled)
    assert packaged().settlement_day(packaged().next_trading_day(day)) >= settled


@given(days, kinds)
def test_sessions_are_in_order_and_cover_the_states(day: date, is_fno: bool | None) -> None:
    found = packaged().sessions(day, is_fno)
    assert [each.window.opens for each in found] == sorted(each.window.opens for each in found)
    main = [each for each in found if not each.kind.startswith("block")]
    for earlier, later in itertools.pairwise(main):
        assert earlier.end <= later.start
    assert bool(found) is packaged().is_trading_day(day) is packaged().why(day).is_open
    for each in found:
        assert each.start < each.end
        inside = [part.window for part in each.parts]
        assert all(each.window.opens <= part.opens < part.closes <= each.window.closes for part in inside)


@given(days, st.times(), zones)
def test_what_is_certain_of_an_unknown_stock_holds_for_both_kinds(day: date, time: object, zone: timezone) -> None:
    instant = ist(f"{day} {time}").astimezone(zone)
    unknown = packaged().state_at(instant, UNKNOWN)
    if unknown not in (MarketState.BREAK, MarketState.CLOSED):
        assert packaged().state_at(instant, FNO) == packaged().state_at(instant, OTHER) == unknown


@given(days, st.times(), zones, kinds)
def test_the_zone_of_the_instant_does_not_matter(day: date, time: object, zone: timezone, is_fno: bool | None) -> None:
    instant = ist(f"{day} {time}")
    assert packaged().state_at(instant, is_fno) == packaged().state_at(instant.astimezone(zone), is_fno)


@given(days, kinds)
def test_open_and_close_are_where_the_state_turns(day: date, is_fno: bool | None) -> None:
    opened, closed = packaged().open_at(day, is_fno), packaged().close_at(day, is_fno)
    if opened is None or closed is None:
        assert opened is closed is None
        return
    micro = timedelta(microseconds=1)
    states = [packaged().state_at(each, is_fno) for each in (opened - micro, opened, closed - micro, closed)]
    assert states[1] == states[2] == MarketState.OPEN
    assert MarketState.OPEN not in (states[0], states[3])


def test_a_session_knows_its_instants() -> None:
    found: Session = packaged().sessions(on("2026-11-20"), FNO)[0]
    assert (found.start, found.end) == (ist("2026-11-20 08:45"), ist("2026-11-20 09:00"))
