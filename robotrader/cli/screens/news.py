"""News: the stories of one company with their links, and the headlines of the whole watchlist in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render
from robotrader.cli import format as fmt
from robotrader.cli.screens import parts
from robotrader.cli.screens.fields import LONGEST_TEXT, value

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.background_scheduler.models import TaskOutcome
    from robotrader.core.services.views import NewsView

HEADLINE = "bold"
HIGH = "bold yellow"
DAY_LENGTH = len("2026-11-21")
LONGEST_HEADLINE = 240
LONGEST_LABEL = 40
CATEGORIES = {"m_and_a": "M&A", "other": ""}


def headline(record: object, view: Look) -> str:
    """The stories of a run in one line: how many, and the first headline; empty where there is none."""
    del view
    if not isinstance(record, Sequence) or isinstance(record, str) or not record:
        return ""
    first = clean.short(_get(record[0], "headline") or "", LONGEST_HEADLINE)
    return f"{parts.counted(len(record), 'story', 'stories')}: {first}"


def run_of_one(outcome: TaskOutcome, stored: Sequence[NewsView], view: Look) -> list[Any]:
    """What ``run-task news SYMBOL`` found: the stories, how they were come by."""
    del stored
    task = outcome.task
    total = parts.counted(len(outcome.record), "story", "stories")
    shown: list[Any] = [render.heading(render.title([task.symbol or "", "News", total], task.provider, view))]
    for record in outcome.record:
        shown += ["", *_story(record, _published(record, None, view), "", view)]
    return [*shown, "", *parts.ended(task, view)]


def latest(symbol: str, views: Sequence[NewsView], view: Look) -> list[Any]:
    """The stored stories of a company, newest first, each with its link."""
    total = parts.counted(len(views), "story", "stories")
    provider = parts.sandbox(found.provider for found in views)
    shown: list[Any] = [render.heading(render.title([symbol, "News", total], provider, view))]
    for found in views:
        when = _published(found.record, found.first_seen, view)
        shown += ["", *_story(found.record, when, found.id, view)]
    return shown


def stored(symbol: str, views: Sequence[NewsView], limit: int, view: Look) -> list[Any]:
    """The stories of a company, and how to trace one back."""
    trace = f"where a story comes from: robotrader why {symbol} news.{clean.line(views[0].id)}.headline"
    return [*latest(symbol, views, view), "", trace, *_more(views, limit)]


def everywhere(views: Sequence[NewsView], limit: int, view: Look) -> list[Any]:
    """The headlines of every watched company, newest first."""
    rows = [(_short_age(found, view), found.symbol, _cell(found.record, view)) for found in views]
    columns: list[render.Column] = [("When", render.WHOLE), ("Symbol", render.WHOLE), "Story"]
    heading = render.title(["News of the watchlist"], parts.sandbox(found.provider for found in views), view)
    total = parts.counted(len(views), "story", "stories")
    more = f"{total}; summaries and links: robotrader news {clean.line(views[0].symbol)}"
    return [render.table(heading, columns, rows), more, *_more(views, limit)]


def _story(record: Any, when: str, ident: str, view: Look) -> list[Any]:
    figures = _get(record, "key_figures")
    known = [about(record, view), f"figures: {value('key_figures', figures, view)}" if figures else ""]
    told = [when, _source(record), f"id {clean.line(ident)}" if ident else ""]
    lines: list[Any] = [
        render.words((clean.short(_get(record, "headline") or "", LONGEST_TEXT), HEADLINE)),
        f" {view.dot} ".join(word for word in told if word),
        clean.short(_get(record, "summary") or "", LONGEST_TEXT),
        f" {view.dot} ".join(word for word in known if word),
        clean.line(_get(record, "url") or ""),
    ]
    return [line for line in lines if line]


def _cell(record: Any, view: Look) -> tuple[str, str]:
    """A story as one cell: headline, source, and what is known about it."""
    words = [clean.short(_get(record, "headline") or "", LONGEST_HEADLINE), _source(record), about(record, view)]
    return f" {view.dot} ".join(word for word in words if word), HIGH if _get(record, "impact") == "high" else ""


def dated(found: NewsView, view: Look) -> str:
    """The day a story was published; where nothing states one, that it has no date, and when it was first seen."""
    stated = _get(found.record, "published_at")
    moment = _moment(stated)
    if isinstance(moment, datetime):
        return fmt.local_day(moment)
    if isinstance(moment, date):
        return fmt.day(moment)
    return clean.short(stated, LONGEST_LABEL) if stated else _published(found.record, found.first_seen, view)


def _source(record: Any) -> str:
    return clean.short(_get(record, "source") or "", LONGEST_LABEL)


def about(record: Any, view: Look) -> str:
    """Category, impact and sentiment, as far as they are known."""
    category = str(_get(record, "category") or "")
    words = [CATEGORIES.get(category, category.replace("_", " "))]
    words += [f"{_get(record, 'impact')} impact"] if _get(record, "impact") else []
    words += [str(_get(record, "sentiment") or "")]
    return clean.short(f" {view.dot} ".join(word for word in words if word), LONGEST_LABEL)


def _published(record: Any, first_seen: datetime | None, view: Look) -> str:
    """When a story was published, no more exactly than the text states it; else when it was first seen."""
    stated = _get(record, "published_at")
    if not stated:
        return "no date" if first_seen is None else f"no date; seen {fmt.age(first_seen, view.now)}"
    found = _moment(stated)
    if isinstance(found, datetime):
        return f"{fmt.age(found, view.now)} ({fmt.instant(found)})"
    if found is None:
        return clean.short(stated, LONGEST_LABEL)
    return f"{fmt.day_age(found, view.now)} ({fmt.day(found)})"


def _short_age(found: NewsView, view: Look) -> str:
    moment = _moment(_get(found.record, "published_at"))
    if isinstance(moment, datetime):
        return fmt.age(moment, view.now)
    return f"seen {fmt.age(found.first_seen, view.now)}" if moment is None else fmt.day_age(moment, view.now)


def _moment(stated: object) -> datetime | date | None:
    text = str(stated or "")
    try:
        if len(text) <= DAY_LENGTH:
            return date.fromisoformat(text)
        found = datetime.fromisoformat(text)
        return found.astimezone(fmt.IST) if found.tzinfo is not None else found.date()
    except (ValueError, OverflowError):  # no date, or one at the end of all dates that another zone has not
        return None


def _more(views: Sequence[NewsView], limit: int) -> list[str]:
    return [f"only the newest {limit} are shown; --limit shows more"] if len(views) >= limit else []


def _get(record: Any, name: str) -> Any:
    return record.get(name) if isinstance(record, Mapping) else None
