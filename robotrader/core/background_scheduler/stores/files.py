"""Files that are whole or not there: temp file in the same folder, fsync, ``os.replace``, fsync of the folder.

``aiofiles`` is imported by the functions that write: commands that only look never pay for it.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from robotrader.core.errors import ResourceError

MOST_AT_ONCE = 64
"""How many files are open together, at most."""


async def write_atomic(path: Path, text: str) -> None:
    """Write a private file (0600); after a crash at any instant the path holds the old text, the new one, or nothing.

    Raises:
        ResourceError: the disk is full, or the folder cannot be written.
    """
    from aiofiles.os import wrap

    (error,) = await wrap(_write_whole)([(path, text.encode())])  # all its steps in one hop to another thread
    if error is not None:
        raise _unwritable(path, error) from error


class WholeFiles:
    """Writes files as ``write_atomic`` does. Those that come while others are being written are written together.

    One thread does it: several that flush at the same time are no faster, and cost three times the processor time.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Path, bytes, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def write(self, path: Path, text: str) -> None:
        """Return when the file is on disk.

        Raises:
            ResourceError: as ``write_atomic``.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((path, text.encode(), done))
        if self._task is None:
            self._task = asyncio.create_task(self._drain())
        try:
            await done
        except OSError as error:
            raise _unwritable(path, error) from error

    async def _drain(self) -> None:
        from aiofiles.os import wrap

        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                results: Sequence[Exception | None]
                try:
                    results = await wrap(_write_whole)([(path, data) for path, data, _ in batch])
                except Exception as failure:  # noqa: BLE001 - handed to everyone who waits
                    results = [failure] * len(batch)
                for (_, _, done), result in zip(batch, results, strict=True):
                    if done.done():
                        continue
                    if result is None:
                        done.set_result(None)
                    else:
                        done.set_exception(result)
        finally:
            self._task = None


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
    try:
        # In one hop: a caller that is cancelled meanwhile leaves no file open.
        return await asyncio.to_thread(path.read_text, encoding="utf-8", errors="replace")
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


def _write_whole(files: Sequence[tuple[Path, bytes]]) -> list[OSError | None]:
    """Write files beside their places, flush them, give them their names, and flush those; how each failed, or None.

    Each step is taken for all of them before the next: the first flush does most of the work of the others.
    """
    errors: list[OSError | None] = [None] * len(files)
    opened: dict[int, tuple[Path, int]] = {}
    folders: dict[Path, list[int]] = {}
    for place, (path, data) in enumerate(files):
        temporary = path.with_name(
            f".{path.name}.{os.getpid():x}-{threading.get_ident():x}-{time.monotonic_ns():x}.tmp"
        )
        with _noted(errors, [place], temporary):
            descriptor = _private_in_private(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            opened[place] = temporary, descriptor
            _write(descriptor, data)
    for place, (temporary, descriptor) in opened.items():
        with _noted(errors, [place], temporary):
            try:
                if errors[place] is None:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
    for place, (temporary, _) in opened.items():
        path = files[place][0]
        if errors[place] is None:
            with _noted(errors, [place], temporary):
                temporary.replace(path)
                folders.setdefault(path.parent, []).append(place)
    for folder, places in folders.items():
        with _noted(errors, places):
            _sync_folder(folder)
    return errors


@contextmanager
def _noted(errors: list[OSError | None], places: Iterable[int], temporary: Path | None = None) -> Iterator[None]:
    """Write an error down where it belongs, and take away what was begun."""
    try:
        yield
    except OSError as error:
        for place in places:
            errors[place] = errors[place] or error
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


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
