"""Files that are whole or not there: temp file in the same folder, fsync, ``os.replace``, fsync of the folder.

``aiofiles`` is imported by the functions that use it: commands that only look never pay for it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from robotrader.core.errors import ResourceError


async def write_atomic(path: Path, text: str) -> None:
    """Write a private file (0600); after a crash at any instant the path holds the old text, the new one, or nothing.

    Raises:
        ResourceError: the disk is full, or the folder cannot be written.
    """
    from aiofiles.os import wrap

    try:
        await wrap(_write_whole)(path, text.encode())  # all its steps in one hop to another thread
    except OSError as error:
        raise _unwritable(path, error) from error


async def append_lines(path: Path, lines: Sequence[str]) -> None:
    """Append lines in a single write, so that those of several processes never mix, and flush them to disk.

    Raises:
        ResourceError: as ``write_atomic``.
    """
    from aiofiles.os import wrap

    try:
        await wrap(_append)(path, "".join(f"{line}\n" for line in lines).encode())
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
            f"cannot read {path}: {error.strerror}", remedy=f"check the permissions of {path.parent}"
        ) from error


def _make_private(folder: Path) -> None:
    """Make a folder and those missing above it, each for the owner alone (``makedirs`` does so for the last)."""
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(missing.parent)


def _private_in_private(path: Path, flags: int) -> int:
    """Open a file for the owner alone, in a folder that is made where it is missing."""
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        _make_private(path.parent)
        return os.open(path, flags, 0o600)


def _append(path: Path, data: bytes) -> None:
    descriptor = _private_in_private(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        _write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file beside its place, flush it, give it its name, and flush that."""
    temporary = path.with_name(f".{path.name}.{os.getpid():x}-{threading.get_ident():x}-{time.monotonic_ns():x}.tmp")
    try:
        descriptor = _private_in_private(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            _write(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> ResourceError:
    return ResourceError(
        f"cannot write {path}: {error.strerror}",
        remedy=f"free some disk space, or check the permissions of {path.parent}",
    )
