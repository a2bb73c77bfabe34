"""The strategy log: one JSON line for every document read, telling which parser layer read what."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from robotrader.core.background_scheduler.stores.files import append_line


class StrategyLogStore:
    """An append-only file. A line may come twice after a crash; both then carry the same ``event`` id."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def append(self, entry: Mapping[str, Any]) -> None:
        """Add one line and flush it.

        Raises:
            ResourceError: the file cannot be written.
        """
        await append_line(self._path, json.dumps(entry, ensure_ascii=False, separators=(",", ":")))
