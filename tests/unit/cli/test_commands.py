"""Each command: what it asks of the program, what it prints, how it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robotrader.core.background_scheduler.models import NextDue, RunReport, TaskOutcome, TaskStatus
from robotrader.core.errors import (
    BudgetExceededError,
    ConfigurationError,
    LoginRequiredError,
    NoDataError,
    RateLimitError,
    StoreBusyError,
)
from robotrader.core.events import EventType
from robotrader.core.services.trading_status import TradingView
from robotrader.core.services.views import Check, PlanView

TASK_KEYS = [
    "id",
    "type",
    "symbol",
    "slot",
    "status",
    "reason",
    "attempts",
    "provider",
    "paid_calls",
    "cost_usd",
    "strategy",
    "started_at",
    "finished_at",
    "document_id",
    "error",
    "record",
]
SUMMARY_KEYS = ["completed", "skipped", "failed", "deferred", "cancelled", "unknown"]
TASK_ID = "019ab7f0-1111-7abc-8def-000000000001"


def test_run_task_shows_the_quarter(cli: Any, double: Any) -> None:
    ran = cli("run-task", "earnings", "SBIN")
    assert ran.code == 0
    assert double.asked[0] == ("run", "earnings", ["SBIN"], False)
    for words in (
        "SANDBOX",
        "State Bank of India",
        "Q2 FY26",
        "₹1,34,979.47 crore",
        "₹20,160 crore",
        "₹22.83",
        "+4.2%",
        "-10%",
        "https://example.com/sbi-q2",
        "$0.0061",
        double.report.outcomes[0].task.document_id,
    ):
        assert words in ran.out
    assert ran.err == ""


def test_only_the_sandbox_is_marked(cli: Any, double: Any, make: Any) -> None:
    double.report = RunReport((make.done(provider="perplexity"),))
    assert "SANDBOX" not in cli("run-task", "earnings", "SBIN").out


def test_run_task_json_is_the_envelope(cli: Any, double: Any, make: Any) -> None:
    double.report = RunReport((make.done("SBIN"), make.failed("TCS")))
    found = cli("run-task", "earnings", "SBIN", "TCS", "--json").json
    assert list(found) == ["tasks", "summary", "held"]
    assert [list(task) for task in found["tasks"]] == [TASK_KEYS, TASK_KEYS]
    assert list(found["summary"]) == SUMMARY_KEYS
    assert found["tasks"][0]["record"]["eps_inr"] == Decimal("22.83")
    assert found["tasks"][0]["record"]["revenue_inr"] == 1349794700000
    assert found["tasks"][0]["provider"] == "sandbox"
    assert found["tasks"][0]["cost_usd"] == Decimal("0.0061")
    assert found["tasks"][0]["slot"].endswith("Z")
    assert found["tasks"][1]["error"] == {
        "code": "RATE_LIMIT",
        "category": "API",
        "severity": "MEDIUM",
        "message": "refused with 429",
        "recoverable": True,
        "retry_after_seconds": 30,
    }
    assert found["summary"]["failed"] == 1


def test_run_task_without_symbols_takes_the_watchlist(cli: Any, double: Any) -> None:
    cli("run-task", "earnings", "--force")
    assert double.asked[0] == ("run", "earnings", ["SBIN", "TCS"], True)


def test_run_task_names_each_symbol_once(cli: Any, double: Any) -> None:
    cli("run-task", "earnings", "TCS", "SBIN", "NSE:TCS")
    assert double.asked[0][2] == ["TCS", "SBIN"]


def test_run_task_with_nothing_to_watch(cli: Any, double: Any) -> None:
    double.watched = []
    ran = cli("run-task", "earnings")
    assert (ran.code, ran.out) == (2, "")
    assert "watchlist is empty" in ran.err
    assert "watchlist add" in ran.err


@pytest.mark.parametrize(
    ("codes", "code"), [((0, 0), 0), ((4, 4), 4), ((0, 5), 5), ((4, 5), 1), ((0, 4, 6), 1), ((), 0)]
)
def test_the_exit_code_of_a_run(cli: Any, double: Any, make: Any, codes: tuple[int, ...], code: int) -> None:
    outcomes = [
        make.failed(f"S{n}", exit_code) if exit_code else make.done(f"S{n}") for n, exit_code in enumerate(codes)
    ]
    double.report = RunReport(tuple(outcomes))
    assert cli("run-task", "earnings", "SBIN", "TCS").code == code
    assert cli("tick", "--json").code == code


def test_several_symbols_make_a_table_and_one_complaint_a_kind(cli: Any, double: Any, make: Any) -> None:
    double.report = RunReport((make.done("SBIN"), *[make.failed(f"S{n}") for n in range(7)]))
    ran = cli("run-task", "earnings", "SBIN", "TCS")
    assert "Q2 FY26, revenue ₹1,34,979.47 crore" in " ".join(ran.out.split())
    assert "1 completed, 7 failed" in ran.out
    assert ran.err == "error: S0, S1, S2, S3, S4 and 2 more: refused with 429\n"


KNOWN = "it knows SBIN; to go live set PERPLEXITY_API_KEYS"


def test_an_unknown_symbol_names_the_known_ones(cli: Any, double: Any, make: Any) -> None:
    double.report = RunReport((make.failed("NOSUCH", 5, "UNKNOWN_SYMBOL", "the sandbox does not know NOSUCH", KNOWN),))
    ran = cli("run-task", "earnings", "NOSUCH")
    assert ran.code == 5
    assert ran.out == ""
    assert ran.err.startswith("error: the sandbox does not know NOSUCH\nhint: it knows ")
    assert "SBIN" in ran.err
    assert "PERPLEXITY_API_KEYS" in ran.err


def test_a_symbol_whose_tasks_all_fail_is_named_once(cli: Any, double: Any, make: Any) -> None:
    unknown = make.failed("NOSUCH", 5, "UNKNOWN_SYMBOL", "the sandbox does not know NOSUCH", KNOWN)
    double.report = RunReport((unknown,) * 3)
    assert cli("tick").err.startswith("error: the sandbox does not know NOSUCH\nhint: it knows ")
    double.report = RunReport((make.failed("S0"), make.failed("S1"), make.failed("S0")))
    assert cli("tick").err == "error: S0, S1: refused with 429\n"


def test_many_complaints_are_cut_short(cli: Any, double: Any, make: Any) -> None:
    outcomes = [make.failed(f"S{n}", 5, "UNKNOWN_SYMBOL", f"the sandbox does not know S{n}", KNOWN) for n in range(100)]
    double.report = RunReport(tuple(outcomes))
    lines = cli("run-task", "earnings", "SBIN", "TCS").err.splitlines()
    assert len(lines) == 7
    assert lines[5].startswith("hint: it knows ")
    assert lines[6] == "error: and 95 more; see: robotrader tasks list --status FAILED"


def test_what_is_fresh_is_shown_with_its_figures(cli: Any, double: Any, make: Any) -> None:
    task = make.task(status=TaskStatus.SKIPPED, reason="fresh: fetched 3 h ago", paid_calls=0)
    double.report = RunReport((TaskOutcome(task),))
    ran = cli("run-task", "earnings", "SBIN")
    assert ran.code == 0
    assert "₹1,34,979.47 crore" in ran.out
    assert "skipped: fresh: fetched 3 h ago" in ran.out
    double.views = ()
    assert "SKIPPED" in cli("run-task", "earnings", "SBIN").out


def test_an_unknown_outcome_says_how_to_ask_again(cli: Any, double: Any, make: Any) -> None:
    outcome = make.failed("SBIN", 4, "OUTCOME_UNKNOWN", "sent, and then silence")
    task = make.task(status=TaskStatus.UNKNOWN, error=outcome.task.error)
    double.report = RunReport((TaskOutcome(task, exit_code=4),))
    assert f"robotrader tasks retry {TASK_ID}" in cli("run-task", "earnings", "SBIN").err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run-task", "newz"), "no such task type: 'newz'"),
        (("run-task", "EARNINGS"), "did you mean earnings?"),
        (("run-task", "health", "SBIN"), "health takes no symbols"),
        (("run-task", "market", "SBIN"), "market takes no symbols"),
        (("run-task",), "Missing argument 'TYPE'"),
        (("run-task", "earnings", "sbin"), "did you mean SBIN?"),
        (("run-task", "earnings", ""), "not a trading symbol: ''"),
        (("run-task", "earnings", "../x"), "not a trading symbol"),
        (("run-task", "earnings", "S" * 5000), "not a trading symbol"),
        (("run-task", "earnings", "\x1b[31mSBIN"), "not a trading symbol"),
        (("run-task", "earnings", "[red]SBIN"), "'[red]SBIN'"),
        (("run-task", "earnings", "₹"), "not a trading symbol: '₹'"),
        (("run-task", "earnings", "SBIN", "--sandbox-fault", "nonsense"), "no such sandbox fault"),
        (("tasks", "list", "--status", "DONE"), "no such status"),
        (("tasks", "list", "--limit", "0"), "--limit"),
        (("events", "list", "--delivery", "x"), "no such delivery state"),
        (("parse", "prices", "x"), "no such dataset"),
        (("parse", "market", "x"), "no such dataset"),
        (("reparse", "nothing"), "no such dataset"),
        (("earnings", "reliance.ns"), "not a trading symbol"),
        (("statu",), "Did you mean 'status'"),
        (("status", "--jsn"), "No such option: --jsn"),
        (("watchlist", "add"), "Missing argument"),
        (("watchlist", "add", "SBIN", "bad symbol"), "not a trading symbol"),
    ],
)
def test_usage_errors(cli: Any, double: Any, arguments: tuple[str, ...], message: str) -> None:
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    lines = ran.err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["error", "hint"]
    assert "\x1b" not in ran.err
    assert all(len(line) < 500 for line in lines)
    assert double.asked == []


def test_a_group_alone_shows_its_help(cli: Any) -> None:
    ran = cli("tasks")
    assert (ran.code, ran.out) == (2, "")
    assert "retry" in ran.err
    assert cli().code == 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RateLimitError("refused with 429", remedy="wait"), 4),
        (NoDataError("nothing in it", remedy="wait"), 5),
        (BudgetExceededError("spent", remedy="wait"), 6),
        (LoginRequiredError("session over", remedy="wait"), 7),
        (ConfigurationError("wrong key", remedy="wait"), 3),
        (StoreBusyError("busy", remedy="wait"), 1),
        (
            ExceptionGroup(
                "many", [ExceptionGroup("more", [ValueError("x"), RateLimitError("refused", remedy="wait")])]
            ),
            4,
        ),
        (KeyboardInterrupt(), 130),
        (OSError(28, "No space left on device", "/x"), 1),
    ],
)
def test_errors_become_two_lines_and_a_code(cli: Any, double: Any, error: BaseException, code: int) -> None:
    double.error = error
    ran = cli("status")
    assert (ran.code, ran.out) == (code, "")
    assert "Traceback" not in ran.err
    assert len(ran.err.splitlines()) == (1 if code == 130 else 2)


def test_an_internal_error_is_one_line_and_a_traceback_on_request(cli: Any, double: Any) -> None:
    double.error = RuntimeError("the key pplx-thisisasecretkey was here\nand more")
    ran = cli("status")
    assert ran.code == 1
    assert ran.err == (
        "error: internal error: RuntimeError: the key *** was here and more\n"
        "hint: run again with --debug for the traceback\n"
    )
    ran = cli("--debug", "status")
    assert "Traceback (most recent call last)" in ran.err
    assert "thisisasecret" not in ran.err


def test_an_idle_tick_is_one_plain_line(cli: Any, double: Any) -> None:
    double.report = RunReport((), NextDue(datetime(2026, 11, 21, 14, 0, tzinfo=UTC), "earnings"))
    assert cli("tick").out == "nothing due; next: earnings at 19:30 IST (in 3 h)\n"
    assert double.asked == [("tick",)]
    assert cli("tick", "--quiet").out == ""


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (timedelta(0), "now"),
        (timedelta(hours=3), "at 19:30 IST (in 3 h)"),
        (timedelta(hours=11, minutes=25), "tomorrow 03:55 IST (in 11 h)"),
        (timedelta(days=3), "on 24 Nov 2026 16:30 IST (in 3 days)"),
    ],
)
def test_when_the_next_task_comes(cli: Any, double: Any, due: timedelta, said: str) -> None:
    double.report = RunReport((), NextDue(datetime(2026, 11, 21, 11, 0, tzinfo=UTC) + due, "news"))
    assert cli("tick").out == f"nothing due; next: news {said}\n"


def test_an_idle_tick_of_an_empty_watchlist_says_what_to_do(cli: Any, double: Any) -> None:
    double.report = RunReport(())
    double.plan_view = PlanView("sandbox", (), Decimal(0), None, None, None)
    assert "robotrader watchlist add" in cli("tick").out
    assert "no limit" in cli("tick", "--plan").out


def test_a_plan_runs_nothing(cli: Any, double: Any, make: Any) -> None:
    runs = (make.planned("SBIN"), make.planned("TCS"))
    double.plan_view = PlanView("sandbox", runs, Decimal("0.0120"), Decimal(25), 5000, None)
    ran = cli("tick", "--plan")
    assert double.asked == [("plan",)]
    assert "SANDBOX" in ran.out
    assert "2 tasks, estimated cost $0.012; budget left: $25.00, 5,000 calls" in " ".join(ran.out.split())
    found = cli("tick", "--plan", "--json").json
    assert list(found) == [
        "provider",
        "runs",
        "cost_usd",
        "budget_left_usd",
        "budget_left_calls",
        "next_due",
        "next_type",
    ]
    assert list(found["runs"][0]) == ["type", "symbol", "slot", "reason", "cost_usd"]


def test_the_sandbox_fault_reaches_the_settings(cli: Any, double: Any) -> None:
    cli("run-task", "earnings", "SBIN", "--sandbox-fault", "rate-limit")
    assert double.settings.sandbox.fault == "rate-limit"
    cli("run-task", "earnings", "SBIN")
    assert double.settings.sandbox.fault == ""


def test_the_sandbox_faults_are_listed(cli: Any, double: Any) -> None:
    ran = cli("tick", "--sandbox-fault", "list")
    assert ran.code == 0
    assert "rate-limit " in ran.out
    assert double.asked == []


def test_home_reaches_the_settings(cli: Any, double: Any, tmp_path: Path) -> None:
    cli("--home", str(tmp_path / "other"), "status")
    assert double.settings.home == tmp_path / "other"
    cli(f"--home={tmp_path / 'third'}", "status")
    assert double.settings.home == tmp_path / "third"


def test_status_of_real_trading_is_never_taken_for_the_sandbox(cli: Any, double: Any) -> None:
    trading = TradingView("live", "kite", None, "none", None, 1, 0)
    double.status_view = double.status_view._replace(provider="sandbox", trading=trading)
    heading, *rows = cli("status").out.splitlines()
    assert heading.startswith("robotrader · LIVE, orders are real · research by sandbox")
    assert "SANDBOX" not in heading
    (trades,) = (row for row in rows if "Trading" in row)
    assert "LIVE" in trades
    (research,) = (row for row in rows if "Research" in row)
    assert "sandbox (embedded, no keys needed)" in research
    assert not any("Provider" in row for row in rows)


def test_status(cli: Any, double: Any) -> None:
    ran = cli("status")
    for words in (
        "SANDBOX",
        "2 symbols",
        "1 waiting, 0 running",
        "2 completed, 1 failed",
        "19:30 IST (in 3 h)",
        "15 min ago",
        "$0.0122 of $25.00, 2 of 5,000 calls",
        "ab12cd34",
        "in 5 min",
        "--status UNKNOWN",
        "--dead",
    ):
        assert words in ran.out
    assert list(cli("status", "--json").json) == [
        "provider",
        "home",
        "initialization",
        "watchlist",
        "waiting",
        "running",
        "today",
        "unknown_calls",
        "dead_events",
        "budget",
        "keys",
        "last_tick",
        "next_due",
        "serve_running",
        "recent",
        "trading",
    ]


def test_tasks_list(cli: Any, double: Any) -> None:
    ran = cli("tasks", "list", "--status", "failed", "--symbol", "M&M", "-n", "5")
    assert double.asked == [("list", "FAILED", "M&M", 5)]
    assert TASK_ID in ran.out
    assert list(cli("tasks", "list", "--json").json) == ["tasks", "summary", "held"]


def test_a_list_of_failed_tasks_is_no_failure(cli: Any, double: Any, make: Any) -> None:
    double.report = RunReport((make.failed("SBIN"),))
    assert cli("tasks", "list").code == 0
    double.report = RunReport(())
    assert cli("tasks", "list").out == "no tasks\n"


def test_tasks_show_cancel_retry(cli: Any, double: Any) -> None:
    assert TASK_ID in cli("tasks", "show", TASK_ID).out
    assert list(cli("tasks", "show", TASK_ID, "--json").json["tasks"][0]) == TASK_KEYS
    assert cli("tasks", "cancel", TASK_ID).code == 0
    assert "SANDBOX" in cli("tasks", "retry", TASK_ID).out
    assert list(cli("tasks", "retry", TASK_ID, "--json").json) == ["tasks", "summary", "held"]
    assert [words[0] for words in double.asked] == ["show", "show", "cancel", "retry", "earnings", "retry"] or [
        words[0] for words in double.asked
    ] == ["show", "show", "cancel", "retry", "retry"]
    missing = cli("tasks", "show", "nonsense")
    assert (missing.code, missing.out) == (2, "")


def test_a_failed_task_shows_its_error(cli: Any, double: Any, make: Any) -> None:
    double.outcome = make.failed("SBIN")
    assert "RATE_LIMIT: refused with 429" in cli("tasks", "show", TASK_ID).out


def test_events(cli: Any, double: Any) -> None:
    ran = cli("events", "list", "--dead", "--type", "task.completed", "--correlation", "c1", "-n", "3")
    assert double.asked == [("events", {"type": "task.completed", "correlation": "c1", "delivery": "dead", "limit": 3})]
    assert double.event_views[0].id in ran.out
    assert list(cli("events", "list", "--json").json["events"][0]) == [
        "id",
        "type",
        "timestamp",
        "source",
        "data",
        "correlation_id",
        "delivery",
        "attempts",
        "error",
    ]
    assert "handler failed" in cli("events", "show", double.event_views[0].id).out
    assert cli("events", "show", "x", "--json").json["data"] == {"symbol": "SBIN"}
    assert cli("events", "retry").out == "2 events will be delivered again\n"
    assert cli("events", "retry", "x", "--json").json == {"retried": 2}
    assert double.asked[-1] == ("retry_events", "x")
    double.event_views = ()
    assert cli("events", "list").out == "no events\n"


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("delivery", ["delivered", "dead", "pending"])
def test_the_types_of_events_stay_whole(cli: Any, double: Any, monkeypatch: Any, width: int, delivery: str) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    known = double.event_views[0]
    types = sorted(EventType)
    double.event_views = tuple(
        known._replace(type=name, delivery=delivery, timestamp=known.timestamp - timedelta(days=31 * number))
        for number, name in enumerate(types)
    )
    out = cli("events", "list").out
    assert [line.split()[1] for line in out.splitlines() if line.strip().startswith(known.id)] == types
    words = set(out.split())
    assert {"months", "just"} <= words
    total = f"{len(types)} events"
    assert out.endswith(f"{total}, delivered\n" if delivery == "delivered" else f"{total}\n")
    assert out.count(delivery) == (1 if delivery == "delivered" else len(types))


def test_a_list_with_an_undelivered_event_says_what_no_state_means(cli: Any, double: Any) -> None:
    dead = double.event_views[0]
    double.event_views = (dead, dead._replace(delivery="delivered"))
    out = cli("events", "list").out
    assert out.count("dead") == 1
    assert out.endswith("2 events; those without a state are delivered\n")


def test_earnings(cli: Any, double: Any) -> None:
    ran = cli("earnings", "SBIN", "-n", "4")
    assert double.asked == [("earnings", "SBIN", 4)]
    for words in ("fetched 3 h ago", "Q1 FY26", "SANDBOX", "https://example.com/sbi-q2", "structured"):
        assert words in ran.out
    found = cli("earnings", "SBIN", "--json").json
    assert found["symbol"] == "SBIN"
    assert list(found["quarters"][0]) == ["record", "provider", "document_id", "fetched_at", "strategy", "sources"]


def test_earnings_that_are_not_there(cli: Any, double: Any) -> None:
    double.views = ()
    ran = cli("earnings", "M&M")
    assert (ran.code, ran.out) == (5, "")
    assert "robotrader run-task earnings M&M" in ran.err
    ran = cli("earnings", "M&M", "--json")
    assert ran.code == 5
    assert ran.json == {"symbol": "M&M", "quarters": []}


def test_why(cli: Any, double: Any) -> None:
    ran = cli("why", "SBIN", "eps")
    assert double.asked == [("why", "SBIN", "eps")]
    for words in ("₹22.83", '"eps_inr": 22.83', "structured", "120", "https://example.com/sbi-q2", "SANDBOX",
                  "Q2 FY26 consolidated"):  # fmt: skip
        assert words in ran.out
    printed = cli("why", "SBIN", "eps", "--json").json
    assert (printed["value"], printed["of"]) == (Decimal("22.83"), "Q2 FY26 consolidated")


def test_reparse(cli: Any, double: Any) -> None:
    ran = cli("reparse", "earnings", "SBIN")
    assert double.asked == [("reparse", "earnings", "SBIN")]
    assert "3 documents read again, 1 changed, 0 unreadable; nothing was paid" in ran.out
    assert list(cli("reparse", "--json").json) == ["documents", "changed", "unreadable", "changes"]


def test_watchlist(cli: Any, double: Any) -> None:
    assert cli("watchlist", "add", "INFY", "SBIN").out == "watching INFY; already watched SBIN\n"
    assert cli("watchlist", "add", "M&M", "--json").json == {"added": ["M&M"], "already": []}
    assert cli("watchlist", "remove", "SBIN", "ABB").out == "no longer watching SBIN; not on the watchlist ABB\n"
    assert cli("watchlist", "remove", "ABB", "--json").json == {"removed": [], "absent": ["ABB"]}
    assert "never" in cli("watchlist", "list").out
    rows = cli("watchlist", "list", "--json").json["watchlist"]
    assert list(rows[0]) == ["symbol", "added_at", "fetched_at"]
    double.watched = []
    assert "is empty" in cli("watchlist", "list").out


def test_an_import_is_all_or_nothing(cli: Any, double: Any, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("Symbol,Qty\nINFY,1\ninfy,2\nSBIN,3\n")
    ran = cli("watchlist", "import", str(file))
    assert (ran.code, ran.out) == (2, "")
    assert "line 3: not a trading symbol: 'infy'" in ran.err
    assert "nothing was imported" in ran.err
    assert double.asked == []
    ran = cli("watchlist", "import", str(file), "--skip-bad", "--json")
    assert ran.code == 0
    assert ran.json["added"] == ["INFY"]
    assert ran.json["already"] == ["SBIN"]
    assert ran.json["bad"][0]["line"] == 3


def test_an_import_of_ten_thousand(cli: Any, double: Any, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("\n".join(f"S{number}" for number in range(10_000)))
    ran = cli("watchlist", "import", str(file))
    assert ran.out.endswith("S19 and 9980 more\n")
    assert len(double.watched) == 10_002


def test_an_import_of_nonsense_reports_a_few_lines(cli: Any, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("\n".join(["not a symbol"] * 100))
    ran = cli("watchlist", "import", str(file))
    assert "and 80 more lines" in ran.err
    assert "100 lines hold no symbol" in ran.err
    file.write_text("")
    assert "no symbol in" in cli("watchlist", "import", str(file)).err


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ((("configuration", "ok"), ("network", "warning")), 0),
        ((("configuration", "ok"), ("network", "problem")), 1),
        ((("configuration file", "problem"), ("network", "problem")), 3),
        ((), 0),
    ],
)
def test_doctor(cli: Any, double: Any, checks: Any, code: int) -> None:
    double.checks = tuple(Check(name, state, "found", "do this") for name, state in checks)
    ran = cli("doctor")
    assert ran.code == code
    assert ("do this" in ran.out) == any(state != "ok" for _, state in checks)
    assert list(cli("doctor", "--json").json) == ["checks", "forgiven_keys"]


def test_doctor_forgives_keys_first(cli: Any, double: Any) -> None:
    assert "1 key will be tried again" in cli("doctor", "--retry-keys").out
    assert double.asked == [("forgive",), ("doctor",)]


def test_doctor_of_a_wrong_configuration(cli: Any) -> None:
    cli.settings_error = ConfigurationError("unknown key budgt", remedy="did you mean budget?")
    ran = cli("doctor")
    assert ran.code == 3
    assert "unknown key budgt" in ran.out
    assert "did you mean budget?" in ran.out


def test_serve_logs_plain_lines(cli: Any, double: Any, make: Any) -> None:
    double.report = RunReport((make.done("SBIN"), make.failed("TCS")))
    lines = cli("serve").out.splitlines()
    assert all(line.startswith("2026-11-21 16:30:00 IST  ") for line in lines)
    words = [line[25:] for line in lines]
    assert words == [
        "serving; stop with Ctrl-C",
        "earnings SBIN completed SANDBOX (cost $0.0061)",
        "earnings TCS failed SANDBOX: refused with 429",
        "next: 19:30 IST (in 3 h)",
        "stopped",
    ]


def test_serve_json_is_one_document_a_tick(cli: Any) -> None:
    ran = cli("serve", "--json")
    assert len(ran.out.splitlines()) == 1
    assert list(ran.json) == ["tasks", "summary", "held", "next_due"]


def test_version_and_help(cli: Any) -> None:
    assert cli("--version").out.startswith("robotrader 0.")
    assert cli("--help").code == 0
    assert "run-task" in cli("-h").out
    assert "--sandbox-fault" in cli("run-task", "--help").out


def test_a_task_that_waits_is_shown_with_its_reason(cli: Any, double: Any, make: Any) -> None:
    later = make.task().slot + timedelta(days=1)
    task = make.task(status=TaskStatus.DEFERRED, reason="budget spent", not_before=later, finished_at=None)
    double.report = RunReport((TaskOutcome(task, exit_code=6),))
    ran = cli("run-task", "earnings", "SBIN")
    assert ran.code == 6
    assert "budget spent" in ran.out
    assert "Not before" in ran.out
