"""What is configured, reachable, writable and fresh; each finding with what to do about it."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar, warning
from robotrader.core.background_scheduler.stores.document_store import first_and_last, is_known
from robotrader.core.background_scheduler.stores.status_store import Snapshot, StatusStore
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import TradingError
from robotrader.settings import Settings

OK, WARNING, PROBLEM = "ok", "warning", "problem"

_LEAST_FREE_BYTES = 200_000_000
_REACH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; ``state`` is ok, warning or problem."""

    name: str
    state: str
    finding: str
    remedy: str | None = None


async def nothing_more() -> Sequence[Finding]:
    """What is found of trading, where there is none."""
    return ()


class HealthMonitor:
    """Looks at everything a run needs; nothing is asked of a paid service and nothing is spent.

    Args:
        trading: looks at what quotes and orders need.
    """

    def __init__(
        self,
        config: Settings,
        clock: Clock,
        db: DatabaseStateManager,
        status: StatusStore,
        *,
        provider: str,
        calendar: Callable[[], MarketCalendar],
        trading: Callable[[], Awaitable[Sequence[Finding]]] = nothing_more,
    ) -> None:
        self._calendar = calendar
        self._trading = trading
        self._config = config
        self._clock = clock
        self._db = db
        self._status = status
        self._provider = provider

    async def check(self) -> tuple[Finding, ...]:
        """Every finding, in the order a new user would want to read them."""
        findings = [self._provider_finding(), *await asyncio.to_thread(folder_findings, self._config.home)]
        findings.append(await self._database())
        findings.append(await self._archive())
        if self._config.live:
            findings.append(await reachable(self._config.perplexity.base_url))
        findings.append(calendar_finding(self._calendar, self._clock.now()))
        findings += await self._trading()
        try:
            snapshot = await self._status.snapshot(self._provider, self._clock.now(), recent=0)
        except TradingError as error:
            findings.append(Finding("state", PROBLEM, str(error), error.context.remedy))
            return tuple(findings)
        return (*findings, *self._state(snapshot))

    def _provider_finding(self) -> Finding:
        keys = len(self._config.perplexity.api_keys)
        if self._config.live and not keys:
            remedy = 'set PERPLEXITY_API_KEYS, or provider = "sandbox"'
            return Finding("provider", PROBLEM, "perplexity is chosen and no key is set", remedy)
        if self._config.live:
            return Finding("provider", OK, f"perplexity, {keys} {'key' if keys == 1 else 'keys'} set")
        return Finding(
            "provider", OK, "sandbox: embedded figures, nothing is asked", "set PERPLEXITY_API_KEYS to go live"
        )

    async def _database(self) -> Finding:
        try:
            problems = await self._db.problems()
        except TradingError as error:
            return Finding("database", PROBLEM, str(error), error.context.remedy)
        if problems:
            return Finding("database", PROBLEM, "; ".join(problems), "put back a copy from backups/")
        return Finding("database", OK, "sound, schema as the migrations make it")

    async def _archive(self) -> Finding:
        """An emptied or an older database would have everything bought again that it knows nothing of."""
        try:
            ids = await asyncio.to_thread(first_and_last, self._config.home / "documents")
            unknown = await self._db.read(lambda tx: [each for each in ids if not is_known(tx, each)])
        except OSError as error:
            remedy = f"make {error.filename} readable"
            return Finding("archive", PROBLEM, f"documents/ cannot be read: {error.strerror}", remedy)
        except TradingError as error:
            return Finding("archive", PROBLEM, str(error), error.context.remedy)
        if unknown:
            what = f"the database knows nothing of the answer {unknown[-1]} in documents/; it would be bought again"
            return Finding("archive", PROBLEM, what, "restore the database from backups/ before anything is run")
        return Finding("archive", OK, "the database knows of its first and last answer" if ids else "empty")

    def _state(self, found: Snapshot) -> list[Finding]:
        now = self._clock.now()
        findings = []
        removed = [key for key in found.keys if key.removed]
        cooling = [key for key in found.keys if key.cool_until is not None and key.cool_until > now and not key.removed]
        if removed or cooling:
            what = f"{len(removed)} rejected, {len(cooling)} cooling down"
            findings.append(
                Finding("keys", WARNING, what, "mend or replace the keys, then robotrader doctor --retry-keys")
            )
        elif self._config.live:
            findings.append(Finding("keys", OK, "none rejected, none cooling down"))
        if found.watchlist == 0:
            findings.append(
                Finding("watchlist", WARNING, "empty: ticks research nothing", "robotrader watchlist add SBIN")
            )
        else:
            findings.append(Finding("watchlist", OK, _counted(found.watchlist, "symbol")))
        if found.last_tick is None:
            findings.append(
                Finding("ticks", WARNING, "never ran", "put robotrader tick into cron, or run robotrader serve")
            )
        elif now - found.last_tick > timedelta(days=2):
            days = (now - found.last_tick).days
            findings.append(
                Finding("ticks", WARNING, f"the last one was {days} days ago", "check cron, or robotrader serve")
            )
        else:
            findings.append(Finding("ticks", OK, "running"))
        if found.unknown_calls:
            what = f"{_counted(found.unknown_calls, 'paid call')} with an unknown outcome"
            findings.append(
                Finding("ledger", WARNING, what, "robotrader tasks list --status unknown, then tasks retry ID")
            )
        if found.dead_events:
            what = f"{_counted(found.dead_events, 'event')} could not be delivered"
            findings.append(Finding("events", WARNING, what, "robotrader events list --dead, then events retry"))
        return findings


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def calendar_finding(calendar: Callable[[], MarketCalendar], now: datetime) -> Finding:
    """Whether the trading calendar can be read and reaches far enough."""
    try:
        words = warning(calendar(), now)
    except TradingError as error:
        return Finding("calendar", PROBLEM, str(error), error.context.remedy)
    if words is None:
        return Finding("calendar", OK, "covers today and the weeks to come")
    return Finding("calendar", WARNING, words, "add the exchange's list: robotrader calendar add, then --complete")


def folder_findings(home: Path) -> list[Finding]:
    """Whether the home is there, writable, private, and has room."""
    if not os.access(home, os.W_OK | os.X_OK):
        return [
            Finding("home", PROBLEM, f"{home} cannot be written", "make the folder writable, or set ROBOTRADER_HOME")
        ]
    found = [Finding("home", OK, f"{home} is writable")]
    if home.stat().st_mode & 0o077:
        found.append(Finding("privacy", WARNING, f"{home} can be read by others", f"chmod 700 {home}"))
    config = home / "config.toml"
    if config.exists() and config.stat().st_mode & 0o077:
        found.append(Finding("privacy", WARNING, f"{config} can be read by others", f"chmod 600 {config}"))
    free = shutil.disk_usage(home).free
    if free < _LEAST_FREE_BYTES:
        found.append(Finding("disk", WARNING, f"{free // 1_000_000} MB free", "free some disk space"))
    return found


async def reachable(base_url: str) -> Finding:
    """Whether a connection to a service can be opened; nothing is sent over it."""
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), _REACH_SECONDS)
    except (OSError, socket.gaierror, TimeoutError) as error:
        why = str(error) or type(error).__name__
        return Finding(
            "network", PROBLEM, f"{host}:{port} cannot be reached: {why}", "check the network and perplexity.base_url"
        )
    writer.close()
    return Finding("network", OK, f"{host}:{port} can be reached")
