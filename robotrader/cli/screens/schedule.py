"""The table of schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render
from robotrader.cli import format as fmt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from robotrader.cli.render import Look
    from robotrader.core.services.schedule_service import ScheduleView

ORIGINS = {"file": "config.toml", "env": "the environment", "option": "an option"}
DAY = 24


def listing(found: Sequence[ScheduleView], view: Look) -> list[Any]:
    """One row a schedule, then what is otherwise for single symbols, and which values are not the defaults."""
    columns: list[render.Column] = [
        ("Type", render.WHOLE), ("On", render.WHOLE), "When (IST)", ("Fresh for", render.WHOLE),
        ("Batch", render.RIGHT), "Next slot",
    ]  # fmt: skip
    parts: list[Any] = [render.table("Schedules", columns, [_row(each, view) for each in found])]
    return [*parts, *(note for each in found for note in _notes(each))]


def hours(number: float) -> str:
    """A length of time in hours or, where they are whole and more than one, days: ``36 h``, ``7 days``."""
    return f"{number / DAY:g} days" if number > DAY and number % DAY == 0 else f"{number:g} h"


def _row(each: ScheduleView, view: Look) -> Sequence[object]:
    due = fmt.EMPTY if each.next_slot is None else fmt.due(each.next_slot, view.now)
    fresh = fmt.EMPTY if each.fresh_hours is None else hours(each.fresh_hours)
    batch = fmt.EMPTY if each.batch is None else each.batch
    cells = (each.type, "yes" if each.enabled else "no", each.trigger, fresh, batch, due)
    return cells if each.enabled else [(cell, "dim") for cell in cells]


def _notes(each: ScheduleView) -> Iterator[str]:
    if each.fresh_hours_for:
        own = ", ".join(f"{symbol} {hours(number)}" for symbol, number in each.fresh_hours_for.items())
        yield f"{each.type}, fresh for: {own}"
    for origin, words in ORIGINS.items():
        if names := [name for name, found in each.origins.items() if found == origin]:
            yield f"{each.type}, from {words}: {', '.join(names)}"
    if each.problem is not None:
        yield f"{each.type}, no next slot: {clean.line(each.problem)}"
