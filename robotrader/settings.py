"""The settings tree: frozen values, passed to constructors as ``config``.

Defaults < ``config.toml`` in the home < environment (``ROBOTRADER_PERPLEXITY__BASE_URL``: prefix, then the path with
two underscores between names) < options. ``load()`` is the only reader of the environment and is called at the start
alone.

What the tree says is all there is: the checks, the template of the file and its explanations are made from it. Checking
loads pydantic, so what was found valid is kept in ``.settings.json`` until the file, the environment or the program
changes. That file never holds a secret; secrets (the fields left out of ``repr``) are read anew each time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

from robotrader import settings_input

if TYPE_CHECKING:
    from robotrader.settings_edit import Change


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The smallest number allowed."""

    limit: float


@dataclass(frozen=True, slots=True)
class MoreThan:
    """A number below all that are allowed."""

    limit: float


@dataclass(frozen=True, slots=True)
class AtMost:
    """The greatest number allowed."""

    limit: float


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A URL with a host, of one of these schemes; a slash at its end is dropped."""

    schemes: tuple[str, ...] = ("http", "https")


Count = Annotated[int, AtLeast(0)]
Usd = Annotated[Decimal, AtLeast(0)]
Seconds = Annotated[float, MoreThan(0), AtMost(86_400)]
Hours = Annotated[float, AtLeast(0), AtMost(100_000)]
Attempts = Annotated[int, AtLeast(1), AtMost(10)]
Concurrency = Annotated[int, AtLeast(1), AtMost(500)]
Percent = Annotated[Decimal, MoreThan(0), AtMost(100)]
Rupees = Annotated[Decimal, MoreThan(0)]


@dataclass(frozen=True, slots=True)
class PerplexitySettings:
    """How Perplexity, or a gateway that speaks one of its dialects, is asked."""

    base_url: Annotated[str, WebAddress(), "Where requests go."] = "https://api.perplexity.ai"
    dialect: Annotated[Literal["agent", "chat"], "agent (POST /v1/agent), or chat for compatible gateways."] = "agent"
    model: Annotated[str, "The model asked."] = "perplexity/sonar"
    api_keys: Annotated[tuple[str, ...], "API keys, used in turn; better kept in PERPLEXITY_API_KEYS."] = field(
        default=(), repr=False
    )
    requests_per_minute: Annotated[int, AtLeast(1), "Most requests a minute with one key, over all processes."] = 50
    search_context_size: Annotated[Literal["low", "medium", "high"], "How much the search reads: price and depth."] = (
        "medium"
    )
    max_output_tokens: Annotated[int, AtLeast(256), "The longest answer, in tokens."] = 4096
    connect_timeout_seconds: Annotated[Seconds, "The longest wait for a connection."] = 10.0
    read_timeout_seconds: Annotated[Seconds, "The longest silence while an answer is awaited."] = 60.0
    max_attempts: Annotated[Attempts, "Tries of one question, where trying again costs nothing."] = 4
    max_body_bytes: Annotated[int, AtLeast(1024), "The largest answer accepted."] = 5_000_000
    breaker_failures: Annotated[int, AtLeast(1), "Failures in a row after which the service is left alone."] = 5
    breaker_seconds: Annotated[Seconds, "For how long it is left alone."] = 60.0


@dataclass(frozen=True, slots=True)
class KiteSettings:
    """Zerodha Kite Connect."""

    base_url: Annotated[str, WebAddress(), "Where requests go."] = "https://api.kite.trade"
    api_key: Annotated[str, "The app's key; better kept in KITE_API_KEY."] = field(default="", repr=False)
    api_secret: Annotated[str, "The app's secret; better kept in KITE_API_SECRET."] = field(default="", repr=False)
    stream_url: Annotated[str, WebAddress(("ws", "wss")), "Where live ticks come from."] = "wss://ws.kite.trade"


@dataclass(frozen=True, slots=True)
class TradingSettings:
    """Whether orders are real, and what every order must keep to. The paper broker is the default."""

    mode: Annotated[
        Literal["paper", "live"], "paper, or live: real orders, which need --live on the command as well."
    ] = "paper"
    orders_per_minute: Annotated[int, AtLeast(1), AtMost(400), "Most orders a minute, over all processes."] = 10
    max_order_inr: Annotated[Rupees | None, "The largest order in rupees; exits of risk rules excepted."] = None
    market_protection_pct: Annotated[
        Decimal, MoreThan(0), AtMost(20), "How far from the last price a market order may be filled, in percent."
    ] = Decimal(2)
    stale_quote_seconds: Annotated[Seconds, "Older quotes decide nothing while the market is open."] = 120.0
    settle_seconds: Annotated[Seconds, "How long after a doubt the silence of the order book counts."] = 10.0


@dataclass(frozen=True, slots=True)
class PaperSettings:
    """The paper broker."""

    cash_inr: Annotated[Rupees, "What a new paper account begins with, in rupees."] = Decimal(1_000_000)
    square_off: Annotated[str, "When intraday positions are closed (IST, HH:MM)."] = "15:10"


@dataclass(frozen=True, slots=True)
class MarketSettings:
    """Where quotes come from, and what is told of them."""

    source: Annotated[
        Literal["auto", "kite", "sandbox"],
        "auto (Kite where its key is set, else the sandbox where it answers questions too), kite or sandbox.",
    ] = "auto"
    ticks: Annotated[
        bool,
        "Whether serve listens to live ticks of Kite, so that less is asked for (needs the extra ticks, a paid plan).",
    ] = False
    move_pct: Annotated[Percent, "A move from the previous close that is told, in percent; then each further one."] = (
        Decimal(3)
    )
    volume_times: Annotated[
        Decimal, MoreThan(1), AtMost(1000), "How many times a usual day's volume is told as a spike."
    ] = Decimal(3)


@dataclass(frozen=True, slots=True)
class BudgetSettings:
    """The most that may be spent on paid calls per IST day and calendar month; 0 allows none, "none" sets no limit."""

    daily_usd: Annotated[Usd | None, "US dollars a day."] = Decimal(25)
    monthly_usd: Annotated[Usd | None, "US dollars a month."] = Decimal(100)
    daily_calls: Annotated[Count | None, "Paid calls a day."] = 5_000
    monthly_calls: Annotated[Count | None, "Paid calls a month."] = 50_000
    reserve_usd: Annotated[Usd, "What a call under way is taken to cost until its bill is known."] = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class SchedulerSettings:
    """How tasks are claimed and run."""

    lease_seconds: Annotated[
        float, AtLeast(1), AtMost(86_400), "After this long without renewal a task counts as abandoned."
    ] = 60.0
    concurrency: Annotated[Concurrency, "Paid calls on their way at the same time in one process."] = 10
    stop_grace_seconds: Annotated[float, AtLeast(0), AtMost(86_400), "How long a stop waits for running tasks."] = 20.0


@dataclass(frozen=True, slots=True)
class ScheduleSettings:
    """One row of the schedule table."""

    enabled: Annotated[bool, "Whether it runs by itself."] = True
    trigger: Annotated[
        str,
        "When (IST): every 15m, daily 19:30, cron 30 8 * * 1-5, every 5m while open, at 08:30 on trading days,"
        " 15m after close.",
    ] = "daily 19:30"
    fresh_hours: Annotated[Hours, "For how long an answer needs no asking again."] = 168.0
    fresh_hours_for: Annotated[Mapping[str, Hours], 'The same for single symbols: { "SBIN" = 12, "M&M" = 6 }.'] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )
    batch: Annotated[int, AtLeast(1), AtMost(20), "Symbols asked for in one paid call; 1 asks for each by itself."] = 1
    timeout_seconds: Annotated[Seconds, "The longest one run may take."] = 150.0
    max_attempts: Annotated[Attempts, "Runs in all, where the failure was a passing one."] = 3
    concurrency: Annotated[Concurrency, "Paid calls on their way at the same time in one process."] = 50


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """One row of the schedule table for work that has no symbol."""

    enabled: Annotated[bool, "Whether it runs by itself."] = True
    trigger: Annotated[str, "When (IST), as above."] = "every 1m while open"
    timeout_seconds: Annotated[Seconds, "The longest one run may take."] = 50.0
    max_attempts: Annotated[Attempts, "Runs in all, where the failure was a passing one."] = 1


@dataclass(frozen=True, slots=True)
class SchedulesSettings:
    """The schedule of each task type."""

    earnings: ScheduleSettings = ScheduleSettings()
    # Less than a day, or each day's fetch would wait for the time of day at which the first one happened to be.
    news: ScheduleSettings = ScheduleSettings(trigger="daily 08:00", fresh_hours=20.0)
    fundamentals: ScheduleSettings = ScheduleSettings(trigger="daily 20:00")
    market: WatchSettings = WatchSettings(trigger="every 5m while open")
    risk: WatchSettings = WatchSettings()
    health: WatchSettings = WatchSettings(enabled=False, trigger="daily 07:00", timeout_seconds=60.0)


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """SQLite. FULL survives a power cut at any instant; NORMAL may lose the last changes then (never on a crash)."""

    synchronous: Annotated[Literal["FULL", "NORMAL"], "FULL or NORMAL."] = "FULL"
    busy_timeout_seconds: Annotated[Seconds, "How long to wait for another process to finish writing."] = 30.0


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """The embedded provider."""

    fault: Annotated[str, "A failure to rehearse, empty for none."] = ""


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    """What goes to ``logs/robotrader.log``."""

    level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], "DEBUG, INFO, WARNING or ERROR."] = "INFO"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the program was told, and where its home is."""

    home: Path
    provider: Annotated[
        Literal["auto", "sandbox", "perplexity"],
        "Who answers: auto (Perplexity where keys are set, else the sandbox), sandbox or perplexity.",
    ] = "auto"
    perplexity: PerplexitySettings = PerplexitySettings()
    kite: KiteSettings = KiteSettings()
    trading: TradingSettings = TradingSettings()
    paper: PaperSettings = PaperSettings()
    market: MarketSettings = MarketSettings()
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


class SettingRow(NamedTuple):
    """One setting as it is shown: secrets only counted; ``origin`` is default, file, env or option."""

    key: str
    value: str
    origin: str


def load(
    environ: Mapping[str, str] | None = None,
    *,
    home: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Read the settings. ``overrides`` is a nested mapping that wins over all else; nothing is made that is not there.

    Raises:
        ConfigurationError: the file cannot be read, or something set is unknown or wrong; the message never holds a
        secret.
    """
    given = settings_input.gather(os.environ if environ is None else environ, home, overrides)
    found = settings_input.recall(given)
    if found is None:
        from robotrader import settings_validation  # pydantic takes longer than all the rest

        found = settings_validation.validated(given)
        settings_validation.keep(given, found)
    defaults = Settings(given.home)
    secret = settings_input.secrets(given, found.secrets_in_file, defaults)
    return settings_input.changed(defaults, {**found.values, **{key: value for key, (value, _) in secret.items()}})


def bare(environ: Mapping[str, str] | None = None, *, home: Path | None = None) -> Settings:
    """The defaults over the home alone, for what must work while the settings are wrong.

    Raises:
        ConfigurationError: the home cannot be found.
    """
    return Settings(settings_input.gather(os.environ if environ is None else environ, home, None).home)


def describe(
    environ: Mapping[str, str] | None = None,
    *,
    home: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> tuple[SettingRow, ...]:
    """Every setting with its value and where that comes from. Raises as ``load``."""
    from robotrader import settings_validation

    return settings_validation.rows(settings_input.gather(os.environ if environ is None else environ, home, overrides))


def change(
    wanted: Mapping[str, Any],
    check: Callable[[Settings], None],
    environ: Mapping[str, str] | None = None,
    *,
    home: Path | None = None,
) -> Change:
    """Set keys of ``config.toml`` (dotted; None takes one out), made where there is none; comments and order stay.

    Raises:
        ConfigurationError: the environment sets one of them, or the new file would be wrong; it is not written then.
        ResourceError: it cannot be written.
    """
    from robotrader import settings_edit

    given = settings_input.gather(os.environ if environ is None else environ, home, None)
    return settings_edit.apply(given, wanted, check)


def template() -> str:
    """A ``config.toml`` that sets nothing and explains everything."""
    from robotrader import settings_template

    return settings_template.template()
