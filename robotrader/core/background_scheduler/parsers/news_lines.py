"""The lines below a headline, or with labels of their own: the fields they state, the words that are a story's text."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.news_dates import RELATIVE
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Page, merged, quoted
from robotrader.core.background_scheduler.parsers.news_heads import read_head, strip_marks
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, is_talk
from robotrader.core.background_scheduler.parsers.news_keys import IDLE_LABEL, label_at
from robotrader.core.background_scheduler.parsers.news_meta import read_meta, read_value, take_links
from robotrader.core.background_scheduler.parsers.news_publishers import is_known
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import Span

_SIGNED = re.compile(r"[.!?][\"')]?\s{1,2}-{1,2}\s?([^-.|\n]{2,40}?)[ *_.]{0,4}$")
"""A sentence with its publisher behind a dash."""


def line_fields(page: Page, start: int, end: int) -> Draft | None:
    """The fields of one line below a story; None where it is a part of its words."""
    view, linked = take_links(page, page.view, start, end)
    at = strip_marks(view, start, end)
    label = label_at(page.view, at, end)
    if label and label[0] != "headline":
        cut = page.view.find("|", at, end)
        if cut > 0 and label[0] != "summary":
            told = read_meta(page, page.view, at, end, alone=False)
            if told is not None:
                return merged(told, linked)
        return merged(read_value(page, page.view, label[0], label[1], end), linked)
    if IDLE_LABEL.match(page.view, at, end):
        told = read_meta(page, page.view, at, end, alone=False) if "|" in page.view[at:end] else None
        return told or {}
    if not view[at:end].strip(" ()[]*_-<>\u2192|"):
        return linked
    if RELATIVE.fullmatch(view[at:end].strip(" .()*_")):
        return linked
    told = read_meta(page, view, at, end)
    return merged(told, linked) if told is not None else None


def tail_meta(page: Page, view: str, start: int, end: int) -> Draft:
    """The origin in brackets at the end of a line of the story's words."""
    signed = _SIGNED.search(view, max(start, end - 60), end)
    if signed and is_known(signed[1]):
        return {"source": quoted(page, signed.span(1))}
    stop = end - (len(view[start:end]) - len(view[start:end].rstrip(" *_.")))
    if view[stop - 1 : stop] not in ("]", ")"):
        return {}
    opened = max(view.rfind("(", start, stop), view.rfind("[", start, stop))
    told = read_meta(page, view, opened + 1, stop - 1) if opened >= start and stop - opened < 160 else None
    return {k: v for k, v in (told or {}).items() if k in ("source", "published_at")}


def names_headline(page: Page, start: int, end: int) -> bool:
    """The line is labelled as a headline."""
    label = label_at(page.view, strip_marks(page.view, start, end), end)
    return label is not None and label[0] == "headline"


def labelled(page: Page, spans: list[Span], around: Draft) -> list[Draft]:
    """Plain lines with labels, a story from each ``Headline:`` on."""
    found: list[Draft] = []
    waiting: Draft = {}
    for start, end in spans:
        at = strip_marks(page.view, start, end)
        label = label_at(page.view, at, end)
        if label and label[0] == "headline":
            told = read_head(page, start, end)
            if "headline" in told and not is_junk(told["headline"].text):
                found.append(merged(told, waiting))
            waiting = {}
        elif label or (found and IDLE_LABEL.match(page.view, at, end)):
            line = line_fields(page, start, end) or {}
            repeated = found and any(n in found[-1] for n in line if n != "url")
            if found and not repeated:
                found[-1] = merged(found[-1], line)
            else:
                waiting = merged(waiting, line)
        elif found:
            line_told = line_fields(page, start, end)
            if line_told is not None:
                found[-1] = merged(found[-1], line_told)
            elif "summary" not in found[-1] and not is_talk(page.view[start:end]):
                found[-1]["summary"] = quoted(page, trimmed(page.view, at, end))
    return [merged(f, around) for f in found]
