"""Who is alive: each process holds a lock on a file of its own, which the kernel lets go of when the process dies.

So the tasks of a killed process are taken over at once; for a process that hangs, the lease decides.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from robotrader.core.errors import LockedError

_LOOKS, _LOOK_SECONDS = 20, 0.005
"""How often, and how far apart, a lock that is taken is tried again: a look at it takes it for an instant."""


class OwnerRegistry:
    """This process's name among those that share a home.

    Args:
        folder: where the lock files are; made when it is first needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}
        self._registering = asyncio.Lock()
        self.owner = f"{os.getpid()}-{secrets.token_hex(4)}"

    async def register(self) -> None:
        """Take this process's lock, before it claims anything, and clear away those of processes that were killed."""
        async with self._registering:  # tasks and orders may begin at the same time
            if self.owner not in self._held:
                await self.hold(self.owner)
                await asyncio.to_thread(_sweep, self._folder)

    async def hold(self, name: str) -> None:
        """Take a named lock until ``close``, or until the process dies.

        Raises:
            LockedError: another process holds it.
        """
        path = self._folder / f"{name}.lock"
        descriptor = await asyncio.to_thread(_lock, path)
        for _ in range(_LOOKS):
            if descriptor is not None:
                break
            await asyncio.sleep(_LOOK_SECONDS)  # perhaps somebody only looks whether it is held
            descriptor = await asyncio.to_thread(_lock, path)
        if descriptor is None:
            raise LockedError(f"another process holds the {name!r} lock of this home", metadata={"lock": name})
        self._held[name] = descriptor

    async def held_elsewhere(self, name: str) -> bool:
        """Whether another process holds a named lock."""
        return await asyncio.to_thread(_locked, self._folder / f"{name}.lock")

    async def dead(self, owners: Iterable[str]) -> list[str]:
        """Those of the owners whose process has ended."""
        others = [owner for owner in owners if owner not in self._held]
        alive = await asyncio.to_thread(lambda: {owner for owner in others if _locked(self._folder / f"{owner}.lock")})
        return [owner for owner in others if owner not in alive]

    async def bury(self, owners: Iterable[str]) -> None:
        """Remove the lock files of owners whose tasks were taken over."""
        for owner in owners:
            await asyncio.to_thread((self._folder / f"{owner}.lock").unlink, missing_ok=True)

    async def close(self) -> None:
        """Let go of every lock."""
        held, self._held = self._held, {}
        for name, descriptor in held.items():
            if name == self.owner:
                await self.bury([name])
            os.close(descriptor)


def _lock(path: Path) -> int | None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    try:
        swept = path.stat().st_ino != os.fstat(descriptor).st_ino
    except FileNotFoundError:
        swept = True
    if swept:  # between our opening it and our locking it; the caller tries again
        os.close(descriptor)
        return None
    return descriptor


def _sweep(folder: Path) -> None:
    """Remove lock files nobody holds; an owner without a file counts as dead just as one whose file is free."""
    for path in folder.glob("[0-9]*.lock"):
        if not _locked(path):
            path.unlink(missing_ok=True)


def _locked(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        # Shared: any number may look at the same time, and only a holder is in their way.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
