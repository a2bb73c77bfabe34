"""``portfolio``, ``pnl`` and ``trades`` over the real services and a real database; only prices and time are set."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robotrader.cli.app import execute
from robotrader.cli.run import Session
from robotrader.core.background_scheduler.stores.ledger_store import CashKind
from robotrader.core.background_scheduler.trading import Book, Position, Quote
from robotrader.core.coordinators.pnl_coordinator import PnlCoordinator
from robotrader.core.coordinators.portfolio_coordinator import PortfolioCoordinator
from robotrader.core.errors import ConnectionFailedError
from robotrader.settings import Settings
from tests.support.clock import FakeClock
from tests.support.portfolio import Desk, buy, charge, desk, sell
from tests.support.quotes import quote

DOCS = Path(__file__).parents[3] / "docs"
FILE = "symbol,quantity,price,sector\nSBIN,10,800,\nM&M,5,3000,Tractors\nODD,4,,\n"
TODAY = date(2026, 11, 20)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out, parse_float=Decimal)


@dataclass
class App:
    """The program as far as these commands need it."""

    at: Desk
    settings: Settings
    event_bus: Any = None

    async def portfolio(self) -> PortfolioCoordinator:
        made = PortfolioCoordinator(self.settings, self.at.bus, portfolio=self.at.portfolio, holdings=self.at.holdings)
        await made.initialize()
        return made

    async def pnl(self) -> PnlCoordinator:
        made = PnlCoordinator(self.settings, self.at.bus, service=self.at.results)
        await made.initialize()
        return made


@dataclass
class Shell:
    """Runs command lines in one home; each opens the database anew."""

    home: Path
    capture: Any
    clock: FakeClock = field(default_factory=FakeClock)
    account: str = "sandbox"
    source: str = "sandbox"
    quotes: dict[str, Quote] = field(default_factory=dict)
    kite: list[Book] = field(default_factory=list)
    trouble: Exception | None = None
    work: Any = None

    def __call__(self, *arguments: str) -> Ran:
        session = Session(home=self.home, open_app=self.open, load=self.load, now=self.clock.now)
        code = execute(arguments, session)
        shown = self.capture.readouterr()
        return Ran(code, shown.out, shown.err)

    @asynccontextmanager
    async def open(self, settings: Settings) -> AsyncIterator[App]:
        async with desk(self.home, self.clock, account=self.account, source=self.source) as at:
            at.prices.quotes.update(self.quotes)
            at.prices.error = self.trouble
            at.kite.extend(self.kite)
            if self.work is not None:
                await at.portfolio.cash(None)
                await at.write(self.work)
                self.work = None
            yield App(at, settings)

    def load(self, home: Path | None, overrides: Mapping[str, Any]) -> Settings:
        return Settings(home=home or self.home)

    def file(self, text: str, name: str = "holdings.csv") -> str:
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def price(self, symbol: str, price: str, close: str, **more: Any) -> None:
        self.quotes[symbol] = quote(symbol, price, close, **more)


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    return Shell(tmp_path, capsys)


def trade(tx: Any) -> None:
    buy(tx, "sandbox", "TCS", 10, "3500", date(2026, 11, 18), "b1")
    charge(tx, "sandbox", "TCS", CashKind.STT, "35.00", date(2026, 11, 18), "b1")
    sell(tx, "sandbox", "TCS", 4, "3600", TODAY, "s1")
    charge(tx, "sandbox", "TCS", CashKind.STT, "14.40", TODAY, "s1")


def fits(text: str) -> bool:
    return max(len(line) for line in text.splitlines()) <= 80


def test_a_portfolio_is_imported_and_shown(shell: Shell) -> None:
    ran = shell("portfolio", "import", shell.file(FILE))
    assert (ran.code, ran.err) == (0, "")
    assert "added SBIN, M&M, ODD" in ran.out
    assert "note, line 4 (ODD, 4): what was paid is not known" in ran.out
    shell.price("SBIN", "850", "840")
    shell.price("M&M", "2900", "3100")
    ran = shell("portfolio", "show")
    assert ran.code == 0
    for words in (
        "SANDBOX", "₹10,00,000", "₹23,000 and 1 not known", "₹10,23,000 and 1 not known", "-₹900 and 1 not known",
        "Financial Services", "Tractors", "63.0%", "just now", "no price is known of ODD",
        "largest: M&M 63.0%; top five 100.0%; Herfindahl 0.53 (as 1.9 equal shares)",
    ):  # fmt: skip
        assert words in ran.out
    assert fits(ran.out)


def test_large_amounts_fit_and_are_grouped_by_lakh(shell: Shell) -> None:
    rows = "".join(f"{name},12345,1234.55\n" for name in ("BAJAJ-AUTO", "3MINDIA", "GVT&D"))
    shell("portfolio", "import", shell.file("symbol,quantity,price\n" + rows))
    for name in ("BAJAJ-AUTO", "3MINDIA", "GVT&D"):
        shell.price(name, "31234.55", "30000.05")
    ran = shell("portfolio", "show")
    assert "38.56 cr" in ran.out
    assert fits(ran.out)
    assert "₹1,15,67,71,559.25" in ran.out
    assert shell("portfolio", "show", "--json").json["value"]["inr"] == Decimal("1156771559.25")


def test_a_long_portfolio_is_cut_on_the_screen_alone(shell: Shell) -> None:
    text = "symbol,quantity,price\n" + "".join(f"S{number},1,100\n" for number in range(310))
    shell("portfolio", "import", shell.file(text))
    shell.price("S309", "850", "840")
    ran = shell("portfolio", "show")
    assert "and 10 more, the smaller ones; --json has all" in ran.out
    assert " S309 " in ran.out
    assert len(shell("portfolio", "show", "--json").json["holdings"]) == 310


def test_an_empty_portfolio_says_what_to_do(shell: Shell) -> None:
    ran = shell("portfolio", "show")
    assert ran.code == 0
    assert "nothing is held: robotrader portfolio import FILE" in ran.out
    shell.price("SBIN", "850", "840")
    assert "50,000" in shell("portfolio", "cash", "withdraw", "9,50,000").out


def test_json_has_what_is_not_known_as_null(shell: Shell) -> None:
    shell("portfolio", "import", shell.file(FILE))
    shell.price("SBIN", "850", "840")
    found = shell("portfolio", "show", "--json").json
    assert found["value"] == {"inr": 8500, "missing": 2}
    assert found["missing"] == ["M&M", "ODD"]
    odd = next(row for row in found["holdings"] if row["symbol"] == "ODD")
    assert [odd[name] for name in ("value_inr", "cost_inr", "day_pnl_inr", "unrealised_inr", "share_pct")] == [None] * 5


def test_prices_that_are_too_old_are_marked(shell: Shell) -> None:
    shell("portfolio", "import", shell.file(FILE))
    shell.price("SBIN", "850", "840")
    shell("portfolio", "show")
    shell.clock.advance(600)
    shell.trouble = ConnectionFailedError("Kite\x1b[31m is not reached")
    ran = shell("portfolio", "show")
    assert ran.code == 0
    for words in (
        "850.00*",
        "* too old to decide by: SBIN",
        "10 min ago",
        "prices could not be asked for: Kite is not",
    ):
        assert words in ran.out
    assert "\x1b" not in ran.out


def test_importing_again_changes_nothing(shell: Shell) -> None:
    shell("portfolio", "import", shell.file(FILE))
    assert "left as they are SBIN, M&M, ODD" in shell("portfolio", "import", shell.file(FILE)).out
    other = shell.file("symbol,quantity,price\nSBIN,10,800\n")
    ran = shell("portfolio", "import", other, "--replace", "--dry-run", "--json")
    assert (ran.json["removed"], ran.json["dry_run"]) == (["M&M", "ODD"], True)
    assert "would be removed M&M, ODD" in shell("portfolio", "import", other, "--replace", "--dry-run").out
    assert len(shell("portfolio", "show", "--json").json["holdings"]) == 3
    assert "removed M&M, ODD" in shell("portfolio", "import", other, "--replace").out


def test_a_file_comes_from_stdin(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    import io
    import sys

    data = "\ufeffSymbol;Qty;Price\r\nSBIN;10;812,50\r\n".encode("utf-16")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    ran = shell("portfolio", "import", "-")
    assert (ran.code, ran.out) == (2, "")
    assert "line 2: not a number: '812,50'" in ran.err


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.csv", "the file is empty"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00" + b"\x00\x01" * 500, "a.csv", "not a text file"),
        (b"PK\x03\x04", "holdings.XLSX", "a workbook, not a CSV file"),
        (b"<html><body>SBIN</body></html>", "a.csv", "a web page"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a.csv", "not a text file"),
        (b"SBIN,1,1\n" * 6_000_000, "a.csv", "larger than 20 MB"),
        (b"a,b\n1,2\n", "a.csv", "no holdings found"),
        (b"symbol,quantity,price\nSBIN,-1,5\nTCS,1.5,5\nITC,1,1\n", "a.csv", "2 lines are not clear; nothing"),
    ],
)  # fmt: skip
def test_another_file_gets_one_line(shell: Shell, data: bytes, name: str, words: str) -> None:
    path = shell.home / name
    path.write_bytes(data)
    ran = shell("portfolio", "import", str(path))
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert len([line for line in ran.err.splitlines() if line.startswith("error:")]) == 1
    assert not (shell.home / "robotrader.db").exists()


def test_shares_are_typed_in_and_taken_out(shell: Shell) -> None:
    ran = shell("portfolio", "set", "M&M", "1,000", "₹1,23,456.70", "--on", "2024-03-28")
    assert ran.out == "account sandbox: M&M, 1,000 held at 1,23,456.70 a share\n"
    assert shell("portfolio", "set", "M&M", "1000", "123456.7", "--on", "2024-03-28").out.endswith("(as before)\n")
    assert shell("portfolio", "remove", "M&M").out == "account sandbox: M&M, nothing held\n"
    assert shell("portfolio", "remove", "M&M", "--json").json["changed"] is False


@pytest.mark.parametrize(
    "arguments",
    [
        ("set", "sbin", "1", "1"),
        ("set", "SBIN", "1.5", "1"),
        ("set", "SBIN", "0", "1"),
        ("set", "SBIN", "1", "0"),
        ("set", "SBIN", "1", "nan"),
        ("set", "SBIN", "1", "1e9"),
        ("set", "SBIN", "1", "1", "--on", "2030-01-01"),
        ("set", "SBIN", "1", "1", "--on", "28/03/2024"),
        ("set", "SBIN", "1", "1", "--on", "2024-02-31"),
        ("remove", "../x"),
        ("cash", "deposit"),
        ("cash", "steal", "5"),
        ("cash", "withdraw", "99,99,99,999"),
        ("cash", "deposit", "1.001"),
        ("cash", "deposit", "5", "--account", "paper"),
        ("show", "--account", "mine"),
        ("sector", "SBIN", ""),
        ("sector", "SBIN", "Banks", "--forget"),
        ("history", "--days", "0"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(shell: Shell, arguments: tuple[str, ...]) -> None:
    ran = shell("portfolio", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


def test_cash(shell: Shell) -> None:
    assert "₹11,00,000" in shell("portfolio", "cash", "deposit", "1,00,000").out
    ran = shell("portfolio", "cash", "withdraw", "0.50")
    for words in ("-₹0.50", "₹10,99,999.50", "deposit", "withdrawal", "opening", "SANDBOX"):
        assert words in ran.out
    assert fits(ran.out)


def test_kite_needs_a_login(shell: Shell) -> None:
    shell.account = shell.source = "kite"
    ran = shell("portfolio", "sync")
    assert (ran.code, ran.out) == (7, "")
    assert "robotrader login" in ran.err
    assert shell("portfolio", "show").code == 5
    refused = shell("portfolio", "import", shell.file(FILE))
    assert refused.code == 2
    assert "the account in force is the one at Kite" in refused.err
    assert "robotrader portfolio sync" in refused.err


def test_kite_tells_and_its_shares_are_copied(shell: Shell) -> None:
    held = (Position("SBIN", "CNC", 16, 10, Decimal("801.78125"), 16, pledged=6), Position("INFY", "MIS", -5, 0, None))
    shell.kite.append(Book("kite", Decimal("99725.05"), held, shell.clock.now()))
    shell.source = shell.account = "paper"
    shell.source = "kite"
    ran = shell("portfolio", "sync", "--to-paper")
    assert "Kite tells of 2 symbols and cash of ₹99,725.05" in ran.out
    assert "copied into account paper: SBIN" in ran.out
    assert "not copied (intraday or short): INFY" in ran.out
    shell.price("SBIN", "810", "800", provider="kite")
    shown = shell("portfolio", "show", "--account", "kite")
    assert "As Kite told" in shown.out
    assert "SANDBOX" not in shown.out
    assert "INFY MIS" in shown.out
    assert "pledged: SBIN 6" in shown.out
    shell("portfolio", "set", "TCS", "2", "3500", "--on", "2026-11-20")
    assert "bought and not settled, so not for sale yet: TCS 2" in shell("portfolio", "show").out


def test_days_are_shown(shell: Shell) -> None:
    assert "no day is written down yet" in shell("portfolio", "history").out
    shell("portfolio", "import", shell.file("symbol,quantity,price\nSBIN,10,800\n"))
    shell.price("SBIN", "850", "840")
    shell.clock.advance(8 * 3600)
    shell("portfolio", "show")
    shell.clock.advance(timedelta(days=3).total_seconds())
    shell.price("SBIN", "860", "850")
    shell("portfolio", "show")
    ran = shell("portfolio", "history", "--days", "5")
    assert "23 Nov 2026" in ran.out
    assert re.search(r"23 Nov 2026 +10,08,600 +\+100 +8,600 +\+100", ran.out)
    assert fits(ran.out)
    shell.clock.advance(timedelta(days=1).total_seconds())
    shell("portfolio", "set", "ODD", "1", "1")
    shell("portfolio", "show")
    partly = shell("portfolio", "history").out
    assert "24 Nov 2026*" not in partly  # a holiday is no day of its own
    shell.clock.advance(timedelta(days=1).total_seconds())
    shell("portfolio", "show")
    assert "* the price of a share was not known" in shell("portfolio", "history").out


def test_history_says_of_when_it_is(shell: Shell) -> None:
    shell("portfolio", "import", shell.file("symbol,quantity,price\nSBIN,10,800\n"))
    shell.price("SBIN", "850", "840")
    shell.clock.advance(8 * 3600)
    shell("portfolio", "show")
    shell.work = lambda tx: sell(tx, "sandbox", "SBIN", 4, "850", TODAY, "o1")
    ran = shell("portfolio", "history")
    assert re.search(r"As of\n", ran.out)
    assert re.search(r"20 Nov 2026 .* \+200 +0 +17:30", ran.out)
    assert "realised and charges are of the whole day, the rest is of its last look (IST)" in ran.out
    assert fits(ran.out)


def test_the_day_that_is_not_today_is_named(shell: Shell) -> None:
    shell("portfolio", "import", shell.file("symbol,quantity,price\nSBIN,10,800\n"))
    shell.price("SBIN", "850", "840")
    assert "Day P&L of" not in shell("portfolio", "show").out
    shell.clock.advance(timedelta(days=2).total_seconds())
    ran = shell("portfolio", "show")
    assert re.search(r"Day P&L of 20 Nov .*\+₹100", ran.out)
    assert shell("portfolio", "show", "--json").json["day"] == "2026-11-20"


def test_a_typed_price_is_shown_as_given(shell: Shell) -> None:
    ran = shell("portfolio", "set", "SBIN", "10", "812.1234")
    assert "10 held at 812.1234 a share" in ran.out
    assert "812.1234" in shell("portfolio", "show").out
    refused = shell("portfolio", "set", "SBIN", "10", "0.001")
    assert (refused.code, refused.out) == (2, "")
    assert "a price is a paisa or more, with four decimals at most, not 0.001" in refused.err


def test_what_was_won_and_lost(shell: Shell) -> None:
    shell.work = trade
    shell.price("TCS", "3550", "3500")
    ran = shell("pnl")
    for words in ("+₹400", "₹49.40", "+₹350.60", "+₹300", "+₹650.60", "2026-11-20", "TCS", "28.40"):
        assert words in ran.out
    assert fits(ran.out)
    found = shell("pnl", "--since", "2026-11-20", "--symbol", "TCS", "--json").json
    assert (found["realised"], found["charges"]) == ({"inr": 400, "missing": 0}, {"inr": Decimal("14.4"), "missing": 0})
    assert found["disposals"][0]["net_inr"] == Decimal("371.6")
    assert shell("pnl", "--since", "soon").code == 2
    assert shell("pnl", "--symbol", "tcs").code == 2


def test_trades_are_listed(shell: Shell) -> None:
    assert "no trades" in shell("trades").out
    shell.work = trade
    ran = shell("trades")
    for words in ("BUY", "SELL", "3,600.00", "14,400", "bought ₹35,000, sold ₹14,400", "SANDBOX"):
        assert words in ran.out
    assert fits(ran.out)
    assert [row["side"] for row in shell("trades", "--day", "2026-11-20", "--json").json["trades"]] == ["SELL"]
    assert [row["side"] for row in shell("trades", "--since", "1d", "--json").json["trades"]] == ["SELL"]
    assert shell("trades", "--since", "1d", "--day", "2026-11-20").code == 2


def test_the_sector_of_a_symbol(shell: Shell) -> None:
    assert shell("portfolio", "sector", "SBIN").out == "SBIN: Financial Services (said by: packaged)\n"
    assert shell("portfolio", "sector", "SBIN", "My banks").out == "SBIN: My banks (said by: owner)\n"
    assert shell("portfolio", "sector", "ODD").out == "ODD: no sector is known\n"
    assert shell("portfolio", "sector", "SBIN", "--forget", "--json").json["origin"] == "packaged"


def _keys(found: Any) -> set[str]:
    if isinstance(found, list):
        return {key for item in found for key in _keys(item)}
    return set(found) | {key for item in found.values() for key in _keys(item)} if isinstance(found, dict) else set()


@pytest.mark.parametrize(
    ("section", "arguments"),
    [
        ("portfolio show", ("portfolio", "show")),
        ("portfolio import", ("portfolio", "import", "FILE")),
        ("portfolio set", ("portfolio", "set", "SBIN", "1", "800")),
        ("portfolio cash", ("portfolio", "cash")),
        ("portfolio sync", ("portfolio", "sync", "--to-paper")),
        ("portfolio history", ("portfolio", "history")),
        ("portfolio sector", ("portfolio", "sector", "SBIN")),
        ("pnl", ("pnl",)),
        ("trades", ("trades",)),
    ],
)
def test_every_key_is_documented(shell: Shell, section: str, arguments: tuple[str, ...]) -> None:
    parts = re.split(r"^## (.+)$", (DOCS / "json.md").read_text("utf-8"), flags=re.MULTILINE)
    text = dict(zip(parts[1::2], parts[2::2], strict=True))[section]
    file = shell.file(FILE + ",3,\n")
    shell("portfolio", "import", file)
    shell.work = trade
    shell.kite.append(Book("kite", Decimal(1), (), shell.clock.now()))
    for symbol in ("SBIN", "M&M", "TCS"):
        shell.price(symbol, "850", "840")
    shell.clock.advance(8 * 3600)
    shell("portfolio", "show")
    found = shell(*(file if word == "FILE" else word for word in arguments), "--json").json
    assert {key for key in _keys(found) if f"`{key}`" not in text} == set()
