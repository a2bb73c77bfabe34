"""Stories out of an outline: which heads are headlines, which are titles of sections, which lines belong to a story."""

from __future__ import annotations

import re
from dataclasses import dataclass

from robotrader.core.background_scheduler.parsers.company_mentions import surely_company
from robotrader.core.background_scheduler.parsers.news_dates import published
from robotrader.core.background_scheduler.parsers.news_facts import Draft, Fact, Page, merged, quoted
from robotrader.core.background_scheduler.parsers.news_heads import read_head, strip_marks
from robotrader.core.background_scheduler.parsers.news_junk import (
    is_junk,
    is_section,
    is_skipped,
    is_talk,
    word_count,
)
from robotrader.core.background_scheduler.parsers.news_keys import IDLE_LABEL, label_at
from robotrader.core.background_scheduler.parsers.news_lines import labelled, line_fields, names_headline, tail_meta
from robotrader.core.background_scheduler.parsers.news_meta import (
    lead_meta,
    read_meta,
    symbols_in,
    take_links,
)
from robotrader.core.background_scheduler.parsers.news_outline import BOLD, BULLET, NUMBER, PLAIN, Node
from robotrader.core.background_scheduler.parsers.news_shapes import is_company, is_fact_name, is_figure, is_headline
from robotrader.core.background_scheduler.parsers.news_words import sentiment_of, stated_category
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.tables import trimmed
from robotrader.core.background_scheduler.parsers.text import Span

_TONE = regex(
    r"(positive|negative|neutral|bullish|bearish)(?: (?P<what>news|headlines|stories|developments|updates|items))?$",
    re.IGNORECASE,
)
_LEAD = regex(r":\s|\s[\u2013\u2014|-]\s")
"""What stands between the name of a company and what is told of it."""
ORIGIN = ("url", "source", "published_at", "sentiment", "impact", "category")
_MOST = 400


@dataclass(frozen=True, slots=True)
class _Around:
    """What the sections around a head say of all that is below: a date, a category, a company."""

    told: Draft
    depth: int = 0


def read_outline(page: Page, root: Node) -> list[Draft]:
    """Every story of the outline, in order."""
    found: list[Draft] = []
    _walk(page, root, _Around({}), found)
    return found


def skipped_parts(page: Page, root: Node) -> list[Span]:
    """Where the parts of a page stand whose titles say that they hold no news."""
    found: list[Span] = []
    for node in root.nodes[:_MOST]:
        if node.level <= PLAIN and is_skipped(_words(page, node)):
            found.append((node.start, node.last()))
        else:
            found += skipped_parts(page, node)
    return found


def _words(page: Page, node: Node) -> str:
    view, _ = take_links(page, page.view, node.start, node.end)
    return view[strip_marks(view, node.start, node.end) : node.end].strip(" \t*_")


def _walk(page: Page, node: Node, around: _Around, found: list[Draft]) -> None:
    if around.depth > 12:
        return
    if node.level == 0:
        lone = labelled(page, node.body, around.told) if not node.nodes else []
        found.extend(lone)
    kinds = _kinds(page, node.nodes[:_MOST])
    given = 2 * (kinds.count("story") + kinds.count("named")) > sum(k in ("story", "named", "told") for k in kinds)
    told_here = False
    for below, kind in zip(node.nodes, kinds, strict=False):
        words = _words(page, below)
        if len(found) >= _MOST:
            return
        if kind == "story" or (kind in ("told", "named") and given):
            found.append(_story(page, below, around))
            told_here = True
        elif kind == "none" and told_here:
            found[-1] = merged(found[-1], _stated(page, below))
        elif kind == "record":
            found.extend(labelled(page, [(below.start, below.end), *_lines_below(below)], around.told))
        elif kind == "section":
            inner = _Around(merged(_section(page, below, words), around.told), around.depth + 1)
            before = len(found)
            _walk(page, below, inner, found)
            if len(found) == before:
                found.extend(labelled(page, _lines_below(below), inner.told))


def _kinds(page: Page, nodes: list[Node]) -> list[str]:
    """What each head of one level is; beside lines that cite stories as their sources the others tell none."""
    kinds = [_kind(page, node, _words(page, node)) for node in nodes]
    cited = [_cited(page, node) is not None for node in nodes]
    if any(cited):
        kinds = [kind if own or kind == "section" else "none" for kind, own in zip(kinds, cited, strict=True)]
    return kinds


def _stated(page: Page, node: Node) -> Draft:
    """The field of a labelled line that stands beside its story instead of below it."""
    if label_at(page.view, strip_marks(page.view, node.start, node.end), node.end) is None:
        return {}
    return line_fields(page, node.start, node.end) or {}


def _origin(page: Page, node: Node) -> Draft:
    """What the lines below a head, or its own, say of where it comes from."""
    told = _head(page, node)
    head = told.pop("headline", None)
    told.pop("summary", None)
    fields = [line_fields(page, *span) for span in [*node.body[:12], *((n.start, n.end) for n in node.nodes[:12])]]
    told = merged(told, *({k: v for k, v in f.items() if k in ORIGIN} for f in fields if f is not None))
    labelled = label_at(page.view, strip_marks(page.view, node.start, node.end), node.end)
    if head and labelled and (labelled[0] == "headline" or _cited(page, node)):
        told["headline"] = head
    return told


def _cited(page: Page, node: Node) -> Draft | None:
    """The story that a line labelled as a source names: its headline, paper, day and link, not the paper alone."""
    label = label_at(page.view, strip_marks(page.view, node.start, node.end), node.end)
    if label is None or label[0] != "source":
        return None
    head = read_head(page, label[1], node.end)
    whole = {"headline", "published_at", "url"} <= head.keys()
    return head if whole and word_count(head["headline"].text) >= 4 else None


def _head(page: Page, node: Node) -> Draft:
    """The head of a line, also of one that cites a story as its source."""
    return _cited(page, node) or read_head(page, node.start, node.end)


def _kind(page: Page, node: Node, words: str) -> str:
    """What a head of the outline is.

    ``story``; ``record`` for labelled lines one of which is the headline; ``told`` for a sentence that is a story where
    the lines beside it are, ``named`` if it starts with a company's name and a colon; ``section``; ``none``.
    """
    start = strip_marks(page.view, node.start, node.end)
    label = label_at(page.view, start, node.end)
    head = _head(page, node)
    text = head["headline"].text if "headline" in head else ""
    cited = label is not None and label[0] == "source" and _cited(page, node) is not None
    by_label = "story" if cited else _by_label(page, node, words, label[0] if label else None, text)
    if by_label:
        return by_label
    if not text or is_talk(words):
        return "section" if node.nodes else "none"
    if _is_title(page, node, words, text):
        return "section"
    if is_junk(text):
        return "none"
    marked = any(name in head for name in ("url", "published_at", "source", "summary"))
    return _by_size(page, node, words, text, marked=marked) or _by_form(page, node, text, marked=marked)


def _by_label(page: Page, node: Node, words: str, label: str | None, text: str) -> str | None:
    """The kind that the label of a line decides."""
    if node.end >= len(page.view.rstrip()) and page.view.count("**", node.start, node.end) % 2:
        return "none"  # the text breaks off in it
    if label == "headline":
        return "story" if text and not is_junk(text) else None
    if is_skipped(words) and node.level <= BULLET:
        return "none"
    if label and any(names_headline(page, *span) for span in _lines_below(node)[:12]):
        return "record"
    if (label and label != "company") or IDLE_LABEL.match(page.view, _body(page, node), node.end):
        return "section" if node.nodes and node.level <= BOLD else "none"
    return None


def _is_title(page: Page, node: Node, words: str, text: str) -> bool:
    """The head is the title of what is below it: parts, stories with an origin of their own, a company's, a day's."""
    if node.level < BOLD and _is_parted(page, node):
        return True
    if is_section(text) or is_section(words) or is_company(text) or published(words) is not None:
        return True
    if any(_cited(page, n) for n in node.nodes[:20]):
        return True
    own = sum(_is_own_story(page, n) for n in node.nodes[:20])
    return own > 0 and own >= len(node.nodes) // 2


def _by_size(page: Page, node: Node, words: str, text: str, *, marked: bool) -> str | None:
    """The kind of a head that has few words, or a colon at its end and nothing else."""
    count = word_count(text)
    bold = node.level > BOLD and "**" in page.view[node.start : node.end]
    enough = 2 if marked or bold else 4
    if node.level <= BOLD and 3 <= count < enough and _holds_facts(page, node):
        return "story"
    if count < enough or (text.endswith(":") and node.nodes):
        return "section" if node.nodes or (node.level <= BOLD and node.body) else "none"
    below = bool(node.nodes or node.body)
    lone = node.level <= BOLD and not marked and count < 5
    return "none" if not below and (lone or words.endswith(":")) else None


def _by_form(page: Page, node: Node, text: str, *, marked: bool) -> str:
    """The kind of a head by how it is written."""
    figures = node.level >= NUMBER and is_figure(text) and not marked
    if not figures and _is_given(page, node, text, marked=marked):
        return "story"
    if node.nodes or figures:
        return "section" if node.nodes else "none"
    lead = _LEAD.split(text, maxsplit=1)[0]
    known = is_company(lead) and (" " in lead or surely_company(lead)) and not is_fact_name(lead)
    return "named" if lead != text and node.level >= NUMBER and known else "told"


def _body(page: Page, node: Node) -> int:
    return strip_marks(page.view, node.start, node.end)


def _is_parted(page: Page, node: Node) -> bool:
    """A heading with titles of parts below it."""
    for below in node.nodes:
        start = strip_marks(page.view, below.start, below.end)
        words = _words(page, below)
        idle = label_at(page.view, start, below.end) or IDLE_LABEL.match(page.view, start, below.end)
        if below.level > BOLD or idle or is_skipped(words) or is_fact_name(words):
            continue
        parts = [n for n in below.nodes if n.level <= BOLD and word_count(_words(page, n)) >= 5]
        if word_count(words) >= 2 or (parts and below.level < BOLD):
            return True
    return False


def _holds_facts(page: Page, node: Node) -> bool:
    """The bullets below a head are named facts (Volume, Sentiment) and no stories."""
    facts = 0
    for below in node.nodes[:20]:
        start = strip_marks(page.view, below.start, below.end)
        lead = page.view[start : below.end].split(":")[0].strip(" *_")
        labelled = label_at(page.view, start, below.end) or IDLE_LABEL.match(page.view, start, below.end)
        facts += bool(labelled or is_fact_name(lead) or (word_count(lead) <= 2 and ":" in page.view[start : below.end]))
    return 2 * facts > len(node.nodes)


def _is_given(page: Page, node: Node, text: str, *, marked: bool) -> bool:
    """The text gives the words as a headline: by its form, by a link or an origin, or by writing it as one."""
    if marked or node.level <= BOLD:
        return True
    return is_headline(text) or any(name in _origin(page, node) for name in ("url", "published_at", "source"))


def _is_own_story(page: Page, node: Node) -> bool:
    """A head below another that has an origin of its own, or is labelled as a story."""
    told = _origin(page, node)
    if "headline" in told:
        return True
    start = strip_marks(page.view, node.start, node.end)
    if label_at(page.view, start, node.end) or IDLE_LABEL.match(page.view, start, node.end):
        return False
    head = read_head(page, node.start, node.end).get("headline")
    return bool(
        head and word_count(head.text) >= 4 and ("published_at" in told or "source" in told or "url" in told)
    ) and (read_meta(page, page.view, start, node.end) is None)


def _section(page: Page, node: Node, words: str) -> Draft:
    """What the title of a section says of the stories below it."""
    told: Draft = {}
    start = strip_marks(page.view, node.start, node.end)
    bare = words.rstrip(": ")
    day = published(bare, month_first=page.month_first)
    if day:
        told["published_at"] = Fact(day, start, node.end)
    if is_company(bare):
        told["company"] = quoted(page, trimmed(page.view, start, node.end))
    at = bare.rfind("(")
    if at >= 0 and bare.endswith(")"):
        symbols = symbols_in(bare[at:].replace("NSE:", "").strip("() "))
        if symbols and is_company(bare[:at]):
            spot = page.view.find(bare[at:], node.start)
            told["symbols"] = Fact(symbols, spot + 1, spot + len(bare[at:]) - 1) if spot >= 0 else Fact(symbols, -1, -1)
    tone = _TONE.match(bare)
    if (
        tone
        and (node.level != PLAIN or tone["what"] in (None, "news", "headlines"))
        and (stated := sentiment_of(tone[1]))
    ):
        told["sentiment"] = Fact(stated, start, node.end)
    kind = stated_category(bare)
    if kind and kind != "other":
        told["category"] = Fact(kind, start, node.end)
    for span in node.body[:6]:
        line = line_fields(page, *span)
        told = merged(told, {k: v for k, v in (line or {}).items() if k in ("published_at", "source", "symbols")})
    return told


def _story(page: Page, node: Node, around: _Around) -> Draft:
    draft = _head(page, node)
    told: Draft = {}
    prose: list[tuple[int, int]] = []
    for start, end in _lines_below(node):
        line = line_fields(page, start, end)
        if line is None:
            if not is_talk(page.view[start:end]) or not prose:
                prose.append((start, end))
            view, linked = take_links(page, page.view, start, end)
            told = merged(told, {k: v for k, v in linked.items() if k in ("url", "source")})
            told = merged(
                told, tail_meta(page, view, start, end), lead_meta(page, start, end) if len(prose) < 2 else {}
            )
        else:
            told = merged(told, line)
    draft = merged(draft, told)
    if prose and "summary" not in draft:
        draft["summary"] = _run(page, prose)
    return merged(draft, around.told)


def _lines_below(node: Node) -> list[tuple[int, int]]:
    found = list(node.body)
    for below in node.nodes:
        found.append((below.start, below.end))
        found += _lines_below(below)
    return sorted(found)[:60]


def _run(page: Page, prose: list[tuple[int, int]], longest: int = 1500) -> Fact:
    """The first lines that follow each other, as one span."""
    start, end = prose[0]
    for a, b in prose[1:]:
        if page.view[end:a].strip() or b - start > longest:
            break
        end = b
    at = strip_marks(page.view, start, end)
    return quoted(page, trimmed(page.view, at, min(end, at + longest)))
