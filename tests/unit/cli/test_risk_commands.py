"""``risk`` and ``market`` over the whole program with simulated prices; only the time is set."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from robotrader.bootstrap import open_app
from robotrader.cli.app import execute
from robotrader.cli.run import Session
from robotrader.core.clock import IST
from tests.support.clock import FakeClock

OPEN = datetime(2026, 11, 23, 10, 0, tzinfo=IST)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out, parse_float=Decimal)


@dataclass
class Shell:
    """Runs command lines in one home; each is a program of its own."""

    home: Path
    capture: Any
    clock: FakeClock = field(default_factory=lambda: FakeClock(OPEN))

    def __call__(self, line: str, *more: str) -> Ran:
        session = Session(home=self.home, open_app=partial(open_app, clock=self.clock), now=self.clock.now)
        code = execute((*line.split(), *more), session)
        shown = self.capture.readouterr()
        return Ran(code, shown.out, shown.err)


@pytest.fixture
def shell(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    made = Shell(home, capsys)
    assert made("portfolio set SBIN 10 900").code == 0
    return made


def price(shell: Shell) -> Decimal:
    (row,) = shell("market SBIN --json").json["quotes"]
    return Decimal(row["last_price"])


def test_a_rule_is_set_shown_switched_and_removed(shell: Shell) -> None:
    ran = shell("risk set SBIN stop 5%")
    assert (ran.code, ran.err) == (0, "")
    assert "SBIN stop 5% is set" in ran.out
    assert "SANDBOX" in ran.out
    assert "it sells at ₹855" in ran.out
    shown = shell("risk show")
    assert shown.code == 0
    for words in ("SANDBOX", "SBIN stop", "5%", "armed", "₹855", "market open"):
        assert words in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    assert shell("risk disable SBIN stop").out == "disabled: SBIN stop 5% · SANDBOX\n"
    (rule,) = shell("risk show --json").json["rules"]
    assert (rule["state"], rule["enabled"], rule["observed"]) == ("off", False, None)
    assert shell("risk enable SBIN").out == "enabled: SBIN stop 5% · SANDBOX\n"
    assert shell("risk remove SBIN").code == 0
    again = shell("risk remove SBIN")
    assert (again.code, again.out) == (2, "")
    assert "SBIN has none" in again.err


def test_the_other_form_of_a_rule_takes_its_place(shell: Shell) -> None:
    shell("risk set SBIN stop 5%")
    ran = shell("risk set SBIN stop 850 --json").json
    assert (ran["replaced"], ran["before"], ran["kind"]) == ("5%", None, "stop_loss")
    ran = shell("risk set SBIN stop 851 --json").json
    assert (ran["replaced"], ran["before"]) == (None, 850)
    assert [each["rule"] for each in shell("risk show --json").json["rules"]] == ["SBIN stop"]


@pytest.mark.parametrize("rule", ["stop {above}", "target {below}", "stop 5", "target 90000"])
def test_what_would_fire_at_once_or_looks_like_a_slip_needs_force(shell: Shell, rule: str) -> None:
    now = price(shell)
    line = f"risk set SBIN {rule.format(above=now + 1, below=now - 1)}"
    ran = shell(line)
    assert ran.code == 2
    assert f"{now:,.2f}" in ran.err
    assert "--force" in ran.err
    assert shell("risk show --json").json["rules"] == []
    assert shell(f"{line} --force").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["SBIN", "780"], "robotrader risk set SBIN stop 780"),
        (["stop", "SBIN", "780"], "SBIN stop 780"),
        (["SBIN", "stp", "780"], "did you mean stop?"),
        (["sbin", "stop", "780"], "did you mean SBIN?"),
        (["dailyloss", "25000"], "did you mean daily-loss?"),
        (["daily-loss", "2%"], "daily-loss is an amount in rupees"),
        (["position", "20"], "position 20%"),
        (["SBIN", "trailing", "7"], "trailing 7%"),
        (["SBIN", "stop", "120%"], "at most 100"),
        (["SBIN", "stop", "0"], "more than 0"),
        (["SBIN", "stop", "780.005"], "whole paise"),
        (["order-rate", "2.5"], "whole number"),
        (["SBIN", "stop", "abc"], "not a number"),
        (["SBIN", "stop", "-5"], "No such option"),
        (["sector", "Finance", "30%"], "Financial Services"),
        (["SBINN", "stop", "780"], "no quote of SBINN"),
        (["SBIN"], "a rule needs a value"),
        (["daily-loss", "SBIN", "5"], "rule of the whole account"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_type(shell: Shell, words: list[str], said: str) -> None:
    ran = shell("risk set", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert shell("risk show --json").json["rules"] == []


@pytest.mark.parametrize(
    ("words", "kind", "subject", "value"),
    [
        (["SBIN", "stop", "₹880.50"], "stop_loss", "SBIN", "880.50"),
        (["SBIN", "trailing", "7%"], "trailing_pct", "SBIN", "7"),
        (["SBIN", "target", "1,100"], "target", "SBIN", "1100"),
        (["SBIN", "target", "35%"], "target_pct", "SBIN", "35"),
        (["SBIN", "position", "15%"], "position_pct", "SBIN", "15"),
        (["position", "20%"], "position_pct", "", "20"),
        (["sector", "35%"], "sector_pct", "", "35"),
        (["sector", "financial services", "30%"], "sector_pct", "Financial Services", "30"),
        (["daily-loss", "25,000"], "daily_loss", "", "25000"),
        (["order-rate", "5"], "order_rate", "", "5"),
    ],
)
def test_the_spellings(shell: Shell, words: list[str], kind: str, subject: str, value: str) -> None:
    ran = shell("risk set", *words, "--json")
    assert ran.code == 0, ran.err
    found = ran.json
    assert (found["kind"], found["subject"], Decimal(found["value"])) == (kind, subject, Decimal(value))
    spelled = found["rule"].split() if not subject or kind != "sector_pct" else ["sector", subject]
    assert shell("risk remove", *spelled).code == 0


def test_a_share_held_under_another_symbol_is_named(shell: Shell) -> None:
    assert shell("portfolio set BSE:TCS 5 3000").code == 0
    ran = shell("risk set TCS stop 5%")
    assert ran.code == 2
    assert "TCS is held as BSE:TCS" in ran.err
    assert "robotrader risk set BSE:TCS stop 5%" in ran.err
    assert shell("risk set BSE:TCS stop 5%").code == 0
    assert shell("risk set TCS stop 5% --force").code == 0
    assert "BSE:SBIN is held as SBIN" in shell("risk set BSE:SBIN target 20%").err
    assert shell("risk set INFY stop 5%").code == 0


def test_a_check_says_what_would_follow_and_writes_nothing(shell: Shell) -> None:
    above = price(shell) + 1
    shell(f"risk set SBIN stop {above} --force")
    ran = shell("risk check")
    assert ran.code == 0
    assert "would sell 10 CNC" in ran.out
    assert "nothing was written" in ran.out
    (breach,) = shell("risk check --json").json["breaches"]
    assert (breach["outcome"], breach["quantity"]) == ("pending", 10)
    assert shell("risk breaches --json").json["breaches"] == []
    assert "no rule was ever broken" in shell("risk breaches").out


def test_a_run_that_could_not_sell_does_not_say_that_it_sells(shell: Shell) -> None:
    above = price(shell) + 1
    shell(f"risk set SBIN stop {above} --force")
    shell("emergency-stop --reason odd")
    ran = shell("run-task risk")
    assert "sells 10" not in ran.out
    assert "1 NOT SOLD" in ran.out
    assert "NOT SOLD (blocked: the emergency stop is on: odd" in " ".join(ran.out.split())
    assert ran.code == 6


def test_a_tick_that_could_not_sell_ends_with_6_under_the_stop(shell: Shell) -> None:
    shell(f"risk set SBIN stop {price(shell) + 1} --force")
    shell("emergency-stop")
    ran = shell("tick --json")
    told = [breach for task in ran.json["tasks"] if task["record"] for breach in task["record"].get("breaches", ())]
    assert [breach["outcome"] for breach in told] == ["blocked"]
    assert ran.code == 6


def test_a_run_sells_and_the_history_says_so(shell: Shell) -> None:
    above = price(shell) + 1
    shell(f"risk set SBIN stop {above} --force")
    ran = shell("run-task risk")
    assert ran.code == 0
    assert "sells 10 CNC" in ran.out
    (breach,) = shell("risk breaches --json").json["breaches"]
    assert (breach["subject"], breach["outcome"], breach["quantity"]) == ("SBIN", "filled", 10)
    history = shell("risk breaches SBIN")
    assert "SBIN stop loss" in history.out
    assert "SANDBOX" in history.out
    assert "filled" in history.out
    assert max(map(len, history.out.splitlines())) <= 80
    (rule,) = shell("risk show --json").json["rules"]
    assert (rule["state"], rule["why"]) == ("breached", "nothing is held")
    assert rule["last_breach"]["outcome"] == "filled"
    record = shell("run-task risk --json").json["tasks"][0]["record"]
    assert [each["why"] for each in record["rearmed"]] == ["the position is gone"]


def test_the_market(shell: Shell) -> None:
    shell("watchlist add TCS")
    ran = shell("market")
    assert ran.code == 0
    for words in ("SANDBOX", "SBIN", "TCS", "the market is open until 15:30 IST"):
        assert words in ran.out
    found = shell("market TCS NOSUCH --json").json
    assert [each["symbol"] for each in found["quotes"]] == ["TCS"]
    assert (found["missing"], found["session"], found["quotes"][0]["stale"]) == (["NOSUCH"], "open", False)
    assert "no quote: NOSUCH" in shell("market NOSUCH").out
    ran = shell("market sbin")
    assert ran.code == 2
    ran = shell("run-task market")
    assert ran.code == 0
    assert "2 quotes" in ran.out


def test_a_closed_market_and_its_last_close(shell: Shell) -> None:
    shell.clock.advance(8 * 3600)
    ran = shell("market SBIN")
    assert "the market is closed; it opens 25 Nov 2026 09:15 IST" in ran.out  # the day between is a holiday
    shell(f"risk set SBIN stop {price(shell) + 1} --force")
    assert "waits for the market to open" in shell("run-task risk").out
    assert shell("risk breaches --json").json["breaches"] == []


def test_the_emergency_stop_is_said(shell: Shell) -> None:
    shell("risk set SBIN stop 5%")
    assert shell("emergency-stop --reason odd").code == 0
    assert "the emergency stop is on: odd" in shell("risk show").out


def test_nobody_gives_quotes(home: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PERPLEXITY_API_KEY", "pplx-" + "a" * 40)
    ran = shell("market SBIN")
    assert ran.code == 3
    ran = shell("risk set SBIN stop 780")
    assert ran.code == 0
    assert "its price is not known now" in ran.out
    found = shell("risk show --json").json
    assert [each["observed"] for each in found["rules"]] == [None]


DOCS = Path(__file__).parents[3] / "docs"


def keys(found: Any) -> set[str]:
    if isinstance(found, list):
        return {key for item in found for key in keys(item)}
    return {*found, *(key for item in found.values() for key in keys(item))} if isinstance(found, dict) else set()


def test_every_key_is_documented(shell: Shell) -> None:
    parts = re.split(r"^## (.+)$", (DOCS / "json.md").read_text("utf-8"), flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    above = price(shell) + 1
    shell("watchlist add NOSUCH")
    shell("risk set SBIN target 100%")
    shell("risk set sector 90%")
    printed = [
        ("risk set", shell(f"risk set SBIN stop {above} --force --json").json),
        ("Risk record", shell("risk check --json").json),
        ("Risk record", shell("run-task risk --json").json["tasks"][0]["record"]),
        ("risk breaches", shell("risk breaches --json").json),
        ("Market record", shell("run-task market --json").json["tasks"][0]["record"]),
        ("market", shell("market --json").json),
    ]
    shown = shell("risk show --json").json
    printed += [
        ("risk show", {**shown, "rules": [{**each, "last_breach": None} for each in shown["rules"]]}),
        ("risk remove", shell("risk remove SBIN --json").json),
    ]
    for section, found in printed:
        assert {key for key in keys(found) if f"`{key}`" not in sections[section]} == set(), section
