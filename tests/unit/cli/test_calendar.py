"""``calendar``: what it shows, what it writes, what it refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from robotrader.cli.app import execute
from robotrader.cli.run import Session
from robotrader.core.background_scheduler.stores import calendar_file
from robotrader.core.services.calendar_service import (
    ChangeView,
    CheckView,
    DayView,
    ListingView,
    SessionView,
    StockView,
)
from robotrader.settings import Settings

ADD = ("--reason", "Republic Day", "--source", "NSE/CMTR/80000")
NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)  # as that of the ``cli`` fixture: a Saturday, 16:30 IST


def at(now: datetime, home: Path, *arguments: str) -> int:
    return execute(arguments, Session(home=home, load=lambda _, __: Settings(home), now=lambda: now))


def test_the_present_month(cli: Any) -> None:
    ran = cli("calendar", "show")
    assert ran.code == 0
    assert "NSE Nov 2026 (IST)" in ran.out
    assert re.search(r"^ 2026-11-24 Tue +closed +closed +Guru Nanak Jayanti$", ran.out, re.MULTILINE)
    assert re.search(r"^ 2026-11-23 Mon +09:15-15:15 +09:15-15:30$", ran.out, re.MULTILINE)
    assert "Muhurat trading" in ran.out
    assert "(unconfirmed)" in ran.out
    assert "warning: the trading calendar ends on 2026-12-31 (in 40 days)" in ran.out
    assert len(re.findall(r"^ 2026-11-\d\d", ran.out, re.MULTILINE)) == 30


def test_a_month_as_json(cli: Any) -> None:
    found = cli("calendar", "show", "--month", "2026-09", "--json").json
    assert (found["first"], found["last"], len(found["days"])) == ("2026-09-01", "2026-09-30", 30)
    assert [
        day["date"] for day in found["days"] if day["weekday"] not in {"Saturday", "Sunday"} and not day["open"]
    ] == ["2026-09-14"]
    (change,) = found["changes"]
    assert (change["session"], change["effective_from"], change["stocks"]) == ("pre-open", "2026-09-07", "all")
    assert [part["hours"] for part in change["parts"]] == ["09:00-09:05", "09:05-09:10", "09:10-09:12", "09:12-09:15"]


def test_the_special_days_of_a_year(cli: Any) -> None:
    found = cli("calendar", "show", "--year", "2026", "--json").json
    assert sum(not day["open"] for day in found["days"]) == 16 + 3
    assert [day["date"] for day in found["days"] if day["open"] and day["settles"] is False] == [
        "2026-02-01", "2026-02-19", "2026-03-19", "2026-04-01", "2026-08-26", "2026-11-08",
    ]  # fmt: skip
    assert len(found["changes"]) == 6
    screen = cli("calendar", "show", "--year", "2026").out
    assert "Sessions that change" in screen
    assert "no settlement (Shivaji Jayanti)" in " ".join(screen.split())


def test_check_today(cli: Any) -> None:
    ran = cli("calendar", "check")
    assert ran.code == 0
    for words in (
        "Sat 21 Nov 2026",
        "Saturday",
        "closed",
        "Fri 20 Nov 2026",
        "Mon 23 Nov 2026",
        "unconfirmed: from 2026-12-07",
    ):
        assert words in ran.out, words
    found = cli("calendar", "check", "--json").json
    assert found["state"] == {"fno": "closed", "other": "closed"}
    assert (found["previous_trading_day"], found["next_trading_day"]) == ("2026-11-20", "2026-11-23")
    assert (found["settlement_day"], found["stock"], found["not_covered"]) == (None, None, [])
    assert found["sessions"] == {"fno": [], "other": []}
    assert len(found["unconfirmed"]) == 2


def test_check_while_the_kinds_differ(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    now = datetime(2026, 11, 20, 9, 50, tzinfo=UTC)  # 15:20 IST
    assert at(now, tmp_path, "calendar", "check", "--symbol", "ZENSARTECH") == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "F&O stocks closing-auction, other stocks open" in shown
    assert "not known whether an F&O stock" in shown
    assert "09:15-15:15 (whether it is an F&O stock is not known" in shown
    assert at(now, tmp_path, "calendar", "check", "--symbol", "ZENSARTECH", "--json") == 0
    stock = json.loads(capsys.readouterr().out)["stock"]
    assert (stock["is_fno"], stock["state"], stock["closes"]) == (None, "break", "2026-11-20T09:45:00Z")
    assert "earlier of the two closes" in stock["note"]


def test_check_knows_the_packaged_fno_stocks(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    now = datetime(2026, 11, 20, 9, 50, tzinfo=UTC)  # 15:20 IST
    assert at(now, tmp_path, "calendar", "check", "--symbol", "SBIN", "--json") == 0
    stock = json.loads(capsys.readouterr().out)["stock"]
    assert (stock["is_fno"], stock["state"], stock["closes"]) == (True, "closing-auction", "2026-11-20T09:45:00Z")
    assert stock["note"] is None


def test_check_uses_the_owners_fno_row(cli: Any, tmp_path: Path) -> None:
    row = '[[fno]]\nsymbol = "TCS"\nfno = false\nfrom = 2026-01-01\nsource = "security master"\n'
    (tmp_path / "calendar.toml").write_text(row)
    stock = cli("calendar", "check", "2026-11-20", "--symbol", "TCS", "--json").json["stock"]
    assert stock == {
        "symbol": "TCS",
        "is_fno": False,
        "state": None,
        "opens": "2026-11-20T03:45:00Z",
        "closes": "2026-11-20T10:00:00Z",
        "note": None,
    }


def test_check_a_day(cli: Any) -> None:
    found = cli("calendar", "check", "2026-02-18", "--json").json
    assert (found["state"], found["settlement_day"]) == (None, "2026-02-20")
    names = [each["session"] for each in found["sessions"]["other"]]
    assert names == ["block-deal-morning", "pre-open", "continuous", "block-deal-afternoon", "post-close"]
    assert found["sessions"]["other"][2]["start"] == "2026-02-18T03:45:00Z"
    assert "15:30-15:40 (unconfirmed)" in cli("calendar", "check", "2026-12-07").out


def test_what_is_beyond_the_calendar_is_said_and_not_guessed(cli: Any) -> None:
    found = cli("calendar", "check", "2026-12-31", "--json").json
    assert (found["next_trading_day"], found["settlement_day"]) == (None, None)
    assert found["not_covered"] == ["the trading calendar does not cover 2027 (it has 2025, 2026)"]
    shown = cli("calendar", "check", "2025-06-02").out
    assert "not known: the settlement holidays of 2025 are not listed" in shown
    assert "Trades settle on     │ not known" in shown


@pytest.mark.parametrize(
    "arguments", [("check", "2027-01-04"), ("show", "--month", "2027-01"), ("show", "--year", "2024")]
)
def test_an_uncovered_year_ends_with_3(cli: Any, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ran = cli("calendar", *arguments)
    assert (ran.code, ran.out) == (3, "")
    assert "error: the trading calendar does not cover 20" in ran.err
    assert "robotrader calendar add" in ran.err
    assert f"{tmp_path}/calendar.toml" in ran.err


def test_the_way_to_a_new_year(cli: Any, tmp_path: Path) -> None:
    path = tmp_path / "calendar.toml"
    ran = cli("calendar", "add", "2027-01-26", "--closed", *ADD)
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "2027-01-26: closed, Republic Day",
        f"wrote {path}",
        "2027 is not covered yet; when all its holidays are in:",
        "  robotrader calendar add 2027 --complete --source TEXT",
    ]
    assert cli("calendar", "check", "2027-01-26").code == 3
    done = cli("calendar", "add", "2027", "--complete", "--source", "NSE/CMTR/80000")
    assert done.out.splitlines()[0] == "2027 is covered: 1 weekday closed"
    found = cli("calendar", "check", "2027-01-26", "--json").json
    assert (found["day"]["reason"], found["day"]["settles"], found["warning"]) == ("Republic Day", None, None)
    assert path.stat().st_mode & 0o777 == 0o600


def test_add_a_session_as_json(cli: Any, tmp_path: Path) -> None:
    reason = 'drill at the "other" site \\ twice, ₹'
    ran = cli(
        "calendar", "add", "2026-11-28", "--open", "09:15-10:00,11:30-12:30", "--reason", reason, "--source", "NSE",
        "--unconfirmed", "--json",
    )  # fmt: skip
    assert ran.json == {
        "path": str(tmp_path / "calendar.toml"),
        "what": "2026-11-28",
        "open": "09:15-10:00, 11:30-12:30",
        "reason": reason,
        "source": "NSE",
        "confirmed": False,
        "covered": True,
        "holidays": 16,
    }
    day = cli("calendar", "check", "2026-11-28", "--json").json["day"]
    assert (day["hours"]["fno"], day["reason"], day["confirmed"]) == ("09:15-10:00, 11:30-12:30", reason, False)


def test_a_full_day_follows_the_templates(cli: Any) -> None:
    assert cli("calendar", "add", "2026-11-28", "--open", "full", *ADD).code == 0
    day = cli("calendar", "check", "2026-11-28", "--json").json["day"]
    assert day["hours"] == {"fno": "09:15-15:15", "other": "09:15-15:30"}


def test_a_day_can_be_changed_again(cli: Any) -> None:
    assert cli("calendar", "add", "2026-11-25", "--closed", *ADD).code == 0
    assert cli("calendar", "add", "2026-11-25", "--open", "full", *ADD).code == 0
    assert cli("calendar", "check", "2026-11-25", "--json").json["day"]["open"] is True


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("2026-11-24", "--closed", *ADD), "2026-11-24 is closed already: Guru Nanak Jayanti"),
        (("2026-11-28", "--closed", *ADD), "2026-11-28 is closed already: Saturday"),
        (("2026-11-25", "--open", "full", *ADD), "2026-11-25 is open already: a regular trading day"),
        (("2026-11-08", "--open", "18:15-19:15", *ADD), "2026-11-08 is open 18:15-19:15 already"),
        (("2026-11-25", *ADD), "one of --closed, --open and --complete is needed"),
        (("2026-11-25", "--closed", "--open", "full", *ADD), "one of --closed, --open and --complete is needed"),
        (("2026-11-25", "--closed", "--source", "x"), "--reason: words are needed"),
        (("2026-11-25", "--closed", "--reason", "x"), "--source: words are needed"),
        (("2026-11-25", "--closed", "--reason", "a\nb", "--source", "x"), "--reason: one line"),
        (("2026-11-25", "--closed", "--reason", "r" * 201, "--source", "x"), "--reason: at most 200"),
        (("2026-11-25", "--open", "9:15-15:30", *ADD), "--open: hours are written HH:MM-HH:MM"),
        (("2026-11-25", "--open", "15:30-09:15", *ADD), "--open: hours end after they begin"),
        (("2026-11-25", "--open", "", *ADD), "--open: hours are written"),
        (("25-11-2026", "--closed", *ADD), "not a day: '25-11-2026'"),
        (("2026-02-30", "--closed", *ADD), "not a day: '2026-02-30'"),
        (("2026-W48-1", "--closed", *ADD), "not a day"),
        (("2024-11-25", "--closed", *ADD), "2024 is out of reach"),
        (("2029-11-26", "--closed", *ADD), "2029 is out of reach"),
        (("2027", "--closed", *ADD), "not a day: '2027'"),
        (("2027-01-26", "--complete", "--source", "x"), "not a year: '2027-01-26'"),
        (("2026", "--complete", "--source", "x"), "2026 is covered already"),
        (("2027", "--complete", "--source", "x"), "no holiday of 2027 is listed"),
    ],
)
def test_nonsense_is_refused_and_nothing_written(
    cli: Any, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    ran = cli("calendar", "add", *arguments)
    assert ran.code == 2
    assert f"error: {message}" in ran.err
    assert "hint: " in ran.err
    assert not (tmp_path / "calendar.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "--month", "2026-13"), "not a month"),
        (("show", "--month", "Nov"), "not a month"),
        (("show", "--year", "26"), "not a year"),
        (("show", "--year", "2026", "--month", "2026-11"), "not both"),
        (("check", "tomorrow"), "not a day"),
        (("check", "--symbol", "s b i n"), "not a trading symbol"),
    ],
)
def test_usage(cli: Any, arguments: tuple[str, ...], message: str) -> None:
    ran = cli("calendar", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_a_wrong_file_ends_with_3_and_is_named(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "calendar.toml").write_text("[[days]]\ndate = 2026-11-25\nclose = true\n")
    for arguments in (("show",), ("check",), ("add", "2026-11-26", "--closed", *ADD)):
        ran = cli("calendar", *arguments)
        assert ran.code == 3
        assert f"{tmp_path}/calendar.toml, [[days]] row 1: 'close' is not a key of it" in ran.err
        assert "did you mean closed?" in ran.err


HOSTILE = "evil [red]bold[/red] :smile: " + "W" * 160


@pytest.mark.parametrize(
    "arguments",
    [
        ("show",),
        ("show", "--year", "2026"),
        ("check", "2026-11-26", "--symbol", "SBIN"),
        ("check", "2026-12-07"),
        ("check",),
    ],
    ids=" ".join,
)
def test_no_line_is_wider_than_the_terminal(cli: Any, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    row = '[[days]]\ndate = 2026-11-26\nopen = "10:00-11:00"\nreason = "{0}"\nsource = "{0}"\nconfirmed = false\n'
    (tmp_path / "calendar.toml").write_text(row.format(HOSTILE))
    ran = cli("calendar", *arguments)
    assert ran.code == 0
    assert max(len(line) for line in ran.out.splitlines()) <= 80
    assert "\x1b" not in ran.out


def test_the_documents_have_the_keys_of_their_views(cli: Any) -> None:
    def names(kind: Any) -> list[str]:
        return list(kind.__dataclass_fields__)

    listing = cli("calendar", "show", "--year", "2026", "--json").json
    assert list(listing) == names(ListingView)
    assert list(listing["days"][0]) == names(DayView)
    assert list(listing["changes"][0]) == names(ChangeView)
    check = cli("calendar", "check", "2026-11-20", "--symbol", "SBIN", "--json").json
    assert list(check) == names(CheckView)
    assert list(check["stock"]) == names(StockView)
    assert list(check["sessions"]["fno"][0]) == names(SessionView)


def test_showing_makes_nothing(cli: Any, tmp_path: Path) -> None:
    cli("calendar", "show")
    cli("calendar", "check")
    assert list(tmp_path.iterdir()) == []
    assert calendar_file.load(tmp_path).days


def test_the_help_loads_no_service() -> None:
    start = "import atexit, sys; atexit.register(lambda: sys.stderr.write(' '.join(sys.modules)))\n"
    start += "from robotrader.cli.app import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", start, "calendar", "add", "--help"], capture_output=True, text=True, check=False
    )
    loaded = set(ran.stderr.split())
    assert "robotrader.cli.calendar" in loaded
    assert loaded & {"asyncio", "aiofiles", "tomllib", "rich", "pydantic", "httpx"} == set()


def test_fno_adds_a_row(cli: Any, tmp_path: Path) -> None:
    arguments = ("calendar", "fno", "ZENSARTECH", "--from", "2026-12-30", "--source", "NSE/FAOP/80000")
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (
        0, f"ZENSARTECH: an F&O stock from 2026-12-30\nwrote {tmp_path}/calendar.toml\n",
    )  # fmt: skip
    stock = cli("calendar", "check", "2026-12-30", "--symbol", "ZENSARTECH", "--json").json["stock"]
    assert stock["is_fno"] is True
    again = cli(*arguments)
    assert (again.code, again.out) == (2, "")
    assert "ZENSARTECH is an F&O stock on 2026-12-30 already" in again.err
    more = ("--not", "--from", "2026-12-01", "--until", "2026-12-02", "--source", "x", "--unconfirmed", "--json")
    assert cli("calendar", "fno", "SBIN", *more).json == {
        "path": f"{tmp_path}/calendar.toml",
        "symbol": "SBIN",
        "is_fno": False,
        "first": "2026-12-01",
        "last": "2026-12-02",
        "source": "x",
        "confirmed": False,
    }
    found = [
        cli("calendar", "check", day, "--symbol", "SBIN", "--json").json["stock"]["is_fno"]
        for day in ("2026-11-30", "2026-12-01", "2026-12-02", "2026-12-03")
    ]
    assert found == [True, False, False, True]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("sbin", "--from", "2026-12-30", "--source", "x"), "not a trading symbol: 'sbin'"),
        (("TANLA", "--source", "x"), "from which day on is missing"),
        (("TANLA", "--from", "soon", "--source", "x"), "not a day: 'soon'"),
        (
            ("TANLA", "--from", "2026-12-30", "--until", "2026-12-29", "--source", "x"),
            "2026-12-29 is before 2026-12-30",
        ),
        (("TANLA", "--from", "2026-12-30"), "--source: words are needed"),
        (("SBIN", "--from", "2026-11-20", "--source", "x"), "SBIN is an F&O stock on 2026-11-20 already"),
    ],
)
def test_fno_refuses_what_cannot_be_meant(cli: Any, tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    ran = cli("calendar", "fno", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert not (tmp_path / "calendar.toml").exists()
