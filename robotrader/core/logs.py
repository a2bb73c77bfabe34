"""The log file: one JSON object a line, without secrets, opened when the first line is written."""

from __future__ import annotations

import json
import logging
import os
import re
from io import TextIOWrapper
from pathlib import Path

MOST_BYTES = 5_000_000
"""A log that is larger when a process starts is set aside as ``.1`` (the older one is dropped)."""

_SECRET = re.compile(r"pplx-[\w-]+|\bsk-[\w-]{12,}|(?i:bearer)\s+\S+|(?i:token)\s+\w+:\w+")


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; what looks like a key is masked."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _SECRET.sub("***", json.dumps(line, ensure_ascii=False))


class _PrivateFile(logging.FileHandler):
    """A file for the owner alone."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")


def configure(folder: Path, level: str) -> logging.Handler:
    """Send the program's log to ``folder``; returns the handler, to be removed by ``release``."""
    path = folder / "robotrader.log"
    if path.exists() and path.stat().st_size > MOST_BYTES:
        path.replace(folder / "robotrader.log.1")
    handler = _PrivateFile(path, delay=True)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("robotrader")
    logger.setLevel(level)
    logger.addHandler(handler)
    logger.propagate = False  # nothing of it belongs on the owner's screen
    return handler


def release(handler: logging.Handler) -> None:
    """Close the log file."""
    logger = logging.getLogger("robotrader")
    logger.removeHandler(handler)
    logger.propagate = True
    handler.close()
