"""Who asks about symbols and reads the answers; all of it imported when the first task runs."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from robotrader.core.background_scheduler.config.task_specs import TaskSpec
from robotrader.core.background_scheduler.models import TaskType
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.limits_store import LimitsStore
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.core.background_scheduler.stores.stock_state_store import StockStateStore
from robotrader.core.clock import Clock
from robotrader.core.di import DependencyContainer
from robotrader.providers import LazyClient, make_client, parser_of, symbol_check
from robotrader.settings import Settings

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.clients.perplexity_client import PerplexityClient
    from robotrader.core.background_scheduler.processors.dataset_processor import DatasetProcessor
    from robotrader.core.background_scheduler.processors.research import Research
    from robotrader.core.background_scheduler.records import ParseResult

log = logging.getLogger(__name__)
FOLDER = "robotrader.core.background_scheduler.processors"
TRANSPORT = "robotrader.core.background_scheduler.clients.http_transport"
CLIENT = "robotrader.core.background_scheduler.clients.perplexity_client"
FILES = "aiofiles.os"
READ_AHEAD_SECONDS = 0.1
"""By then the first questions are on their way, and nobody has anything to do until the first answers come."""

PROCESSORS = {
    TaskType.EARNINGS_ANALYSIS: "earnings_processor:EarningsProcessor",
    TaskType.NEWS_PROCESSING: "news_processor:NewsProcessor",
    TaskType.FUNDAMENTAL_ANALYSIS: "fundamental_analyzer:FundamentalAnalyzer",
}


def register_research(
    container: DependencyContainer, settings: Settings, clock: Clock, specs: Mapping[TaskType, TaskSpec]
) -> None:
    """The client, and the processor of each dataset."""

    async def research(c: DependencyContainer) -> Research:
        from robotrader.core.background_scheduler.processors.research import Research

        return Research(
            (await c.get(LazyClient)).get,
            clock,
            states=await c.get(StockStateStore),
            ledger=await c.get(PaidCallStore),
            documents=await c.get(DocumentStore),
            prompts=settings.home / "prompts",
            check_symbol=symbol_check(settings),
            billed=settings.live,
            at_once=settings.scheduler.concurrency,
        )

    async def client(c: DependencyContainer) -> LazyClient:
        limits, imports = await c.get(LimitsStore), await c.get(ImportsAhead)

        def make() -> PerplexityClient:
            made = make_client(settings, limits, clock)
            imports.ask()
            return made

        return LazyClient(make)

    async def processor(c: DependencyContainer, kind: TaskType) -> DatasetProcessor[Any]:
        from robotrader.core.background_scheduler.processors.research import Research

        spec, make = specs[kind], processor_class(kind)
        return make(await c.get(Research), partial(_parse, spec.dataset.value), clock, spec)

    async def imports_ahead(_: DependencyContainer) -> ImportsAhead:
        return ImportsAhead(live=settings.live)

    container.register_singleton(ImportsAhead, imports_ahead)
    container.register_singleton(LazyClient, client)
    container.register_place(f"{FOLDER}.research:Research", research)
    for kind, place in PROCESSORS.items():
        container.register_place(f"{FOLDER}.{place}", partial(processor, kind=kind))


class ImportsAhead:
    """Imports, in a thread, what claimed tasks will need: the HTTP library at once, later what keeps and reads answers.

    Args:
        live: whether questions leave the machine.
    """

    def __init__(self, *, live: bool) -> None:
        self._live = live
        self._expected: set[TaskType] = set()

    def expect(self, kind: TaskType) -> None:
        """Tasks of a type were claimed."""
        if self._live and not self._expected:
            _in_a_thread(_http)
        self._expected.add(kind)

    def ask(self) -> None:
        """The first question is about to leave."""
        asyncio.get_running_loop().call_later(READ_AHEAD_SECONDS, _in_a_thread, self._readers)

    def _readers(self) -> None:
        import_module(FILES)  # the first answer is archived before it is read
        for kind in tuple(self._expected):
            parser_of(processor_class(kind).dataset.value)


def _http() -> None:
    """It takes longest, and half of that goes into certificates, which are read without Python."""
    # httpx brings along its own command line, with rich and pygments, where click happens to be installed.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    for module in (TRANSPORT, CLIENT):
        import_module(module)


def _in_a_thread(work: Callable[[], None]) -> None:
    """No command waits for it at its end: the tasks may need nothing of it."""

    def quietly() -> None:
        try:
            work()
        except (ImportError, OSError) as error:  # whoever needs the module meets it too
            log.debug("nothing was imported ahead: %r", error)

    threading.Thread(target=quietly, daemon=True).start()


def processor_class(kind: TaskType) -> type[DatasetProcessor[Any]]:
    """Who runs a task type, imported now."""
    module, _, name = PROCESSORS[kind].partition(":")
    found: type[DatasetProcessor[Any]] = getattr(import_module(f"{FOLDER}.{module}"), name)
    return found


def _parse(dataset: str, text: str, symbol: str | None) -> ParseResult[Any]:
    return parser_of(dataset)(text, symbol)
