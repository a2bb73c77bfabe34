"""The promises of the home against the real program: overlapping ticks, kill -9, keys, signals."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.clients.key_ring import fingerprint
from tests.support.killing import (
    DONE,
    Findings,
    Server,
    environment,
    finish,
    inspect,
    kill_one_home,
    run,
    server,
    start,
    watch,
)

pytestmark = pytest.mark.slow
SYMBOLS = ("SBIN", "TCS", "INFY", "RELIANCE", "M&M")


@pytest.fixture
def double(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path, latency_ms=(0, 50)) as running:
        yield running


def test_eight_ticks_at_once_bill_each_symbol_once(home: Path, double: Server) -> None:
    env = environment(home, double.url)
    watch(env, SYMBOLS)
    ends = [finish(program) for program in [start(env, "tick", "--json") for _ in range(8)]]
    assert [end.code for end in ends] == [0] * 8, [end.err for end in ends]
    assert double.billed() == dict.fromkeys(SYMBOLS, 1)
    assert sum((end.statuses for end in ends), Counter[str]()) == {DONE: 5}
    ends = [finish(program) for program in [start(env, "tick", "--json") for _ in range(8)]]
    assert [(end.code, end.statuses) for end in ends] == [(0, Counter[str]())] * 8
    assert double.billed() == dict.fromkeys(SYMBOLS, 1)
    again = run(env, "run-task", "earnings", "SBIN", "--json")
    assert (again.code, again.statuses) == (0, {"SKIPPED": 1})
    forced = run(env, "run-task", "earnings", "SBIN", "--force", "--json")
    assert (forced.code, forced.statuses) == (0, {DONE: 1})
    assert double.billed() == {**dict.fromkeys(SYMBOLS, 1), "SBIN": 2}


def test_overlapping_ticks_and_hands_bill_each_symbol_once(home: Path, double: Server) -> None:
    env = environment(home, double.url)
    watch(env, SYMBOLS)
    programs = [start(env, "tick", "--json") for _ in range(3)]
    programs += [start(env, "run-task", "earnings", *SYMBOLS, "--json") for _ in range(3)]
    ends = [finish(program) for program in programs]
    assert [end.code for end in ends] == [0] * 6, [end.err for end in ends]
    assert double.billed() == dict.fromkeys(SYMBOLS, 1)


@pytest.mark.parametrize("number", range(8))
@pytest.mark.timeout(120)
def test_killed_ticks_lose_nothing_and_pay_once(tmp_path: Path, double: Server, number: int) -> None:
    """Twenty kills in all; hundreds are made by tests/benchmarks/kill_runs.py."""
    chance = random.Random(f"kills-{number}")
    kills = 3 if number < 4 else 2
    found = kill_one_home(tmp_path, double, chance, prefix=f"K{number}", symbols=20, kills=kills, whole=1.0)
    assert found.violations == []
    assert found.tasks == 20
    assert found.done + found.unknown == 20


@pytest.mark.parametrize("number", range(6))
@pytest.mark.timeout(120)
def test_killed_ticks_whose_symbols_share_calls_lose_nothing_and_pay_once(
    tmp_path: Path, double: Server, number: int
) -> None:
    chance = random.Random(f"batches-{number}")
    found = kill_one_home(tmp_path, double, chance, prefix=f"B{number}", symbols=20, kills=3, whole=1.0, batch=4)
    assert found.violations == []
    assert found.tasks == 20
    assert found.done + found.unknown == 20


def test_overlapping_ticks_whose_symbols_share_calls_bill_each_symbol_once(home: Path, double: Server) -> None:
    env = environment(home, double.url, schedules__earnings__batch="4")
    names = [f"S{n}" for n in range(20)]
    watch(env, names)
    ends = [finish(program) for program in [start(env, "tick", "--json") for _ in range(4)]]
    assert [end.code for end in ends] == [0] * 4, [end.err for end in ends]
    assert double.billed() == dict.fromkeys(names, 1)
    assert double.calls() < len(names)
    assert sum((end.statuses for end in ends), Counter[str]()) == {DONE: 20}


def test_a_shared_call_that_is_killed_while_it_waits_is_unknown_for_all(home: Path, double: Server) -> None:
    env = environment(home, double.url, schedules__earnings__batch="5")
    watch(env, SYMBOLS)
    double.script("hang", forever=True)
    program = start(env, "tick", "--json")
    double.wait_for_bills(1)
    program.send_signal(signal.SIGKILL)
    program.communicate()
    double.script("answer", forever=True)
    clean = run(env, "tick", "--json")
    assert clean.statuses["UNKNOWN"] == double.billed().total() - clean.statuses[DONE], clean.err
    assert max(double.billed().values()) == 1
    found = Findings()
    inspect(env, double, SYMBOLS, found)
    assert found.violations == []
    assert found.orphan_leases == 0


def test_a_tick_that_is_killed_while_it_waits_for_an_answer(home: Path, double: Server) -> None:
    """What was sent is listed as unknown, and asked again only by hand."""
    env = environment(home, double.url)
    watch(env, SYMBOLS)
    double.script("hang", forever=True)
    program = start(env, "tick", "--json")
    double.wait_for_bills(5)
    program.send_signal(signal.SIGKILL)
    program.communicate()
    double.script("answer", forever=True)
    clean = run(env, "tick", "--json")
    assert (clean.code, clean.statuses) == (4, {"UNKNOWN": 5}), clean.err
    found = Findings()
    inspect(env, double, SYMBOLS, found)
    assert found.violations == []
    assert (found.done, found.unknown, found.orphan_leases) == (0, 5, 0)
    plain = run(env, "run-task", "earnings", "SBIN", "--json")
    assert plain.code == 4, plain.out
    assert double.billed()["SBIN"] == 1
    forced = run(env, "run-task", "earnings", "SBIN", "--json", "--force")
    assert (forced.code, forced.statuses) == (0, {DONE: 1})
    assert double.billed()["SBIN"] == 2


@pytest.mark.parametrize("command", ["tick", "serve", "run-task"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_hands_the_leases_back(home: Path, double: Server, command: str, number: signal.Signals) -> None:
    """What was sent is unknown, what was not is waiting again, and nobody has to wait for a lease."""
    env = environment(home, double.url, scheduler__concurrency="2", scheduler__stop_grace_seconds="0.1")
    watch(env, SYMBOLS)
    double.script("hang", forever=True)
    arguments = ("earnings", *SYMBOLS) if command == "run-task" else ()
    program = start(env, command, *arguments)
    double.wait_for_bills(2)
    began = time.monotonic()
    program.send_signal(number)
    ended = finish(program)
    assert time.monotonic() - began < 20
    # The codes of docs/exit-codes.md: serve was asked to stop, the others were interrupted or terminated.
    assert ended.code == (0 if command == "serve" else 130 if number is signal.SIGINT else 143), ended
    assert "Traceback" not in ended.err
    listed = run(env, "tasks", "list", "--json")
    assert listed.statuses == {"UNKNOWN": 2, "PENDING": 3}, listed.out
    double.script("answer", forever=True)
    clean = run(env, "tick", "--json")
    assert clean.statuses == {DONE: 3}
    assert double.billed() == dict.fromkeys(SYMBOLS, 1)


def test_two_servers_of_one_home_are_one_too_many(home: Path, double: Server) -> None:
    env = environment(home, double.url)
    watch(env, SYMBOLS[:1])
    first = start(env, "serve")
    try:
        double.wait_for_bills(1)
        second = run(env, "serve")
        assert second.code == 1
        assert "another process" in second.err
        assert "Traceback" not in second.err
    finally:
        first.send_signal(signal.SIGTERM)
    assert finish(first).code == 0


KEYS = ("pplx-" + "1" * 40, "pplx-" + "2" * 40, "pplx-" + "3" * 40)


@pytest.mark.parametrize("count", [2, 3])
def test_work_goes_on_with_the_keys_that_are_left(home: Path, double: Server, count: int) -> None:
    """One key is limited for two seconds, one is rejected: the next process remembers both."""
    keys = KEYS[:count]
    double.script("401-html", key=keys[0], forever=True)
    double.script("429:2", key=keys[1])
    env = environment(home, double.url, keys=keys, scheduler__concurrency="1")
    watch(env, SYMBOLS)
    first = run(env, "tick", "--json")
    assert (first.code, first.statuses) == (0, {DONE: 5}), first
    assert double.billed() == dict.fromkeys(SYMBOLS, 1)
    dead = fingerprint(keys[0])
    assert dead not in double.billed_keys()
    assert set(double.billed_keys()) <= {fingerprint(key) for key in keys[1:]}
    status = run(env, "status", "--json")
    assert '"removed": true' in status.out
    assert all(key not in status.out + status.err + first.out + first.err for key in keys)
    # A process that did not see the refusals does not try the rejected key again.
    double.script("hang", key=keys[0], forever=True)
    second = run(env, "run-task", "earnings", "WIPRO", "--json")
    assert (second.code, second.statuses) == (0, {DONE: 1}), second
    assert dead not in double.billed_keys()


def test_a_home_whose_only_key_is_rejected_waits_for_its_owner(home: Path, double: Server) -> None:
    double.script("401-html", key=KEYS[0], forever=True)
    env = environment(home, double.url, keys=KEYS[:1])
    ran = run(env, "run-task", "earnings", "SBIN", "--json")
    assert ran.code == 4
    assert double.billed() == {}
    assert KEYS[0] not in ran.out + ran.err
    assert not any(KEYS[0] in path.read_text(errors="replace") for path in home.rglob("*") if path.is_file())
