"""Files that are whole or not there: temp file in the same folder, fsync, ``os.replace``, fsync of the folder.

``aiofiles`` is imported by the functions that use it: commands that only look never pay for it.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import suppress
from pathlib import Path

from robotrader.core.errors import ResourceError


async def write_atomic(path: Path, text: str) -> None:
    """Write a private file (0600); after a crash at any instant the path holds the old text, the new one, or nothing.

    Raises:
        ResourceError: the disk is full, or the folder cannot be written.
    """
    import aiofiles.os

    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        await asyncio.to_thread(_make_private, path.parent)
        async with aiofiles.open(temporary, "w", encoding="utf-8", opener=_private) as file:
            await file.write(text)
            await file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        await aiofiles.os.replace(temporary, path)
        await asyncio.to_thread(_sync_folder, path.parent)
    except OSError as error:
        with suppress(OSError):
            await asyncio.to_thread(temporary.unlink, missing_ok=True)
        raise _unwritable(path, error) from error


async def append_line(path: Path, line: str) -> None:
    """Append one line in a single write, so that lines of several processes never mix, and flush it to disk.

    Raises:
        ResourceError: as ``write_atomic``.
    """
    import aiofiles.os

    try:
        await asyncio.to_thread(_make_private, path.parent)
        async with aiofiles.open(path, "ab", buffering=0, opener=_private) as file:
            await file.write(line.encode() + b"\n")
            await asyncio.to_thread(os.fsync, file.fileno())
    except OSError as error:
        raise _unwritable(path, error) from error


async def read_text(path: Path) -> str | None:
    """The text of a file, or None where there is none.

    Raises:
        ResourceError: it is there and cannot be read.
    """
    import aiofiles

    try:
        async with aiofiles.open(path, encoding="utf-8", errors="replace") as file:
            return await file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ResourceError(
            f"cannot read {path}: {error.strerror}", remedy="check the permissions of the home"
        ) from error


def _make_private(folder: Path) -> None:
    """Make a folder and those missing above it, each for the owner alone (``makedirs`` does so for the last)."""
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(missing.parent)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> ResourceError:
    return ResourceError(
        f"cannot write {path}: {error.strerror}", remedy="free some disk space and check the permissions of the home"
    )
