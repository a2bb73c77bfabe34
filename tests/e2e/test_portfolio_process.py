"""The portfolio as whole processes against the embedded sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robotrader.bootstrap import build_container, make_home, open_app
from robotrader.core.background_scheduler.stores.broker_session_store import (
    BrokerSession,
    BrokerSessionStore,
    dies_at,
)
from robotrader.core.clock import IST
from robotrader.core.errors import LoginRequiredError
from robotrader.settings import KiteSettings, MarketSettings, Settings
from tests.support.clock import FakeClock
from tests.support.kite_server import kite_server
from tests.support.kite_shapes import ACCESS_TOKEN, API_KEY, API_SECRET, holding, mtf

pytestmark = pytest.mark.slow
STATEMENT = """\
Client ID,AB1234,,,,,,,,,,
Equity Holdings Statement as on 2026-11-19,,,,,,,,,,,
Symbol,ISIN,Sector,Quantity Available,Quantity Discrepant,Quantity Long Term,Quantity Pledged (Margin),\
Quantity Pledged (Loan),Average Price,Previous Closing Price,Unrealized P&L,Unrealized P&L Pct.
SBIN,INE062A01020,,10,0,10,5,0,"1,812.50",970,0,0
M&M,INE101A01026,AUTOMOBILE,3,0,0,0,0,"3,000.00",2900,0,0
"""


def run(home: Path, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "robotrader", *arguments],
        input=stdin,
        capture_output=True,
        env={**kept, "HOME": str(home), "ROBOTRADER_HOME": str(home / "home"), "PYTHONUTF8": "1", "NO_COLOR": "1"},
        check=False,
        timeout=50,
    )


def shown(home: Path, *arguments: str, stdin: bytes = b"") -> Any:
    ran = run(home, *arguments, "--json", stdin=stdin)
    assert (ran.returncode, ran.stderr) == (0, b"")
    return json.loads(ran.stdout, parse_float=Decimal)


def test_a_statement_saved_by_a_spreadsheet_is_held_and_valued(tmp_path: Path) -> None:
    data = STATEMENT.replace("\n", "\r\n").encode("utf-16")
    assert shown(tmp_path, "portfolio", "import", "-", stdin=data)["added"] == ["SBIN", "M&M"]
    assert shown(tmp_path, "portfolio", "import", "-", stdin=data)["unchanged"] == ["SBIN", "M&M"]
    found = shown(tmp_path, "portfolio", "show")
    rows = {row["symbol"]: row for row in found["holdings"]}
    assert (found["account"], found["provider"], found["cash_inr"]) == ("sandbox", "sandbox", 1_000_000)
    assert (rows["SBIN"]["quantity"], rows["SBIN"]["cost_inr"], rows["SBIN"]["sector"]) == (
        15,
        Decimal("27187.5"),
        "Financial Services",
    )
    assert rows["SBIN"]["value_inr"] == rows["SBIN"]["last_price_inr"] * 15
    # A company the sandbox has no prices of: not known, and not nothing.
    assert (rows["M&M"]["value_inr"], found["missing"], found["value"]["missing"]) == (None, ["M&M"], 1)
    text = run(tmp_path, "portfolio", "show").stdout.decode()
    assert "SANDBOX" in text
    assert max(len(line) for line in text.splitlines()) <= 80
    assert shown(tmp_path, "pnl")["unrealised"]["missing"] == 1


def test_nothing_is_asked_of_kite_without_keys(tmp_path: Path) -> None:
    ran = run(tmp_path, "portfolio", "sync")
    assert (ran.returncode, ran.stdout) == (3, b"")
    assert b"KITE_API_KEY" in ran.stderr


async def test_what_kite_holds_is_taken_over_and_copied(tmp_path: Path) -> None:
    """Shares bought yesterday, pledged and margin-funded ones count; a dead session is a login away."""
    home, morning = tmp_path / "home", datetime(2026, 11, 20, 9, 30, tzinfo=IST)
    clock = FakeClock(morning)
    async with kite_server(tmp_path / "kite") as server:
        keys = KiteSettings(base_url=server.url, api_key=API_KEY, api_secret=API_SECRET)
        settings = Settings(home, provider="sandbox", kite=keys, market=MarketSettings(source="kite"))
        make_home(home)
        async with open_app(settings, clock=clock) as app:
            with pytest.raises(LoginRequiredError):
                await (await app.portfolio()).sync()
        container = build_container(settings, clock)
        session = BrokerSession("AB1234", API_KEY, ACCESS_TOKEN, morning, dies_at(morning))
        await (await container.get(BrokerSessionStore)).write(session)
        await container.close()
        held = [
            holding("SBIN", 10, t1_quantity=3, collateral_quantity=2, average_price=700.5),
            holding("INFY", 0, isin="INE009A01021", average_price=0, mtf=mtf(4, 1500)),
        ]
        server.set(now="2026-11-20T09:30:00", holdings=held, prices={"NSE:SBIN": 820, "NSE:INFY": 1490})
        async with open_app(settings, clock=clock) as app:
            portfolio = await app.portfolio()
            done = await portfolio.sync(to_paper=True)
            assert (done.cash_inr, done.copied_to, set(done.copied)) == (Decimal("99725.05"), "paper", {"SBIN", "INFY"})
            assert (await portfolio.sync(to_paper=True)).copied == ()
            shown = await portfolio.show("kite")
            rows = {(row.symbol, row.product): row for row in shown.holdings}
            assert (rows["SBIN", "CNC"].quantity, rows["SBIN", "CNC"].value_inr) == (15, 820 * 15)
            assert (rows["INFY", "MTF"].quantity, rows["INFY", "MTF"].unrealised_inr) == (4, -40)
            assert (shown.provider, shown.notes, shown.missing) == ("kite", (), ())
            paper = await portfolio.show("paper")
            assert {row.symbol: row.quantity for row in paper.holdings} == {"SBIN": 15, "INFY": 4}
            server.set(tokens=[])
            with pytest.raises(LoginRequiredError):
                await portfolio.sync()
            clock.advance(600)
            old = await portfolio.show("kite")
            assert (old.stale, old.value) == (("SBIN", "INFY"), shown.value)
            assert "prices could not be asked for" in old.notes[0]
