"""The emergency stop holds across processes: nothing is sent after it, nothing is lost, nothing is paid for twice."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.support import killing

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
SYMBOLS = [f"STOP{number}" for number in range(50)]


def one(home: Path, sql: str):  # type: ignore[no-untyped-def]
    raw = sqlite3.connect(home / "robotrader.db")
    try:
        return raw.execute(sql).fetchone()
    finally:
        raw.close()


SENT = "SELECT count(*) FROM paid_calls WHERE sent_at IS NOT NULL"


@pytest.mark.parametrize("batch", ["1", "5"])
def test_a_stop_in_the_middle_of_a_tick(tmp_path: Path, batch: str) -> None:
    with killing.server(tmp_path, latency_ms=(400.0, 600.0)) as double:
        env = killing.environment(
            tmp_path / "home", double.url, scheduler__concurrency="5", schedules__earnings__batch=batch
        )
        home = Path(env["ROBOTRADER_HOME"])
        killing.watch(env, SYMBOLS)
        ticking = killing.start(env, "tick", "--json")
        double.wait_for_bills(2 if batch != "1" else 5)
        stopped = killing.run(env, "emergency-stop", "--reason", "a test", "--json")
        assert stopped.code == 0
        assert json.loads(stopped.out)["changed"] is True
        (until_then,) = one(home, SENT)
        first = killing.finish(ticking)

        (sent,) = one(home, SENT)
        assert sent == until_then  # by what was committed, for clocks of two processes order nothing
        assert 0 < sent < len(SYMBOLS)
        assert first.code == 6
        assert json.loads(first.out)["held"] == "the emergency stop is on: a test"
        billed = double.calls()

        second = killing.run(env, "tick")
        assert (second.code, double.calls()) == (6, billed)
        assert "the emergency stop is on: a test" in second.err
        assert "robotrader resume" in second.err
        asked = killing.run(env, "run-task", "earnings", "STOP1")
        assert asked.code == 6
        again = killing.run(env, "emergency-stop", "--reason", "another", "--json")
        assert json.loads(again.out)["reason"] == "a test"
        assert json.loads(again.out)["changed"] is False
        shown = killing.run(env, "status")
        assert shown.out.startswith("EMERGENCY STOP since ")

        resumed = killing.run(env, "resume", "--json")
        assert json.loads(resumed.out)["stopped"] is False
        rest = killing.run(env, "tick", "--json")
        assert rest.code == 0, rest.err
        assert double.billed() == dict.fromkeys(SYMBOLS, 1)
        (done,) = one(home, "SELECT count(DISTINCT symbol) FROM tasks WHERE status = 'COMPLETED'")
        assert done == len(SYMBOLS)
        told = killing.run(env, "events", "list", "--json", "-n", "1000")
        kinds = [each["type"] for each in json.loads(told.out)["events"]]
        assert [kinds.count(kind) for kind in ("system.emergency_stop", "system.resumed")] == [1, 1]
        assert json.loads(killing.run(env, "resume", "--json").out)["changed"] is False


def test_it_works_while_the_settings_are_wrong_and_nothing_else_does(tmp_path: Path) -> None:
    env = killing.environment(tmp_path / "home")
    home = Path(env["ROBOTRADER_HOME"])
    assert killing.run(env, "init", "--yes").code == 0
    (home / "config.toml").write_text('provider = "perplexity"\n[nonsense\n', encoding="utf-8")
    assert killing.run(env, "tick").code == 3
    stopped = killing.run(env, "emergency-stop")
    assert stopped.code == 0
    assert "EMERGENCY STOP on" in stopped.out
    assert "the settings are wrong" in stopped.err
    assert killing.run(env, "resume").code == 0
    (home / "config.toml").write_text('provider = "perplexity"\n', encoding="utf-8")
    assert killing.run(env, "run-task", "earnings", "SBIN").code == 3
    assert killing.run(env, "emergency-stop", "--cancel-orders").code == 0


def test_live_is_switched_on_in_the_file_alone(tmp_path: Path) -> None:
    env = killing.environment(tmp_path / "home")
    home = Path(env["ROBOTRADER_HOME"])
    assert killing.run(env, "init", "--yes").code == 0
    for more in ({"ROBOTRADER_TRADING__MODE": "live"}, {"ROBOTRADER_TRADING__MODE": " LIVE "}):
        refused = killing.run({**env, **more}, "status")
        assert refused.code == 3
        assert "config.toml alone" in refused.err
    wrong = killing.run(env, "buy", "SBIN", "1", "--limit", "800", "--live", "--yes")
    assert (wrong.code, "trading.mode is paper" in wrong.err) == (3, True)
    assert killing.run(env, "tick", "--live").code == 3
    (home / "config.toml").write_text('[trading]\nmode = "live"\n', encoding="utf-8")
    keys = {**env, "KITE_API_KEY": "key1234567890", "KITE_API_SECRET": "secret1234567890"}
    assert killing.run(keys, "status").code == 0
    blocked = killing.run(keys, "buy", "SBIN", "1", "--limit", "800")
    assert (blocked.code, "add --live" in blocked.err) == (3, True)
    assert "BLOCKED" in blocked.out
    unasked = killing.run(keys, "buy", "SBIN", "1", "--limit", "800", "--live")
    assert (unasked.code, "add --yes" in unasked.err) == (2, True)
    out = killing.run(keys, "buy", "SBIN", "1", "--limit", "800", "--live", "--yes")
    assert (out.code, "robotrader login" in out.err) == (7, True)
    assert killing.run({**keys, "ROBOTRADER_TRADING__MODE": "paper"}, "status", "--json").code == 0
    assert json.loads(killing.run(keys, "orders", "--json").out)["orders"][0]["status"] == "BLOCKED"
