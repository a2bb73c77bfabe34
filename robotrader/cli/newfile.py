"""A file that is made whole and never over another: temp file, fsync, link."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from robotrader.core.errors import ResourceError

PRIVATE_FOLDER = 0o700


def create(path: Path, text: str) -> bool:
    """Write a private file (0600) in a private folder (0700) unless there is one; returns whether it was written.

    Raises:
        ResourceError: the folder cannot be made or written.
    """
    try:
        path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, path)
        except FileExistsError:
            return False
        finally:
            Path(temporary).unlink()
        _sync(path.parent)
    except OSError as error:
        remedy = "choose another home with --home or ROBOTRADER_HOME, or correct its permissions"
        raise ResourceError(f"cannot write {path}: {error.strerror}", remedy=remedy) from error
    return True


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
