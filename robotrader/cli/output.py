"""The one way out: data to stdout, words to stderr; what an encoding cannot print is shown in ASCII.

A reader that goes away (``| head``) is no error worth words.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TextIO

CLOSED_PIPE = 141
_ASCII = str.maketrans({
    "₹": "Rs ", "…": "...", "·": "-", "–": "-", "—": "-", "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{LEFT SINGLE QUOTATION MARK}": "'", "“": '"', "”": '"', "─": "-", "│": "|",
})  # fmt: skip


def replace_closed_streams() -> None:
    """Where stdout or stderr was closed before the start (``>&-``), what is written to it goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - for the rest of the process


def can_print(text: str, stream: TextIO | None = None) -> bool:
    """Whether the stream's encoding has every character of the text."""
    encoding = getattr(stream or sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def printable(text: str, stream: TextIO) -> str:
    """The text in characters the stream's encoding has."""
    if can_print(text, stream):
        return text
    encoding = getattr(stream, "encoding", None) or "ascii"
    return text.translate(_ASCII).encode(encoding, "replace").decode(encoding)


def write(text: str) -> None:
    """Print to stdout as it is; a missing newline at the end is added.

    Raises:
        SystemExit: 141 where the reader has gone away.
    """
    try:
        sys.stdout.write(printable(text if text.endswith("\n") else text + "\n", sys.stdout))
    except BrokenPipeError:
        raise SystemExit(closed()) from None


def document(value: object) -> None:
    """Print one JSON document to stdout."""
    from robotrader.cli import jsonio

    text = jsonio.dumps(value)
    write(text if can_print(text) else jsonio.ascii_only(text))


def document_line(value: object) -> None:
    """Print one JSON document to stdout on one line, at once: one of a stream."""
    from robotrader.cli import jsonio

    text = jsonio.dumps(value, indent=False)
    write(text if can_print(text) else jsonio.ascii_only(text))
    flush()


def note(text: str, secrets: tuple[str, ...] = ()) -> None:
    """Print words to stderr, made safe and without secrets; a stderr that is closed or full is passed over."""
    from robotrader.cli import clean

    safe = printable(clean.block(clean.scrub(text, secrets)), sys.stderr)
    try:
        sys.stderr.write(safe if safe.endswith("\n") else safe + "\n")
        sys.stderr.flush()
    except OSError:
        return


def complain(message: str, remedy: str | None = None, secrets: tuple[str, ...] = ()) -> None:
    """One line of what went wrong, one line of what to do."""
    from robotrader.cli import clean

    note(f"error: {clean.line(message)}", secrets)
    if remedy:
        note(f"hint: {clean.line(remedy)}", secrets)


def flush() -> None:
    """Push out what was printed, so that a full disk or a closed pipe is noticed here and not at exit."""
    sys.stdout.flush()


def give_up() -> None:
    """Forget what stdout will not take, so that the interpreter does not try once more at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        closed()


def closed() -> int:
    """Forget stdout after its reader went away; returns the exit code a shell shows for SIGPIPE."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
    return CLOSED_PIPE
