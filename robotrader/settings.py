"""The settings tree: frozen values, passed to constructors as ``config``.

Defaults < ``config.toml`` in the home < environment (``ROBOTRADER_PERPLEXITY__BASE_URL``: prefix, then the path with two
underscores between names) < options. ``load()`` is the only reader of the environment and is called by ``bootstrap`` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le


@dataclass(frozen=True, slots=True)
class PerplexitySettings:
    """How Perplexity, or a gateway that speaks one of its dialects, is asked."""

    base_url: str = "https://api.perplexity.ai"
    dialect: Literal["agent", "chat"] = "agent"
    model: str = "perplexity/sonar"
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    requests_per_minute: Annotated[int, Ge(1)] = 50
    search_context_size: Literal["low", "medium", "high"] = "medium"
    max_output_tokens: Annotated[int, Ge(256)] = 4096
    connect_timeout_seconds: Annotated[float, Gt(0)] = 10.0
    read_timeout_seconds: Annotated[float, Gt(0)] = 60.0
    max_attempts: Annotated[int, Ge(1), Le(10)] = 4
    max_body_bytes: Annotated[int, Ge(1024)] = 5_000_000
    breaker_failures: Annotated[int, Ge(1)] = 5
    breaker_seconds: Annotated[float, Gt(0)] = 60.0


@dataclass(frozen=True, slots=True)
class KiteSettings:
    """Zerodha Kite Connect."""

    base_url: str = "https://api.kite.trade"
    api_key: str = field(default="", repr=False)
    api_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """The most that may be spent on paid calls per IST day and calendar month; 0 allows none, None sets no limit."""

    daily_usd: Annotated[Decimal, Ge(Decimal(0))] | None = Decimal("25")
    monthly_usd: Annotated[Decimal, Ge(Decimal(0))] | None = Decimal("100")
    daily_calls: Annotated[int, Ge(0)] | None = 5_000
    monthly_calls: Annotated[int, Ge(0)] | None = 50_000
    reserve_usd: Annotated[Decimal, Ge(Decimal(0))] = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class SchedulerSettings:
    """How tasks are claimed and run."""

    lease_seconds: Annotated[float, Ge(1)] = 60.0
    concurrency: Annotated[int, Ge(1), Le(500)] = 10
    stop_grace_seconds: Annotated[float, Ge(0)] = 20.0


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """One row of the schedule table; None keeps the row's own default."""

    enabled: bool | None = None
    trigger: str | None = None
    fresh_hours: Annotated[float, Ge(0)] | None = None
    timeout_seconds: Annotated[float, Gt(0)] | None = None
    max_attempts: Annotated[int, Ge(1), Le(10)] | None = None
    concurrency: Annotated[int, Ge(1), Le(500)] | None = None


@dataclass(frozen=True, slots=True)
class SchedulesSettings:
    """The schedule of each task type."""

    earnings: ScheduleSettings = ScheduleSettings()


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """SQLite. FULL survives a power cut at any instant; NORMAL may lose the last transactions then (never on a crash)."""

    synchronous: Literal["FULL", "NORMAL"] = "FULL"
    busy_timeout_seconds: Annotated[float, Gt(0)] = 30.0


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """The embedded provider. ``fault`` names a failure to rehearse, empty for none."""

    fault: str = ""


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    """What goes to ``logs/robotrader.log``."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the program was told, and where its home is.

    ``provider`` is ``auto`` (Perplexity where keys are set, else the sandbox), ``sandbox`` or ``perplexity``.
    """

    home: Path
    provider: Literal["auto", "sandbox", "perplexity"] = "auto"
    perplexity: PerplexitySettings = PerplexitySettings()
    kite: KiteSettings = KiteSettings()
    budget: BudgetSettings = BudgetSettings()
    scheduler: SchedulerSettings = SchedulerSettings()
    schedules: SchedulesSettings = SchedulesSettings()
    database: DatabaseSettings = DatabaseSettings()
    sandbox: SandboxSettings = SandboxSettings()
    logging: LoggingSettings = LoggingSettings()

    @property
    def live(self) -> bool:
        """Whether questions go to Perplexity; False means the sandbox answers."""
        return self.provider == "perplexity" or (self.provider == "auto" and bool(self.perplexity.api_keys))


def load(environ: Mapping[str, str] | None = None) -> Settings:
    raise NotImplementedError
