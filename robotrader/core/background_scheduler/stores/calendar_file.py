"""The trading calendar of a home: the packaged rows, and the owner's ``calendar.toml`` on top.

Reading is plain and synchronous, as that of the settings is: it happens once, before a loop runs, and takes 6 ms.
Adding goes through ``write_atomic`` and holds a lock, so that two commands at once both keep their row.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from robotrader.core.background_scheduler.config import market_calendar
from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
from robotrader.core.background_scheduler.stores.files import write_atomic
from robotrader.core.errors import ConfigurationError, ResourceError

NAME = "calendar.toml"
HEADER = """\
# Trading days and sessions that the packaged calendar does not have, or has otherwise. Times are IST.
# A row here wins over the packaged one, a later row over an earlier one. Each row names its source.
# The parts of this file: [[days]], [[templates]], [[settlement_holidays]], [[years]], [[fno]].
"""


def path_of(home: Path) -> Path:
    """The owner's file, which need not be there."""
    return home / NAME


def load(home: Path) -> MarketCalendar:
    """The calendar that holds for a home.

    Raises:
        ConfigurationError: the owner's file cannot be read, or something in it is wrong.
    """
    return _calendar(home, _text(path_of(home)))


async def append(home: Path, make: Callable[[MarketCalendar], str]) -> MarketCalendar:
    """Add rows at the end of the owner's file (0600), which keeps every byte of its text; returns the new calendar.

    Args:
        make: the text of the rows, made from the calendar as it is now; it may refuse.

    Raises:
        ConfigurationError: what is there is wrong, or has no place for a row at its end.
        ResourceError: the file cannot be written.
    """
    async with _locked(home):
        path = path_of(home)
        text = await asyncio.to_thread(_text, path)
        rows = make(_calendar(home, text))
        text = f"{(text or HEADER).rstrip()}\n\n{rows.rstrip()}\n"
        try:
            calendar = _calendar(home, text)
        except ConfigurationError as error:
            remedy = "write its rows under headings such as [[days]], one row a heading"
            raise ConfigurationError(f"no row can be added to {path}: {error}", remedy=remedy) from None
        await write_atomic(path.resolve(), text)
        return calendar


def _calendar(home: Path, override: str | None) -> MarketCalendar:
    packaged = Path(market_calendar.__file__).with_suffix(".toml").read_text("utf-8")
    return market_calendar.load_calendar(packaged, override, str(path_of(home)))


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not UTF-8 text", remedy="save it as UTF-8, or move it away") from None
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise ConfigurationError(f"{path} cannot be read: {why}", remedy="make it a file that you may read") from None


@asynccontextmanager
async def _locked(home: Path) -> AsyncIterator[None]:
    try:
        descriptor = await asyncio.to_thread(_lock, home)
    except OSError as error:
        raise ResourceError(
            f"the home {home} cannot be written: {error.strerror}", remedy="choose another home, or let it be writable"
        ) from error
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(home: Path) -> int:
    """Take the lock; who holds it only reads and writes one small file, so waiting for it is short."""
    for folder in (home, home / "locks"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(home / "locks" / "calendar.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor
