"""What tables look like: never wider than the terminal, readable without colour, deaf to what outside text asks for."""

from __future__ import annotations

import io
import sys
import unicodedata
from decimal import Decimal
from typing import Any

import pytest

from robotrader.core.background_scheduler.models import RunReport, TaskOutcome
from robotrader.core.services.views import Check, PlanView

HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07[red]bold[/red] [link=http://evil]x[/link] \u202egnp.exe :smile: "
    + "W" * 300
    + "\n\x9b31m₹"
)
COMMANDS = [
    ("run-task", "earnings", "SBIN"),
    ("run-task", "earnings", "SBIN", "TCS"),
    ("tick",),
    ("tick", "--plan"),
    ("status",),
    ("doctor",),
    ("tasks", "list"),
    ("tasks", "show", "019ab7f0-1111-7abc-8def-000000000001"),
    ("events", "list"),
    ("events", "show", "x"),
    ("earnings", "SBIN"),
    ("why", "SBIN", "eps"),
    ("reparse",),
    ("watchlist", "list"),
    ("news", "SBIN"),
    ("news", "--all"),
    ("fundamentals", "SBIN"),
    ("compare", "SBIN", "TCS", "INFY"),
    ("search", "bonds"),
    ("earnings", "--upcoming"),
]
SILENT = {("watchlist", "list"), ("tasks", "list")}
"""Screens on which no text from outside stands."""


def poison(double: Any, make: Any) -> None:
    """Put hostile text wherever text comes from outside."""
    record = {
        **double.outcome.record,
        "company": HOSTILE,
        "guidance": HOSTILE,
        "basis": HOSTILE,
        "report_date": HOSTILE,
    }
    source = {"title": HOSTILE, "url": HOSTILE, "date": None}
    task = make.task(reason=HOSTILE, strategy="regex", error={"code": "X", "message": HOSTILE})
    double.outcome = TaskOutcome(task, record=record)
    double.report = RunReport((double.outcome, TaskOutcome(task._replace(symbol="TCS"), exit_code=1)))
    double.views = tuple(view._replace(record=record, sources=(source,) * 9, strategy=HOSTILE) for view in double.views)
    double.why_view = double.why_view._replace(words=HOSTILE, value=HOSTILE, sources=(source,))
    double.checks = (Check(HOSTILE, "problem", HOSTILE, HOSTILE),)
    event = double.event_views[0]
    double.event_views = (event._replace(type=HOSTILE, error=HOSTILE, data={"k": HOSTILE, HOSTILE: [HOSTILE]}),)
    double.plan_view = PlanView(
        "sandbox", (make.planned("SBIN")._replace(reason=HOSTILE),), Decimal(0), None, None, None
    )
    key = {"fingerprint": HOSTILE, "reason": HOSTILE}
    recent = {**double.status_view.recent[0], "reason": HOSTILE}
    double.status_view = double.status_view._replace(initialization=HOSTILE, keys=(key,), recent=(recent,))
    poison_datasets(double, make, source)
    double.reparse_view = double.reparse_view._replace(
        changes=({"symbol": "SBIN", "before": {"guidance": None}, "after": {"guidance": HOSTILE}},)
    )


def poison_datasets(double: Any, make: Any, source: Any) -> None:
    """The same for news, fundamentals and what a search finds."""
    story = {
        **dict.fromkeys(double.news_views[0].record, HOSTILE),
        "key_figures": (HOSTILE,) * 9,
        "symbols": (HOSTILE,),
    }
    double.news_views = tuple(
        view._replace(record={**story, "impact": impact}, id=HOSTILE, strategy=HOSTILE)
        for view, impact in zip(double.news_views, ("high", HOSTILE, None), strict=True)
    )
    ratios = {**double.readings[0].record, "as_of": HOSTILE, "recommendation": HOSTILE, "pe": HOSTILE}
    ratios |= dict.fromkeys(("strengths", "weaknesses", "opportunities", "threats"), (HOSTILE,) * 20)
    doubt = {"field": HOSTILE, "check": HOSTILE, "message": HOSTILE}
    bad = make.reading(record=ratios, doubts=(doubt, {"field": "pe", "message": ""}), sources=(source,) * 9)
    double.readings = (bad, bad._replace(strategy=HOSTILE), None)
    double.hits = tuple(
        hit._replace(kind=HOSTILE, ref=HOSTILE, title=HOSTILE, snippet=f"\x02{HOSTILE}\x03 and \x03{HOSTILE}\x02")
        for hit in double.hits
    )
    double.upcoming_rows = tuple(row._replace(provider=HOSTILE) for row in double.upcoming_rows)
    double.upcoming_rows += (double.upcoming_rows[0]._replace(date=HOSTILE),)


def cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("poisoned", [False, True])
def test_no_line_is_wider_than_the_terminal(
    cli: Any, double: Any, make: Any, monkeypatch: Any, arguments: tuple[str, ...], width: int, poisoned: bool
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    if poisoned:
        poison(double, make)
    ran = cli(*arguments)
    assert ran.out.strip()
    lines = [line for line in ran.out.splitlines() if not line.startswith("https://")]  # a link stays whole
    assert max(map(cells, lines)) <= width
    assert not any(line != line.rstrip() for line in ran.out.splitlines())


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_outside_text_is_only_text(cli: Any, double: Any, make: Any, arguments: tuple[str, ...]) -> None:
    poison(double, make)
    ran = cli(*arguments)
    shown = ran.out + ran.err
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cf"} and c != "\n"]
    assert "owned" not in shown or arguments == ("events", "show", "x")  # there it stands as JSON, escaped
    assert "😄" not in shown
    if "[red]" not in "".join(shown.split()):
        assert arguments in SILENT


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_json_of_outside_text_is_whole_and_harmless(
    cli: Any, double: Any, make: Any, arguments: tuple[str, ...]
) -> None:
    poison(double, make)
    ran = cli(*arguments, "--json")
    assert not [c for c in ran.out if unicodedata.category(c) in {"Cc", "Cf"} and c != "\n"]
    found = ran.json
    if arguments[0] == "why":
        assert found["words"] == HOSTILE


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_what_an_encoding_lacks_is_shown_in_ascii(
    cli: Any, double: Any, monkeypatch: Any, encoding: str, arguments: tuple[str, ...]
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    assert cli(*arguments).code == 0
    stream.flush()
    shown = raw.getvalue().decode(encoding)
    for doubt in ("? 11.7", "? P/E", "? SBIN: "):  # the mark of a doubt is one that every encoding has
        shown = shown.replace(doubt, "")
    assert "?" not in shown
    if arguments == ("earnings", "SBIN"):
        assert "Rs 1,34,979.47 crore" in shown
        assert shown.isascii()


def test_json_on_an_ascii_terminal_is_escaped(cli: Any, double: Any, make: Any, monkeypatch: Any) -> None:
    double.outcome = make.done(reason="₹ भारत")
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    cli("tasks", "show", "019ab7f0-1111-7abc-8def-000000000001", "--json")
    stream.flush()
    assert b"\\u20b9 \\u092d" in raw.getvalue()


def test_a_pipe_has_no_colour_and_a_terminal_does(cli: Any, double: Any, monkeypatch: Any) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    assert "\x1b" not in cli("tasks", "list").out
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", Terminal())
    cli("tasks", "list")
    assert "\x1b[" in sys.stdout.getvalue()  # type: ignore[attr-defined]


def test_ten_thousand_tasks(cli: Any, double: Any, make: Any) -> None:
    double.report = RunReport(tuple(make.done(f"S{number}") for number in range(10_000)))
    assert cli("tasks", "list", "-n", "10000").out.endswith("10,000 tasks\n")
    assert len(cli("tasks", "list", "--json").json["tasks"]) == 10_000


def test_a_change_is_shown_field_by_field(cli: Any) -> None:
    words = cli("reparse").out.split()
    assert words[words.index("SBIN") :][:4] == ["SBIN", "EPS", "-", "₹22.83"]
