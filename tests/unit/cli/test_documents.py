"""docs/ says what the program does: every key in docs/json.md, every command in docs/commands.md, every exit code."""

from __future__ import annotations

import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

from robotrader.cli import app, commands, reference, run, shapes
from robotrader.core import errors
from robotrader.core.background_scheduler.records import (
    CATEGORIES,
    IMPACTS,
    SENTIMENTS,
    EarningsReport,
    Fundamentals,
    NewsItem,
)

DOCS = Path(__file__).parents[3] / "docs"
TASK_ID = "019ab7f0-1111-7abc-8def-000000000001"
DOCUMENTS = [
    ("run-task", ("run-task", "earnings", "SBIN", "TCS")),
    ("tick --plan", ("tick", "--plan")),
    ("earnings", ("earnings", "SBIN")),
    ("earnings --upcoming", ("earnings", "--upcoming")),
    ("news", ("news", "SBIN")),
    ("news", ("news", "--all", "--since", "2d")),
    ("fundamentals", ("fundamentals", "SBIN")),
    ("compare", ("compare", "SBIN", "TCS", "INFY")),
    ("search", ("search", "bonds")),
    ("report", ("report",)),
    ("why", ("why", "SBIN", "eps")),
    ("reparse", ("reparse",)),
    ("status", ("status",)),
    ("events list", ("events", "list")),
    ("events retry", ("events", "retry")),
    ("watchlist list", ("watchlist", "list")),
    ("watchlist add", ("watchlist", "add", "SBIN")),
    ("watchlist add", ("watchlist", "remove", "SBIN")),
    ("tick", ("tick",)),
    ("tasks show", ("tasks", "show", TASK_ID)),
    ("tasks show", ("tasks", "cancel", TASK_ID)),
    ("doctor", ("doctor", "--retry-keys")),
    ("serve", ("serve",)),
    ("schedule list", ("schedule", "list")),
    ("schedule list", ("schedule", "disable", "news")),
    ("calendar fno", ("calendar", "fno", "TANLA", "--from", "2026-12-30", "--source", "NSE/FAOP/80000")),
]


def sections(name: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", (DOCS / name).read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def keys(found: Any, depth: int) -> set[str]:
    if isinstance(found, list):
        return {key for item in found for key in keys(item, depth)}
    if not isinstance(found, dict) or depth == 0:
        return set()
    free = {"today", "data", "fetched_at", "record", "before", "after", "sources"}
    return set(found) | {key for name, item in found.items() if name not in free for key in keys(item, depth - 1)}


@pytest.mark.parametrize(("section", "arguments"), DOCUMENTS)
def test_every_key_is_documented(cli: Any, double: Any, make: Any, section: str, arguments: tuple[str, ...]) -> None:
    double.report = type(double.report)((make.done(), make.failed("TCS")))
    double.plan_view = type(double.plan_view)(
        "sandbox", (make.planned("SBIN"),), make.planned("X").cost_usd, None, None, None
    )
    documented = sections("json.md")
    text = documented[section] + (documented["run-task"] if "[run-task]" in documented[section] else "")
    if section == "tasks show":
        text += documented["run-task"]
    assert {key for key in keys(cli(*arguments, "--json").json, 3) if f"`{key}`" not in text} == set()


@pytest.mark.parametrize(
    ("section", "record"),
    [("Earnings record", EarningsReport), ("News item", NewsItem), ("Fundamentals record", Fundamentals)],
)
def test_the_record_is_documented(section: str, record: type) -> None:
    words = {"consolidated", "standalone", "null", *CATEGORIES, *SENTIMENTS, *IMPACTS}
    named = [name for name in re.findall(r"`([a-z_]+)`", sections("json.md")[section]) if name not in words]
    assert named == [field.name for field in fields(record) if field.name != "sources"]


def test_the_doubled_records_have_every_field(double: Any) -> None:
    found = (double.views[0].record, double.news_views[0].record, double.readings[0].record)
    for record, kind in zip(found, (EarningsReport, NewsItem, Fundamentals), strict=True):
        assert list(record) == [field.name for field in fields(kind) if field.name != "sources"]


def test_every_task_key_is_in_the_example() -> None:
    example = sections("json.md")["run-task"].split("```")[1]
    assert re.findall(r'^ {6}"([a-z_]+)":', example, re.MULTILINE) == [*shapes.TASK_FIELDS, "record"]


def test_the_command_reference_is_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    assert (DOCS / "commands.md").read_text() == reference.markdown(), (
        "run: python -m robotrader.cli.reference > docs/commands.md"
    )


def test_the_reference_fits_a_terminal() -> None:
    blocks = (DOCS / "commands.md").read_text().split("```")[1::2]
    assert max(len(line) for block in blocks for line in block.splitlines()) <= 80


@pytest.mark.parametrize("entry", commands.ENTRIES, ids=lambda entry: entry.name)
def test_the_table_of_commands_says_what_the_commands_say(entry: commands.Entry) -> None:
    found = getattr(import_module(f"robotrader.cli.{entry.module}"), entry.attribute)
    said = found.info.help if isinstance(found, typer.Typer) else found.__doc__.splitlines()[0]
    assert said == entry.help
    assert len(entry.help) <= 66


def test_every_exit_code_is_documented() -> None:
    table = set(re.findall(r"^\| (\d+) \|", (DOCS / "exit-codes.md").read_text(), re.MULTILINE))
    waiting, codes = [errors.TradingError], {run.DONE, run.INTERRUPTED, run.TERMINATED, 141}
    while waiting:
        leaf = waiting.pop()
        waiting.extend(leaf.__subclasses__())
        codes.add(leaf.exit_code)
    assert table == {str(code) for code in codes}


def test_every_command_has_json() -> None:
    def silent(command: Any, path: str) -> list[str]:
        if below := getattr(command, "commands", None):
            return [name for word, each in below.items() for name in silent(each, f"{path} {word}")]
        return [] if any("--json" in parameter.opts for parameter in command.params) else [path]

    assert silent(typer.main.get_command(app.build()), "") == []
