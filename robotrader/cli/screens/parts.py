"""What the screens of all datasets end with: sources, where the figures come from, how a task ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean
from robotrader.cli import format as fmt
from robotrader.cli.screens.fields import LONGEST_TEXT

if TYPE_CHECKING:
    from datetime import datetime

    from robotrader.cli.render import Look
    from robotrader.core.background_scheduler.models import Task

SOURCES_SHOWN = 6
SANDBOX = "SANDBOX"


def sources(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """Titles and links of the search results an answer cited, each link on a line of its own."""
    lines = ["Sources:"] if found else []
    for source in found[:SOURCES_SHOWN]:
        lines += [f"- {clean.short(source.get('title') or 'untitled', 100)}", clean.line(source.get("url") or "")]
    more = len(found) - SOURCES_SHOWN
    return [line for line in [*lines, f"and {more} more" if more > 0 else ""] if line]


def origin(fetched_at: datetime, strategy: str, document_id: str, view: Look) -> list[str]:
    """How old an answer is, which layer read it, and where it is archived."""
    age = f"fetched {fmt.age(fetched_at, view.now)} ({fmt.instant(fetched_at)})"
    return [f"{age} {view.dot} read by the {clean.line(strategy)} layer", f"document {clean.line(document_id)}"]


def ended(task: Task, view: Look) -> list[str]:
    """How a task ended, what it cost, and where its answer is archived."""
    words = [task.status.lower(), task.reason or "", counted(task.paid_calls, "paid call")]
    words += [f"cost {fmt.dollars(task.cost_usd)}"]
    words += [f"read by the {task.strategy} layer"] if task.strategy else []
    line = f" {view.dot} ".join(clean.short(word, LONGEST_TEXT) for word in words if word)
    return [line, *([f"document {task.document_id}"] if task.document_id else [])]


def sandbox(providers: Iterable[str | None]) -> str | None:
    """``sandbox`` where the embedded provider gave any of it."""
    return "sandbox" if "sandbox" in set(providers) else None


def origin_of(provider: str) -> str:
    """Who gave something, in a cell: the embedded provider stands out."""
    return SANDBOX if provider == "sandbox" else clean.short(provider, 20)


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 story``, ``2 stories``."""
    return f"{fmt.amount(number)} {one if number == 1 else many or one + 's'}"
