"""Files that a long-running command goes by: whether they changed since they were last looked at."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TypeAlias

Stamp: TypeAlias = "tuple[int, int, int, int] | None"


class WatchedFiles:
    """Files that are looked at, which costs a ``stat`` each while nobody touches them.

    Written anew with the same content counts as unchanged; a file that comes or goes counts as changed.
    """

    def __init__(self, *paths: Path) -> None:
        self._seen = {path: (_stamp(path), _digest(path)) for path in paths}

    def changed(self) -> bool:
        """Whether any of them says something else than at the last look."""
        found = False
        for path, (stamp, digest) in self._seen.items():
            now = _stamp(path)
            if now != stamp:
                content = _digest(path)
                self._seen[path] = (now, content)
                found = found or content != digest
        return found


def _stamp(path: Path) -> Stamp:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino


def _digest(path: Path) -> bytes | None:
    try:
        return hashlib.blake2b(path.read_bytes(), digest_size=16).digest()
    except OSError:
        return None
