"""``robotrader statement``: the month that is meant, the screen, JSON and CSV."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from robotrader.cli import render
from robotrader.cli.app import execute
from robotrader.cli.run import Session
from robotrader.cli.screens import orders
from robotrader.cli.screens import statement as screens
from robotrader.core.background_scheduler.stores.ledger_store import CashEntry, CashKind
from robotrader.core.services.statement import KindSum, Statement
from tests.support.clock import START

FIRST = CashEntry(1, START, START.date(), "opening", Decimal(1000), Decimal(1000), None, None, None)
BOUGHT = CashEntry(2, START, START.date(), "buy", Decimal("-99.95"), Decimal("900.05"), "M&M", "an-order", None)


class Coordinator:
    """Answers with a month of two entries, and remembers what was asked."""

    asked: list[tuple[str | None, date]]

    def __init__(self) -> None:
        self.asked = []

    async def statement(self, account: str | None, month: date) -> Statement:
        self.asked.append((account, month))
        kinds = (KindSum("opening", 1, Decimal(1000)), KindSum("buy", 1, Decimal("-99.95")))
        return Statement(
            "sandbox", f"{month:%Y-%m}", month, date(2026, 11, 30), False, Decimal(0), (FIRST, BOUGHT), kinds,
            Decimal(0), Decimal("900.05"),
        )  # fmt: skip


class Program:
    """A program that has nothing but statements."""

    def __init__(self, coordinator: Coordinator) -> None:
        self.coordinator = coordinator

    async def pnl(self) -> Coordinator:
        return self.coordinator


def run(home: Path, *arguments: str) -> tuple[int, Coordinator]:
    coordinator = Coordinator()

    @asynccontextmanager
    async def opened(_: Any) -> AsyncIterator[Any]:
        yield Program(coordinator)

    session = Session(home=home, open_app=opened, now=lambda: START)
    return execute(["statement", *arguments], session), coordinator


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        ((), (None, date(2026, 11, 1))),
        (("2026-02",), (None, date(2026, 2, 1))),
        (("2026-02", "--account", "paper"), ("paper", date(2026, 2, 1))),
    ],
)
def test_the_month_that_is_meant(home: Path, arguments: tuple[str, ...], asked: tuple[str | None, date]) -> None:
    code, coordinator = run(home, *arguments)
    assert (code, coordinator.asked) == (0, [asked])


def test_the_screen(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home)[0] == 0
    shown = capsys.readouterr().out
    assert "Statement of sandbox, 2026-11 (so far)" in shown
    assert "SANDBOX" in shown
    assert "-₹99.95" in shown
    assert "M&M" in shown


def test_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(home, "--json")[0] == 0
    found = json.loads(capsys.readouterr().out, parse_float=Decimal)
    assert (found["closing_inr"], found["entries"][1]["amount_inr"]) == (Decimal("900.05"), Decimal("-99.95"))


def test_csv_is_written_once(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "november.csv"
    assert run(home, "--csv", str(target))[0] == 0
    assert "2 entries" in capsys.readouterr().out
    assert target.read_text("utf-8").splitlines()[2].endswith("buy,M&M,-99.95,900.05,an-order,")
    code, coordinator = run(home, "--csv", str(target))
    assert (code, coordinator.asked) == (2, [])


@pytest.mark.parametrize(
    "arguments",
    [("2026-13",), ("2026-12",), ("9999-12",), ("0000-01",),
     ("2026",), ("november",), ("--csv", ""), ("--csv", "/no/such/folder/x.csv"),
     ("--csv", "x.csv", "--json")],
)  # fmt: skip
def test_what_cannot_be_meant(home: Path, arguments: tuple[str, ...]) -> None:
    code, coordinator = run(home, *arguments)
    assert (code, coordinator.asked) == (2, [])


def test_charges_have_one_wording() -> None:
    sums = tuple(KindSum(kind.value, 1, Decimal(-1)) for kind in CashKind)
    entries = tuple(
        CashEntry(number, START, START.date(), kind.value, Decimal(-1), Decimal(1), None, None, None)
        for number, kind in enumerate(CashKind)
    )
    found = Statement("sandbox", "2026-11", date(2026, 11, 1), date(2026, 11, 30), True, Decimal(0), entries, sums,
                      Decimal(1), Decimal(1))  # fmt: skip
    shown = io.StringIO()
    console = Console(file=shown, width=80)
    for part in screens.statement(found, render.look(START)):
        console.print(part)
    text = shown.getvalue()
    for words in orders.CHARGES.values():
        assert words in text
    assert not {"Sebi", "Gst", "sebi", "gst", "stt", "dp"} & set(text.split())
