"""The lines below a headline, or with labels of their own: the fields they state, the words that are a story's text."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.news_dates import RELATIVE
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Page, merged, quoted
from robotrader.core.background_scheduler.parsers.news_heads import read_head, strip_marks
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, is_section, is_talk
from robotrader.core.background_scheduler.parsers.news_keys import IDLE_LABEL, label_at
from robotrader.core.background_scheduler.parsers.news_meta import read_meta, read_value, take_links
from robotrader.core.background_scheduler.parsers.news_publishers import is_known, like_name
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import Span

_SIGNED = regex(r"[.!?][\"')]?\s{1,2}-{1,2}\s?([^-.|\n]{2,40}?)[ *_.]{0,4}$")
"""A sentence with its publisher behind a dash."""
_CREDIT = regex(
    r"[.!?][\"')]?[ \t]{1,2}[*_]{0,2}(?i:source|via):[*_]{0,2}[ \t]{1,2}(?P<name>[A-Z][^*_,.|()\n]{1,40}?)[ *_.]{0,4}$"
)
"""A sentence with its source behind it."""
_PAPER = regex(r"[ \t]{0,8}(?P<mark>\*|_)(?P<name>[A-Z][^*_\n]{2,40}?)(?P=mark)[ \t]{0,8}")
"""A line in italics and nothing else, as the name of a paper stands below its headline."""
_PRESS = regex(
    r"\b(?:news\w*|times|express|hindu|mint|standard|post|herald|journal|tv\d*|chronicle|tribune|telegraph|gazette|wire"
    r"|media|press|network|today|businessline|quint|bulletin|magazine)\b",
    re.IGNORECASE,
)


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
    return merged(told, linked) if told is not None else _paper(page, view, start, end)


def _paper(page: Page, view: str, start: int, end: int) -> Draft | None:
    """The paper that a line names in italics and with no other word."""
    paper = _PAPER.fullmatch(view, start, end)
    if paper is None or not (_PRESS.search(paper["name"]) and like_name(paper["name"])) or is_section(paper["name"]):
        return None
    return {"source": quoted(page, paper.span("name"))}


def tail_meta(page: Page, view: str, start: int, end: int) -> Draft:
    """The origin in brackets at the end of a line of the story's words."""
    signed = _SIGNED.search(view, max(start, end - 60), end)
    if signed and is_known(signed[1]):
        return {"source": quoted(page, signed.span(1))}
    credited = _CREDIT.search(view, max(start, end - 70), end)
    if credited and (is_known(credited["name"]) or like_name(credited["name"])):
        return {"source": quoted(page, credited.span("name"))}
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


def _apart(line: Draft, *, begun: bool, label: tuple[str, int] | None) -> tuple[Draft, Draft]:
    """The fields of a line, and apart from them the link in the words of a summary, which may lead anywhere."""
    if not begun or label is None or label[0] != "summary" or "url" not in line:
        return line, {}
    return {n: f for n, f in line.items() if n != "url"}, {"url": line["url"]}


def labelled(page: Page, spans: list[Span], around: Draft) -> list[Draft]:
    """Plain lines with labels, a story from each ``Headline:`` on."""
    found: list[Draft] = []
    waiting: Draft = {}
    spare: dict[int, Draft] = {}  # links in the words of a summary, for a story without one of its own
    for start, end in spans:
        at = strip_marks(page.view, start, end)
        label = label_at(page.view, at, end)
        if label and label[0] == "headline":
            told = read_head(page, start, end)
            if "headline" in told and not is_junk(told["headline"].text):
                found.append(merged(told, waiting))
            waiting = {}
        elif label or (found and IDLE_LABEL.match(page.view, at, end)):
            line, link = _apart(line_fields(page, start, end) or {}, begun=bool(found), label=label)
            spare[len(found) - 1] = merged(spare.get(len(found) - 1, {}), link)
            repeated = found and any(n in found[-1] for n in line if n != "url")
            if found and not repeated:
                found[-1] = merged(found[-1], line)
            elif found and label and label[0] == "summary":
                continue  # more words about the same story; the next one has its headline first
            else:
                waiting = merged(waiting, line)
        elif found:
            line_told = line_fields(page, start, end)
            if line_told is not None:
                found[-1] = merged(found[-1], line_told)
            elif "summary" not in found[-1] and not is_talk(page.view[start:end]):
                found[-1]["summary"] = quoted(page, trimmed(page.view, at, end))
    return [merged(f, spare.get(i, {}), around) for i, f in enumerate(found)]
