"""Orders and the emergency stop on the command line, over a program that tests own."""

from __future__ import annotations

import io
import re
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from robotrader.cli import app, jsonio, render
from robotrader.cli.run import Session
from robotrader.cli.screens import orders as screens
from robotrader.core.errors import ConfigurationError, HaltedError
from robotrader.core.services.execution_views import (
    Before,
    ChargeLine,
    LotSold,
    OrderDetail,
    Ordered,
    OrderView,
    StopView,
    TradeView,
    WhatIf,
)
from robotrader.settings import KiteSettings, Settings, TradingSettings

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
D = Decimal


def order(**changes: Any) -> OrderView:
    given: dict[str, Any] = {
        "id": "019ab7f0-1111-7abc-8def-000000000001", "mode": "paper", "account": "paper", "symbol": "SBIN",
        "side": "SELL", "type": "LIMIT", "product": "CNC", "quantity": 10, "filled": 10, "price": D("812.5"),
        "trigger_price": None, "average_price": D("812.55"), "status": "COMPLETE", "reason": "by hand",
        "message": None, "tag": "RT000000000000000001", "broker_order_id": "15", "breach_id": None,
        "day": date(2026, 11, 20), "created_at": NOW, "sent_at": NOW, "finished_at": NOW,
    }  # fmt: skip
    return OrderView(**{**given, **changes})


TRADE = TradeView("t", "paper", "o", "SBIN", "SELL", "CNC", 10, D("812.55"), D("8125.5"), D("23.9"), NOW, NOW.date())
WHAT_IF = WhatIf(
    "live", "kite", "M&M", "SELL", "CNC", 10, D("3100"), "kite quote", NOW, D("31000"),
    (ChargeLine("stt", D("31")), ChargeLine("dp", D("15.34"))), D("46.34"), "somebody [red] says so",
    Before(D("1000"), D("31953.66")), Before(D(30), D(20)), Before(D(2500), D(2500)), D("6000"),
    (LotSold(10, D(2500), date(2025, 1, 1), D(25000), D(6000), True),), Before(D("50.5"), None),
    "Automobile", Before(None, None), ("position_pct M&M: too much",), ("only 5 may be sold",),
)  # fmt: skip


class Double:
    """What the commands ask for."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.placed = Ordered(order(), None, None, 0)
        self.stop = StopView(True, "a test", NOW, True)
        self.live_refused = False

    async def orders(self) -> Any:
        double = self

        class Orders:
            def go_live(self) -> None:
                if double.live_refused:
                    raise ConfigurationError("paper")
                double.calls.append("live")

            async def place(self, side: str, symbol: str, quantity: int, **more: Any) -> Ordered:
                double.calls.append((side, symbol, quantity, more))
                return double.placed

            async def orders(self, **more: Any) -> tuple[OrderView, ...]:
                double.calls.append(more)
                return (order(), order(status="BLOCKED", message="the \x1b[31m stop"))

            async def show(self, order_id: str) -> OrderDetail:
                double.calls.append(order_id)
                return OrderDetail(order(), (TRADE,))

            async def cancel(self, order_id: str) -> OrderView:
                double.calls.append(order_id)
                return order(status="CANCELLED")

            async def what_if(self, side: str, symbol: str, quantity: int, **more: Any) -> WhatIf:
                double.calls.append((side, symbol, quantity, more))
                return WHAT_IF

        return Orders()

    async def lifecycle(self) -> Any:
        double = self

        class Lifecycle:
            async def emergency_stop(self, reason: str, *, cancel_orders: bool) -> StopView:
                double.calls.append((reason, cancel_orders))
                return double.stop

            async def resume(self) -> StopView:
                return double.stop._replace(stopped=False, released=2)

        return Lifecycle()


class Ran:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], tmp_path: Path):  # type: ignore[no-untyped-def]
    double = Double()
    mode: list[Any] = ["paper"]

    @asynccontextmanager
    async def open_app(_: Settings):  # type: ignore[no-untyped-def]
        yield double

    def load(_: Path | None, __: dict[str, Any]) -> Settings:
        if mode[0] == "wrong":
            raise ConfigurationError("a typing error")
        return Settings(tmp_path, trading=TradingSettings(mode=mode[0]), kite=KiteSettings())

    def run(*arguments: str) -> Ran:
        session = Session(home=tmp_path, open_app=open_app, load=load, now=lambda: NOW)  # type: ignore[arg-type]
        code = app.execute(arguments, session)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    run.double, run.mode = double, mode  # type: ignore[attr-defined]
    return run


def test_buy_and_sell_say_what_is_wanted(command: Any) -> None:
    assert command("buy", "SBIN", "10", "--limit", "1,812.50", "--product", "MIS").code == 0
    assert command("sell", "M&M", "2", "--trigger", "780").code == 0
    assert command.double.calls == [
        ("BUY", "SBIN", 10, {"limit": D("1812.50"), "trigger": None, "product": "MIS"}),
        ("SELL", "M&M", 2, {"limit": None, "trigger": D("780"), "product": "CNC"}),
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("buy", "sbin", "10"), "did you mean SBIN?"),
        (("buy", "SBIN", "0"), "not a number of shares: '0'"),
        (("buy", "SBIN", "1_000"), "not a number of shares: '1_000'"),
        (("sell", "SBIN", "१०"), "not a number of shares: '१०'"),
        (("sell", "SBIN", "+10"), "not a number of shares: '+10'"),
        (("sell", "SBIN", "10 "), "not a number of shares: '10 '"),
        (("buy", "SBIN", "0000000001"), "not a number of shares: '0000000001'"),
        (("buy", "SBIN", "10000001"), "not a number of shares: '10000001'"),
        (("what-if", "buy", "SBIN", "1_000"), "not a number of shares: '1_000'"),
        (("buy", "SBIN", "10", "--limit", "0"), "--limit: not a price"),
        (("buy", "SBIN", "10", "--limit", "nan"), "--limit: not a price"),
        (("sell", "SBIN", "10", "--trigger", "-5"), "--trigger: not a price"),
        (("what-if", "hold", "SBIN", "10"), "neither buy nor sell"),
        (("orders", "--day", "yesterday"), "--day: not a date"),
    ],
)
def test_what_cannot_be_meant(command: Any, arguments: tuple[str, ...], words: str) -> None:
    ran = command(*arguments)
    assert (ran.code, ran.out, command.double.calls) == (2, "", [])
    assert words in ran.err


def test_an_order_that_did_not_go_through_ends_with_its_code(command: Any) -> None:
    error = HaltedError("the emergency stop is on", remedy="robotrader resume lifts it")
    blocked = order(status="BLOCKED", message="the emergency stop is on")
    command.double.placed = Ordered(blocked, error.to_dict(), error.context.remedy, 6)
    ran = command("buy", "SBIN", "1")
    assert ran.code == 6
    assert "BLOCKED" in ran.out
    assert "PAPER" in ran.out
    assert ran.err == "error: the emergency stop is on\nhint: robotrader resume lifts it\n"
    assert '"exit_code": 6' in command("buy", "SBIN", "1", "--json").out


def test_a_real_order_is_confirmed_or_not_sent(command: Any) -> None:
    command.mode[0] = "live"
    ran = command("buy", "SBIN", "1", "--live")
    assert (ran.code, command.double.calls) == (2, [])
    assert "add --yes" in ran.err
    assert command("buy", "SBIN", "1", "--live", "--yes").code == 0
    assert command.double.calls[0] == "live"


def test_orders_list_show_cancel(command: Any) -> None:
    ran = command("orders", "--all", "--symbol", "SBIN")
    assert ran.code == 0
    assert "PAPER" in ran.out
    assert "\x1b" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    assert command.double.calls == [{"everything": True, "day": None, "symbol": "SBIN", "limit": 50}]
    shown = command("orders", "show", "019a")
    assert "₹23.90" in shown.out or "Rs 23.90" in shown.out
    assert "CANCELLED" in command("orders", "cancel", "019a").out
    assert '"trades": [' in command("orders", "show", "019a", "--json").out


def test_orders_list_is_orders(command: Any) -> None:
    bare, named = command("orders"), command("orders", "list")
    assert (named.code, named.out) == (0, bare.out)
    assert command("orders", "list", "--day", "2026-11-20", "--limit", "5", "--json").code == 0
    today = {"everything": False, "day": None, "symbol": None, "limit": 50}
    assert command.double.calls == [today, today, {**today, "day": date(2026, 11, 20), "limit": 5}]


def test_what_if_says_nothing_of_a_day_nobody_gave() -> None:
    lot = LotSold(5, Decimal("812.1234"), None, Decimal("4060.617"), Decimal("919.88"), None)
    console = Console(file=io.StringIO(), width=80)
    for part in screens.what_if(WHAT_IF._replace(lots=(lot,)), render.look(NOW)):
        console.print(part)
    assert re.search(r"^ - +5 +\S*812\.1234 +\S+ +-\s*$", console.file.getvalue(), re.MULTILINE)


def test_what_if_shows_everything_and_obeys_nothing(command: Any) -> None:
    ran = command("what-if", "sell", "M&M", "10")
    assert ran.code == 0
    for words in (
        "LIVE",
        "Securities transaction tax",
        "Depository",
        "long",
        "Automobile",
        "[red] says so",
        "would be refused: only 5",
        "breaks a limit: position_pct",
        "nothing was ordered",
        "50.5%",
    ):
        assert words in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    assert command.double.calls == [("SELL", "M&M", 10, {"price": None, "product": "CNC"})]


def test_the_stop_and_its_end(command: Any) -> None:
    ran = command("emergency-stop", "--reason", "a test", "--cancel-orders")
    assert (ran.code, command.double.calls) == (0, [("a test", True)])
    assert ran.out.startswith("EMERGENCY STOP on since 20 Nov 2026")
    assert "2 held tasks due now" in command("resume").out
    assert '"stopped": true' in command("emergency-stop", "--json").out
    command.double.stop = command.double.stop._replace(problems=("x: the broker is away",))
    ran = command("emergency-stop", "--cancel-orders")
    assert (ran.code, "not cancelled: x" in ran.err) == (1, True)


def test_the_stop_goes_on_where_the_settings_are_wrong(command: Any) -> None:
    command.mode[0] = "wrong"
    ran = command("emergency-stop")
    assert (ran.code, "a typing error" in ran.err) == (0, True)
    assert command("orders").code == 3
    ran = command("emergency-stop", "--cancel-orders")
    assert (ran.code, "no account is known" in ran.err) == (1, True)


@pytest.mark.parametrize(("name", "shown"), [("live", "LIVE"), ("paper", "PAPER"), ("sandbox", "SANDBOX")])
def test_every_screen_says_whose_orders_they_are(name: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    look = render.Look(NOW)
    for parts in (screens.listing([order(mode=name)], look), screens.detail(order(mode=name), (), look),
                  screens.what_if(WHAT_IF._replace(mode=name), look)):  # fmt: skip
        render.show(*parts)
        assert shown in capsys.readouterr().out
    assert screens.listing([], look) == ["no orders"]
    assert jsonio.plain(order())["price"] == D("812.5")
