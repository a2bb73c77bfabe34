"""The strategy log: one JSON line for every document read, telling which parser layer read what."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from robotrader.core.background_scheduler.stores.files import append_lines
from robotrader.core.waiting import ended


class StrategyLogStore:
    """An append-only file. A line may come twice after a crash; both then carry the same ``event`` id.

    Lines that come while others are being written share the next write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: list[str] = []
        self._next: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    async def append(self, entry: Mapping[str, Any]) -> None:
        """Add one line and flush it.

        Raises:
            ResourceError: the file cannot be written.
        """
        self._waiting.append(json.dumps(entry, ensure_ascii=False, separators=(",", ":")))
        if self._next is None:
            self._next = asyncio.create_task(self._write())
        writing = self._next
        if interruption := await ended(writing):  # who gives up waiting does not take the lines of others along
            raise interruption
        writing.result()

    async def _write(self) -> None:
        async with self._writing:
            lines, self._waiting, self._next = self._waiting, [], None
            await append_lines(self._path, lines)
