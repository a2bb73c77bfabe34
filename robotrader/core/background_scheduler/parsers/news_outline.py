"""A text as an outline: headings, numbered lines and bullets with what stands below each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from robotrader.core.background_scheduler.parsers.news_junk import is_section, is_skipped, is_talk
from robotrader.core.background_scheduler.parsers.news_keys import label_at
from robotrader.core.background_scheduler.parsers.patterns import regex
from robotrader.core.background_scheduler.parsers.text import Span

BOLD, PLAIN, NUMBER, BULLET = 7, 8, 9, 10
_HEAD = regex(r"[ \t>]{0,12}(#{1,6}(?=[ \t])|#{2,6})[ \t]{0,3}(?=[^\s#])")
_NUMBER = regex(r"([ \t>]{0,40})(?:\*\*)?(?:\(?\d{1,3}[.)]|\[\d{1,3}\](?![:(]))(?:[ \t]{1,6}|(?=\*\*))(?=\S)")
_KEYCAP = regex(r"([ \t>]{0,40})(?:\*\*)?\d[\s\ufe0f]?\u20e3[ \t]{0,4}(?=\S)")
_BULLET = regex(
    r"([ \t>]{0,40})[-*+\u25ba\u27a4\u27a1\u25b8\u2794\u2023\U0001f449\u2192\u2714\u2705\u2713\u274c"
    r"\U0001f539\U0001f538\U0001f4cc\U0001f4f0]"
    r"(?:[ \t]{1,6}|(?=\*\*[^*])|(?<=[\U0001f539\U0001f538\U0001f4cc\U0001f4f0\u2705])\s?)(?=\S)"
)
_BOLD = regex(
    r"[ \t>]{0,12}\*\*[^*\n]{2,240}\*\*:?[ \t]*(?:\([^()\n]{4,120}\)[ \t]*)?$|[ \t>]{0,12}__[^_\n]{2,240}__:?[ \t]*$"
)
_GROUP = regex(
    r"[ \t]{0,2}(?:(?:NSE:)?[A-Z][A-Z0-9&-]{2,14}"
    r"|(?i:positive|negative|neutral|bullish|bearish) (?i:news|headlines|stories|developments|updates|items))\s?:\s*$"
)
"""A plain line that groups what is below it: a symbol, a sentiment."""
_TONE = regex(r"[ \t]{0,4}(?:positives?|negatives?|neutral|bullish|bearish)\s{0,2}:?\s*$", re.IGNORECASE)
_LED = regex(r"\*\*(?!\d|[A-Z][a-z]{2,8} \d)(?=[^*\n]*\S \S)[^*\n]{7,159}[^*\n?]\*\*[:.]?\s{1,2}(?=\S[^\n]{40})")
"""A paragraph that begins with words in bold."""
_RULE = regex(r"\s*(?:-{3,}|\*{3,}|_{3,}|={3,}|\u2500{3,})\s*$")


_LONGEST_LINE = 300


@dataclass(slots=True)
class Node:
    """One head of the outline.

    Attributes:
        level: 0 the text itself, 1 to 6 headings, 7 a line in bold, 8 a plain title, from 9 on numbers and bullets by
            their indent.
        start, end: its line; body: the lines below it that are no heads, in order; nodes: the heads below it.
    """

    level: int
    start: int
    end: int
    body: list[Span] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)

    def last(self) -> int:
        """Offset behind everything that is below it."""
        ends = [self.end, *(b for _, b in self.body[-1:])]
        return max([*ends, *(n.last() for n in self.nodes[-1:])])


def line_spans(view: str) -> Iterator[Span]:
    """Every line of the view, empty ones too."""
    at = 0
    for piece in view.split("\n"):
        yield at, at + len(piece)
        at += len(piece) + 1


def level_of(line: str) -> int:
    """The level of a line, 8 for plain words."""
    head = _HEAD.match(line)
    if head:
        return len(head[1])
    number = _NUMBER.match(line) or _KEYCAP.match(line)
    if number:
        return NUMBER + 2 * (_indent(number[1]) // 2)
    bullet = _BULLET.match(line)
    if bullet and not (line[bullet.end() - 1 : bullet.end()] == "*" and _BOLD.match(line)):
        return BULLET + 2 * (_indent(bullet[1]) // 2)
    return BOLD if _BOLD.match(line) or _GROUP.match(line) else 8


def _indent(space: str) -> int:
    return min(len(space.replace("\t", "    ").replace(">", "")), 20)


def outline(view: str) -> Node:
    """The tree of a text."""
    root = Node(0, 0, 0)
    stack = [root]
    blank = True
    spans = list(line_spans(view))
    led = sum(bool(_LED.match(view, *s)) for s in spans) > 1
    for i, (start, end) in enumerate(spans):
        line = view[start:end]
        if not line.strip() or _RULE.match(line):
            blank = True
            continue
        begun = blank or (i > 0 and _LED.match(view, *spans[i - 1]))
        level = NUMBER if led and begun and _LED.match(line) else level_of(line)
        if level == PLAIN and not (blank and _is_group(line, view[slice(*spans[i + 1])] if i + 1 < len(spans) else "")):
            _below(view, stack, start, end, blank=blank)
        else:
            while stack[-1].level >= level:
                stack.pop()
            node = Node(level, start, end)
            stack[-1].nodes.append(node)
            stack.append(node)
        blank = False
    return root


def _is_group(line: str, following: str) -> bool:
    """A plain title of a section with its bullets directly below it."""
    named = _TONE.match(line) or is_section(line) or is_skipped(line)
    return len(line) < 80 and level_of(following) > PLAIN and bool(named)


def _below(view: str, stack: list[Node], start: int, end: int, *, blank: bool) -> None:
    """A plain line goes below the head it follows; behind an empty line it closes bullets, unless it is indented."""
    line = view[start:end]
    if blank and len(line) - len(line.lstrip()) < 2:
        while stack[-1].level >= PLAIN and stack[-1].level % 2 == 0:
            stack.pop()
        if is_talk(line):
            while stack[-1].level > 6:
                stack.pop()
    head = stack[-1]
    next_line = not blank and head.level >= NUMBER and not head.body and not head.nodes
    if next_line and len(line) < _LONGEST_LINE and line.strip()[0].islower() and not label_at(view, start, end):
        head.end = end  # the head goes on
    else:
        head.body.append((start, end))
