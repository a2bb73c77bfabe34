"""The commands with a double of the program behind them: no database, no network, no clock."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from robotrader.cli.app import execute
from robotrader.cli.run import Session
from robotrader.core.background_scheduler.models import RunReport, Task, TaskOutcome, TaskStatus, TaskType
from robotrader.core.errors import NoDataError, NotFoundError
from robotrader.core.services.views import (
    BudgetView,
    Check,
    EarningsView,
    EventView,
    FundamentalsView,
    NewsView,
    PlannedRun,
    PlanView,
    ReparseView,
    ReportView,
    SearchHit,
    StatusView,
    SymbolReport,
    UpcomingRow,
    WatchRow,
    WhyView,
)
from robotrader.settings import PerplexitySettings, SandboxSettings, Settings

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
TASK_ID = "019ab7f0-1111-7abc-8def-000000000001"
DOCUMENT_ID = "019ab7f0-2222-7abc-8def-000000000002"
SECRET = "pplx-thisisasecretkey"

RECORD: Mapping[str, Any] = {
    "symbol": "SBIN",
    "company": "State Bank of India",
    "fiscal_year": 2026,
    "fiscal_quarter": 2,
    "period_end": "2025-09-30",
    "basis": "consolidated",
    "revenue_inr": Decimal(1349794700000),
    "net_profit_inr": Decimal(201600000000),
    "ebitda_inr": None,
    "eps_inr": Decimal("22.83"),
    "revenue_yoy_pct": Decimal("4.2"),
    "profit_yoy_pct": Decimal(-10),
    "revenue_qoq_pct": None,
    "profit_qoq_pct": None,
    "net_margin_pct": Decimal("14.94"),
    "report_date": "2025-11-04",
    "next_earnings_date": None,
    "dividend_per_share_inr": None,
    "guidance": "Credit growth of 12 to 14%",
    "currency": "INR",
    "surprise_pct": None,
}
SOURCES = ({"title": "SBI results [Q2]", "url": "https://example.com/sbi-q2", "date": "2025-11-04"},)
STORY: Mapping[str, Any] = {
    "headline": "SBI raises ₹7,500 crore through tier 2 bonds",
    "summary": "The bank placed Basel III compliant bonds with a tenor of 15 years.",
    "published_at": "2026-11-21T13:30:00+05:30",
    "source": "Business Standard",
    "url": "https://example.com/markets/sbi-raises-7-500-crore-through-basel-iii-compliant-tier-2-bonds-126112100345",
    "sentiment": None,
    "category": "m_and_a",
    "impact": "high",
    "key_figures": ("₹7,500 crore", "6.93 %"),
    "symbols": ("SBIN",),
}
PLAIN_STORY: Mapping[str, Any] = {
    **dict.fromkeys(STORY),
    "headline": "State Bank opens a branch in Leh",
    "published_at": "2026-11-20",
    "key_figures": (),
    "symbols": (),
}
RATIOS: Mapping[str, Any] = {
    "symbol": "SBIN",
    "as_of": "2026-09-30",
    "pe": Decimal("11.7"),
    "pb": Decimal("1.52"),
    "roe_pct": Decimal("17.2"),
    "roce_pct": None,
    "roa_pct": Decimal("1.1"),
    "debt_to_equity": Decimal(0),
    "current_ratio": None,
    "dividend_yield_pct": Decimal("1.71"),
    "market_cap_inr": Decimal(8567891200000),
    "eps_ttm_inr": Decimal(54),
    "book_value_inr": Decimal("524.3"),
    "sales_growth_pct": Decimal("7.5"),
    "profit_growth_pct": Decimal("-3.25"),
    "promoter_holding_pct": Decimal("55.5"),
    "fair_value_inr": Decimal(950),
    "recommendation": "Buy",
    "strengths": ("Largest branch network in India", "Low cost of deposits, with a share of current accounts of 40 %"),
    "weaknesses": ("Slippages in farm loans",),
    "opportunities": None,
    "threats": (),
}
DOUBT: Mapping[str, Any] = {
    "field": "pe",
    "check": "pe_times_eps",
    "message": "P/E 11.7 x EPS ₹54 gives ₹632, but market cap and book value give ₹960",
}


def story(**changes: Any) -> NewsView:
    """A stored story, changed as asked."""
    seen = NOW - timedelta(hours=2)
    found = NewsView("4f2a91c07be1", "SBIN", STORY, "sandbox", NOW - timedelta(hours=3), seen, "regex", (DOCUMENT_ID,))
    return found._replace(**changes)


def reading(**changes: Any) -> FundamentalsView:
    """A stored reading of fundamentals, changed as asked."""
    fetched = NOW - timedelta(hours=3)
    found = FundamentalsView("SBIN", RATIOS, (DOUBT,), "sandbox", DOCUMENT_ID, fetched, "structured", SOURCES)
    return found._replace(**changes)


def task(**changes: Any) -> Task:
    """A task that is done, changed as asked."""
    done = Task(
        id=TASK_ID,
        type=TaskType.EARNINGS_ANALYSIS,
        symbol="SBIN",
        slot=NOW - timedelta(hours=3),
        status=TaskStatus.COMPLETED,
        created_at=NOW - timedelta(hours=3),
        correlation_id="019ab7f0-3333-7abc-8def-000000000003",
        attempts=1,
        started_at=NOW - timedelta(seconds=5),
        finished_at=NOW - timedelta(seconds=3),
        provider="sandbox",
        paid_calls=1,
        cost_usd=Decimal("0.0061"),
        strategy="structured",
        document_id=DOCUMENT_ID,
    )
    return done._replace(**changes)


def done(symbol: str = "SBIN", **changes: Any) -> TaskOutcome:
    """A task that ended with a record."""
    return TaskOutcome(task(symbol=symbol, **changes), record={**RECORD, "symbol": symbol})


def failed(
    symbol: str,
    exit_code: int = 4,
    code: str = "RATE_LIMIT",
    message: str = "refused with 429",
    remedy: str | None = None,
) -> TaskOutcome:
    """A task that ended without."""
    error = {
        "code": code,
        "category": "API",
        "severity": "MEDIUM",
        "message": message,
        "recoverable": True,
        "retry_after_seconds": 30.0,
        "remedy": remedy,
    }
    ended = task(symbol=symbol, status=TaskStatus.FAILED, error=error, strategy=None, document_id=None, cost_usd=None)
    return TaskOutcome(ended, exit_code=exit_code)


@dataclass
class Double:
    """Everything the commands can ask for, as fields a test sets, and what they did ask for."""

    report: RunReport = field(default_factory=lambda: RunReport((done(),)))
    plan_view: PlanView = field(
        default_factory=lambda: PlanView("sandbox", (), Decimal(0), Decimal(25), 5000, NOW + timedelta(hours=3))
    )
    outcome: TaskOutcome = field(default_factory=done)
    views: tuple[EarningsView, ...] = field(
        default_factory=lambda: (
            EarningsView(RECORD, "sandbox", DOCUMENT_ID, NOW - timedelta(hours=3), "structured", SOURCES),
            EarningsView({**RECORD, "fiscal_quarter": 1}, "sandbox", "older", NOW - timedelta(days=95), "regex", ()),
        )
    )
    why_view: WhyView = field(
        default_factory=lambda: WhyView(
            "SBIN",
            "eps_inr",
            Decimal("22.83"),
            "Q2 FY26 consolidated",
            "sandbox",
            "structured",
            '"eps_inr": 22.83',
            120,
            DOCUMENT_ID,
            f"2026/11/{DOCUMENT_ID}.json",
            NOW - timedelta(hours=3),
            SOURCES,
        )
    )
    reparse_view: ReparseView = field(
        default_factory=lambda: ReparseView(
            3,
            1,
            0,
            (
                {
                    "document_id": "d",
                    "symbol": "SBIN",
                    "before": {"eps_inr": None},
                    "after": {"eps_inr": Decimal("22.83")},
                },
            ),
        )
    )
    watched: list[str] = field(default_factory=lambda: ["SBIN", "TCS"])
    status_view: StatusView = field(
        default_factory=lambda: StatusView(
            provider="sandbox",
            home="/home/x/robotrader",
            initialization="ready",
            watchlist=2,
            waiting=1,
            running=0,
            today={"completed": 2, "failed": 1},
            unknown_calls=1,
            dead_events=2,
            budget=BudgetView(Decimal("0.0122"), Decimal("1.5"), 2, 250, Decimal(25), None, 5000, None),
            keys=(
                {
                    "fingerprint": "ab12cd34",
                    "cool_until": NOW + timedelta(minutes=5),
                    "removed": False,
                    "reason": "429",
                },
            ),
            last_tick=NOW - timedelta(minutes=15),
            next_due=NOW + timedelta(hours=3),
            serve_running=False,
            recent=(
                {
                    "id": TASK_ID,
                    "type": "EARNINGS_ANALYSIS",
                    "symbol": "SBIN",
                    "status": "COMPLETED",
                    "finished_at": NOW,
                },
            ),
        )
    )
    checks: tuple[Check, ...] = (Check("configuration", "ok", "valid"), Check("database", "ok", "writable"))
    news_views: tuple[NewsView, ...] = field(
        default_factory=lambda: (
            story(),
            story(id="5a0b", symbol="TCS", record=PLAIN_STORY),
            story(id="6c1d", record={**PLAIN_STORY, "published_at": None, "headline": "A third story"}),
        )
    )
    readings: tuple[FundamentalsView | None, ...] = field(
        default_factory=lambda: (
            reading(),
            reading(symbol="TCS", record={**RATIOS, "symbol": "TCS", "roce_pct": Decimal(64), "pb": None}, doubts=()),
        )
    )
    hits: tuple[SearchHit, ...] = field(
        default_factory=lambda: (
            SearchHit(
                "news",
                "4f2a91c07be1",
                "SBIN",
                "sandbox",
                NOW - timedelta(hours=3),
                "SBI raises ₹7,500 crore through tier 2 bonds",
                "… compliant tier 2 \x02bonds\x03 with a tenor of 15 years …",
            ),
            SearchHit("answer", DOCUMENT_ID, "TCS", "perplexity", NOW - timedelta(days=3), "TCS news", "\x02bonds\x03"),
        )
    )
    upcoming_rows: tuple[UpcomingRow, ...] = field(
        default_factory=lambda: (
            UpcomingRow("SBIN", "2026-11-22", 1, NOW - timedelta(days=2), DOCUMENT_ID, "sandbox"),
            UpcomingRow("M&M", "2026-12-03", 12, NOW - timedelta(days=2), DOCUMENT_ID, "perplexity"),
            UpcomingRow("TCS", None, None, None, None, None),
            UpcomingRow("INFY", None, None, NOW - timedelta(days=2), DOCUMENT_ID, "sandbox"),
        )
    )
    event_views: tuple[EventView, ...] = field(
        default_factory=lambda: (
            EventView(
                "019ab7f0-4444-7abc-8def-000000000004",
                "task.completed",
                NOW,
                "executor",
                {"symbol": "SBIN"},
                "019ab7f0-3333-7abc-8def-000000000003",
                "dead",
                3,
                "handler failed",
            ),
        )
    )
    error: BaseException | None = None
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    settings: Settings | None = None
    event_bus: Any = None

    @asynccontextmanager
    async def open(self, settings: Settings) -> AsyncIterator[Double]:
        self.settings = settings
        yield self

    async def tasks(self) -> TasksDouble:
        return TasksDouble(self)

    async def research(self) -> ResearchDouble:
        return ResearchDouble(self)

    async def watchlist(self) -> WatchlistDouble:
        return WatchlistDouble(self)

    async def status(self) -> StatusDouble:
        return StatusDouble(self)

    def note(self, *words: Any) -> None:
        self.asked.append(words)
        if self.error is not None:
            raise self.error


@dataclass
class TasksDouble:
    app: Double

    async def run(self, word: str, symbols: Sequence[str], *, force: bool = False) -> RunReport:
        self.app.note("run", word, list(symbols), force)
        return self.app.report

    async def tick(self) -> RunReport:
        self.app.note("tick")
        return self.app.report

    async def plan(self) -> PlanView:
        self.app.note("plan")
        return self.app.plan_view

    async def serve(
        self,
        stop: Any,
        on_tick: Callable[[RunReport, datetime | None], None],
        before_tick: Callable[[], None],
    ) -> None:
        self.app.note("serve")
        before_tick()
        on_tick(self.app.report, self.app.plan_view.next_due)

    async def list_tasks(self, *, status: str | None = None, symbol: str | None = None, limit: int = 50) -> RunReport:
        self.app.note("list", status, symbol, limit)
        return self.app.report

    async def show(self, task_id: str) -> TaskOutcome:
        self.app.note("show", task_id)
        if task_id != self.app.outcome.task.id:
            raise NotFoundError(f"no task {task_id}", remedy="see robotrader tasks list")
        return self.app.outcome

    async def cancel(self, task_id: str) -> TaskOutcome:
        self.app.note("cancel", task_id)
        return self.app.outcome

    async def retry(self, task_id: str) -> RunReport:
        self.app.note("retry", task_id)
        return self.app.report


@dataclass
class ResearchDouble:
    app: Double

    async def earnings(self, symbol: str, *, limit: int = 8) -> tuple[EarningsView, ...]:
        self.app.note("earnings", symbol, limit)
        if not self.app.views:
            raise NoDataError(f"nothing is stored of {symbol} yet", remedy=f"robotrader run-task earnings {symbol}")
        return self.app.views

    async def news(self, symbol: str | None, *, since: datetime | None, limit: int) -> tuple[NewsView, ...]:
        self.app.note("news", symbol, since, limit)
        return self.app.news_views[:limit]

    async def fundamentals(self, symbol: str, *, limit: int = 8) -> tuple[FundamentalsView, ...]:
        self.app.note("fundamentals", symbol, limit)
        return tuple(found for found in self.app.readings if found is not None)[:limit]

    async def compare(self, symbols: Sequence[str]) -> tuple[FundamentalsView | None, ...]:
        self.app.note("compare", list(symbols))
        return (*self.app.readings, *[None] * len(symbols))[: len(symbols)]

    async def search(self, text: str, *, symbol: str | None, kind: str | None, limit: int) -> tuple[SearchHit, ...]:
        self.app.note("search", text, symbol, kind, limit)
        return self.app.hits[:limit]

    async def why(self, symbol: str, field: str) -> WhyView:
        self.app.note("why", symbol, field)
        return self.app.why_view

    async def reparse(self, dataset: str | None, symbol: str | None) -> ReparseView:
        self.app.note("reparse", dataset, symbol)
        return self.app.reparse_view


@dataclass
class WatchlistDouble:
    app: Double

    async def watch(self, symbols: Sequence[str]) -> tuple[str, ...]:
        self.app.note("watch", list(symbols))
        added = tuple(symbol for symbol in symbols if symbol not in self.app.watched)
        self.app.watched.extend(added)
        return added

    async def unwatch(self, symbols: Sequence[str]) -> tuple[str, ...]:
        self.app.note("unwatch", list(symbols))
        return tuple(symbol for symbol in symbols if symbol in self.app.watched)

    async def rows(self) -> tuple[WatchRow, ...]:
        ages = {"earnings": NOW - timedelta(days=2), "news": NOW - timedelta(hours=5), "fundamentals": None}
        return tuple(WatchRow(symbol, NOW - timedelta(days=3), ages) for symbol in self.app.watched)

    async def upcoming(self) -> tuple[UpcomingRow, ...]:
        self.app.note("upcoming")
        return self.app.upcoming_rows

    async def report(self, symbols: Sequence[str]) -> ReportView:
        self.app.note("report", list(symbols))
        first = self.app.upcoming_rows[0]
        known = SymbolReport("SBIN", self.app.views, (), self.app.news_views, first)
        return ReportView(NOW, "sandbox", (known,))


@dataclass
class StatusDouble:
    app: Double

    async def status(self) -> StatusView:
        self.app.note("status")
        return self.app.status_view

    async def doctor(self) -> tuple[Check, ...]:
        self.app.note("doctor")
        return self.app.checks

    async def forgive_keys(self) -> int:
        self.app.note("forgive")
        return 1

    async def events(self, **which: Any) -> tuple[EventView, ...]:
        self.app.note("events", which)
        return self.app.event_views

    async def event(self, event_id: str) -> EventView:
        self.app.note("event", event_id)
        return self.app.event_views[0]

    async def retry_events(self, event_id: str | None) -> int:
        self.app.note("retry_events", event_id)
        return 2


@dataclass(frozen=True)
class Ran:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out, parse_float=Decimal)


@dataclass
class Cli:
    """Runs command lines against the double."""

    double: Double
    home: Path
    capture: Any
    settings_error: Exception | None = None

    def __call__(self, *arguments: str) -> Ran:
        code = execute(arguments, Session(home=self.home, open_app=self.double.open, load=self._load, now=lambda: NOW))
        shown = self.capture.readouterr()
        return Ran(code, shown.out, shown.err)

    def _load(self, home: Path | None, overrides: Mapping[str, Any]) -> Settings:
        if self.settings_error is not None:
            raise self.settings_error
        fault = str(overrides.get("sandbox", {}).get("fault", ""))
        keys = PerplexitySettings(api_keys=(SECRET,))
        return Settings(home=home or self.home, provider="sandbox", perplexity=keys, sandbox=SandboxSettings(fault))


@pytest.fixture
def double() -> Double:
    return Double()


@pytest.fixture
def cli(double: Double, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    return Cli(double, tmp_path, capsys)


@pytest.fixture
def make() -> Any:
    """The makers of tasks and outcomes, for tests that need several."""

    class Makers:
        task = staticmethod(task)
        done = staticmethod(done)
        failed = staticmethod(failed)
        story = staticmethod(story)
        reading = staticmethod(reading)
        planned = staticmethod(
            lambda symbol: PlannedRun("EARNINGS_ANALYSIS", symbol, NOW, "never fetched", Decimal("0.0060"))
        )

    return Makers
