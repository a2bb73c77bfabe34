"""The daily list of instruments: fetched to disk, read into the database, and asked for one instrument at a time."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from robotrader.core.background_scheduler.parsers.instruments_csv import read_instruments
from robotrader.core.background_scheduler.stores import instrument_store
from robotrader.core.background_scheduler.trading import Instrument
from robotrader.core.clock import Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import ResourceError, ResponseError, TradingError

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.clients.kite_client import KiteClient

EXCHANGES = ("NSE", "BSE")
CHUNK = 2_000
FETCH_SECONDS = 30.0
"""Whoever asks for an instrument waits for a new list this long at most."""
REST_SECONDS = 600.0
"""How long a list that could not be had is left alone."""

log = logging.getLogger(__name__)


class InstrumentList:
    """Instruments of one provider.

    Args:
        provider: ``kite`` or ``sandbox``.
        client: made when a list is first needed.
        folder: where a list lies while it is read.
    """

    def __init__(
        self,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        provider: str,
        client: Callable[[], Awaitable[KiteClient]],
        folder: Path,
    ) -> None:
        self._db, self._clock, self._client = db, clock, client
        self._provider, self._folder = provider, folder
        self._turn = asyncio.Lock()
        self._rest_until = 0.0

    async def instrument(self, symbol: str) -> Instrument | None:
        """One instrument; None where the list does not have it, or there is no list.

        The list is fetched anew where it is older than the last 08:30 IST. Where that fails the old one serves on, and
        it is tried again some minutes later.
        """
        await self._renew()
        return await self.stored(symbol)

    async def known(self, symbols: Sequence[str]) -> dict[str, Instrument]:
        """Those of some instruments that the list has; as ``instrument``."""
        await self._renew()

        def query(tx: Transaction) -> dict[str, Instrument]:
            found = {symbol: instrument_store.listed(tx, self._provider, symbol) for symbol in symbols}
            return {symbol: each for symbol, each in found.items() if each is not None}

        return await self._db.read(query)

    async def _renew(self) -> None:
        async with self._turn:
            loaded = await self._db.read(instrument_store.loaded)
            due = instrument_store.is_due(loaded, self._provider, self._clock.now())
            if due and self._clock.monotonic() >= self._rest_until:
                try:
                    async with asyncio.timeout(FETCH_SECONDS):
                        await self._fetch()
                except (TradingError, TimeoutError) as error:
                    self._rest_until = self._clock.monotonic() + REST_SECONDS
                    why = str(error) or f"not within {FETCH_SECONDS:.0f} seconds"
                    log.warning("the list of instruments could not be had, the published rules serve: %s", why)

    async def stored(self, symbol: str) -> Instrument | None:
        """One instrument of the list that there is, however old; nothing is fetched."""
        return await self._db.read(lambda tx: instrument_store.listed(tx, self._provider, symbol))

    async def refresh(self) -> int:
        """Fetch the list now; returns how many instruments it has.

        Raises:
            LoginRequiredError: there is no session. Else as ``kite_market.instruments``.
        """
        async with self._turn:
            return await self._fetch()

    async def _fetch(self) -> int:
        seen: set[str] = set()
        for exchange in EXCHANGES:
            path = self._folder / f".instruments-{exchange}-{self._clock.monotonic():.6f}.csv"
            try:
                await self._download(exchange, path)
                await self._load(path, seen)
            finally:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
        if not seen:
            raise ResponseError("the list of instruments is empty", remedy="try again later")
        now = self._clock.now()
        await self._db.write(lambda tx: instrument_store.finish(tx, self._provider, seen, now))
        return len(seen)

    async def _download(self, exchange: str, path: Path) -> None:
        import aiofiles

        from robotrader.core.background_scheduler.clients import kite_market

        try:
            async with aiofiles.open(path, "wb") as file:

                async def sink(piece: bytes) -> None:
                    await file.write(piece)

                await kite_market.instruments(await self._client(), exchange, sink)
        except OSError as error:
            raise ResourceError(f"cannot write {path}: {error.strerror}", remedy="free some disk space") from error

    async def _load(self, path: Path, seen: set[str]) -> None:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            rows = read_instruments(file)
            while chunk := await asyncio.to_thread(_take, rows):
                seen.update(row.symbol for row in chunk)
                await self._db.write(lambda tx, chunk=chunk: instrument_store.add(tx, chunk))  # type: ignore[misc]


def _take(rows: Iterator[Instrument]) -> list[Instrument]:
    return list(itertools.islice(rows, CHUNK))
