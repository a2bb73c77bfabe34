"""Who answers: Perplexity where keys are set, else the embedded sandbox. Heavy parts are imported when first used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from robotrader.core.background_scheduler.models import Dataset, Task
from robotrader.core.background_scheduler.processors.processor import Outcome, Processor
from robotrader.core.background_scheduler.stores.limits_store import LimitsStore
from robotrader.core.clock import Clock
from robotrader.core.errors import ConfigurationError
from robotrader.settings import PerplexitySettings, Settings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.clients.perplexity_client import PerplexityClient
    from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
    from robotrader.core.background_scheduler.records import ParseResult


def provider_of(settings: Settings) -> str:
    """Who answers questions."""
    return "perplexity" if settings.live else "sandbox"


def market_source_of(settings: Settings) -> str:
    """Who gives quotes: ``kite``, ``sandbox`` (simulated prices), or empty for nobody.

    Simulated prices never stand beside real research unless the owner says so.
    """
    source = settings.market.source
    if source != "auto":
        return source
    if settings.kite.api_key:
        return "kite"
    return "" if settings.live else "sandbox"


def account_of(settings: Settings) -> str:
    """Whose positions are watched and traded: ``kite``, or the paper account over the quotes that there are."""
    if settings.trading.mode == "live":
        return "kite"
    return "sandbox" if market_source_of(settings) == "sandbox" else "paper"


class LazyProcessor:
    """A processor that is made, with all it needs, when its first task runs: an idle tick never pays for it.

    Args:
        expect: called when tasks for it were claimed.
    """

    def __init__(self, make: Callable[[], Awaitable[Processor]], expect: Callable[[], None] = lambda: None) -> None:
        self._make = make
        self.expect = expect
        self._made: Processor | None = None

    async def process(self, task: Task, deadline: float) -> Outcome:
        """Run one claimed task; raises what making the processor, or the processor itself, raises."""
        if self._made is None:
            self._made = await self._make()
        return await self._made.process(task, deadline)


class LazyClient:
    """The research client, made (and its HTTP library imported) when the first question is asked."""

    def __init__(self, make: Callable[[], PerplexityClient]) -> None:
        self._make = make
        self._client: PerplexityClient | None = None

    def get(self) -> PerplexityClient:
        """The client."""
        if self._client is None:
            self._client = self._make()
        return self._client

    async def close(self) -> None:
        """Close its connections, where any were made."""
        if self._client is not None:
            await self._client.aclose()


def make_client(settings: Settings, limits: LimitsStore, clock: Clock) -> PerplexityClient:
    """The client of whoever answers.

    Raises:
        ConfigurationError: live, and no key is set; or an unknown sandbox fault.
    """
    from robotrader.core.background_scheduler.clients.perplexity_client import PerplexityClient
    from robotrader.core.background_scheduler.clients.seats import Seats

    check_keys(settings)
    seats = Seats(settings.scheduler.concurrency)
    if settings.live:
        return PerplexityClient(settings.perplexity, limits=limits, clock=clock, seats=seats)
    from robotrader.sandbox.limits import SandboxLimits
    from robotrader.sandbox.transport import SandboxTransport

    config = PerplexitySettings(api_keys=("sandbox",), read_timeout_seconds=5.0)  # a rehearsed silence need not be long
    transport = SandboxTransport(settings.sandbox.fault, clock=clock)
    return PerplexityClient(
        config, limits=SandboxLimits(), clock=clock, seats=seats, transport=transport, provider="sandbox"
    )


def check_keys(settings: Settings) -> None:
    """See that whoever answers can be asked.

    Raises:
        ConfigurationError: live, and no key is set.
    """
    if settings.live and not settings.perplexity.api_keys:
        raise ConfigurationError(
            "no key for Perplexity is set", remedy='set PERPLEXITY_API_KEYS, or provider = "sandbox" in config.toml'
        )


def symbol_check(settings: Settings) -> Callable[[str], None]:
    """What refuses symbols that the provider cannot know."""

    def known_to_sandbox(symbol: str) -> None:
        from robotrader.sandbox.facts import check_symbol

        check_symbol(symbol)

    return (lambda _: None) if settings.live else known_to_sandbox


def parser_of(dataset: str) -> Callable[[str, str | None], ParseResult[Any]]:
    """Today's parser of a dataset, imported now.

    Most answers are in our own schema and need none of the layers, whose import takes long.
    """
    if dataset == Dataset.NEWS:
        from robotrader.core.background_scheduler.parsers.news import parse_news

        return parse_news
    from robotrader.core.background_scheduler.parsers import own_schema

    if dataset == Dataset.FUNDAMENTALS:
        return lambda text, symbol: own_schema.read_fundamentals(text, symbol) or _fundamentals_layers(text, symbol)
    return lambda text, symbol: own_schema.read_earnings(text, symbol) or _earnings_layers(text, symbol)


def _earnings_layers(text: str, symbol: str | None) -> ParseResult[Any]:
    from robotrader.core.background_scheduler.parsers.earnings import read_layers

    return read_layers(text, symbol)


def _fundamentals_layers(text: str, symbol: str | None) -> ParseResult[Any]:
    from robotrader.core.background_scheduler.parsers.fundamental_analysis import read_layers

    return read_layers(text, symbol)


def calendar_of(home: Path) -> MarketCalendar:
    """The trading calendar of a home, read when something first asks for it.

    Raises:
        ConfigurationError: the owner's calendar file is wrong.
    """
    from robotrader.core.background_scheduler.stores import calendar_file

    return calendar_file.load(home)
