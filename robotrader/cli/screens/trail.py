"""What was read out of a text, the trail of one stored field, and what reading an answer again changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render
from robotrader.cli import format as fmt
from robotrader.cli.screens import parts
from robotrader.cli.screens.fields import LONGEST_TEXT, label, value

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.background_scheduler.records import NewsItem, ParseResult
    from robotrader.core.services.views import ReparseView, WhyView

WORDS_SHOWN = 60
COLUMNS = ("Field", "Value", "Layer", "Words")


def parsed(result: ParseResult[Any], view: Look) -> list[Any]:
    """What ``parse`` read, field by field, with the layer and the words; news story by story."""
    warnings = [f"warning: {clean.short(words, LONGEST_TEXT)}" for words in result.warnings]
    heading = f"{result.dataset}: read by the {result.strategy} layer"
    if isinstance(result.record, tuple):
        total = f"{heading}, {parts.counted(len(result.record), 'story', 'stories')}"
        stories = [part for number, item in enumerate(result.record, 1) for part in _story(number, item, view)]
        shown: list[Any] = [total, *stories] if stories else []
    else:
        rows = list(_rows(result.record, view))
        shown = [render.table(heading, COLUMNS, rows)] if rows else []
    return [*shown, *warnings] if shown else [*warnings, "no usable data in this text"]


def trail(why: WhyView, view: Look) -> list[Any]:
    """From a stored value back to the archived answer."""
    shown, exactly = value(why.field, why.value, view), _exactly(why.value)
    link = exactly if exactly.startswith(render.LINK) else ""
    rows = [
        ("Of", clean.short(why.of, LONGEST_TEXT)),
        ("Value", shown if not link else "the link below"),
        *([("Exactly", exactly)] if exactly != shown else []),
        ("Words", clean.short(why.words, LONGEST_TEXT) or None if why.words != link else "the same"),
        ("Offset", why.offset if why.offset >= 0 else None),
        ("Layer", why.layer),
        ("Document", why.document_id),
        ("File", why.document_path),
        ("Fetched", f"{fmt.instant(why.fetched_at)} ({fmt.age(why.fetched_at, view.now)})"),
    ]
    heading = render.title([why.symbol, label(why.field)], why.provider, view)
    return [render.facts(heading, rows), *([link] if link else []), *parts.sources(why.sources)]


def reread(found: ReparseView, view: Look) -> list[Any]:
    """What re-reading changed."""
    ended = f"{fmt.amount(found.changed)} changed, {fmt.amount(found.unreadable)} unreadable"
    line = f"{parts.counted(found.documents, 'document')} read again, {ended}; nothing was paid"
    if not found.changes:
        return [line]
    rows = [row for change in found.changes for row in _changed(change, view)]
    return [render.table("What changed", ["Symbol", "Field", "Before", "Now"], rows), line]


def _story(number: int, item: NewsItem, view: Look) -> list[Any]:
    """A story; its link stands below, where it stays whole, and words that only repeat the value are left out."""
    rows = [
        (called, said, layer, "" if said.startswith(words.removesuffix("...")) else words)
        for called, said, layer, words in _rows(replace(item, url=None), view)
    ]
    return ["", render.table(f"Story {number}", COLUMNS, rows), *([clean.line(item.url)] if item.url else [])]


def _rows(record: Any, view: Look) -> Iterable[tuple[str, str, str, str]]:
    for field in fields(record):
        found = getattr(record, field.name)
        if field.name != "sources" and found is not None and found != ():
            origin = record.sources.get(field.name)
            layer, words = (origin.layer, clean.short(origin.words, WORDS_SHOWN)) if origin else ("", "")
            yield label(field.name), value(field.name, found, view), layer, words


def _changed(change: Mapping[str, Any], view: Look) -> Iterable[tuple[object, ...]]:
    before, after = change.get("before") or {}, change.get("after") or {}
    for name in dict.fromkeys([*before, *after]):
        yield (
            change.get("symbol"),
            label(name),
            value(name, before.get(name), view),
            value(name, after.get(name), view),
        )


def _exactly(found: object) -> str:
    """The value with every digit and every word."""
    if found is None:
        return fmt.EMPTY
    return "; ".join(clean.line(item) for item in found) if isinstance(found, (list, tuple)) else clean.line(found)
