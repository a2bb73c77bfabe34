"""JSON out of a model's answer: fences, prose around, curly or single quotes, None, trailing commas, cut tails.

Every value keeps its place in the text. What was complete before a cut is kept and the value that was cut is dropped;
nothing is ever completed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from robotrader.core.background_scheduler.parsers.patterns import regex

_MAX_DEPTH = 60
_MAX_STEPS = 60_000
_MAX_TRIES = 300


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON value and where it stands.

    Attributes:
        kind: ``object``, ``array``, ``string``, ``number``, ``word`` (bare text) or ``literal`` (true, false, null).
        text: the characters of a scalar, without its quotes.
        start: offset of ``text`` of a scalar, of the bracket of a container; end: offset behind it.
        members: key and value pairs of an object; items: values of an array.
        complete: False for a container that was cut.
    """

    kind: str
    text: str
    start: int
    end: int
    members: tuple[tuple[Node, Node], ...] = ()
    items: tuple[Node, ...] = ()
    complete: bool = True

    def get(self, *names: str) -> Node | None:
        """The value of the first key that has one of ``names`` (compared in lower case)."""
        return next((value for key, value in self.members if key.text.lower() in names), None)


@dataclass(frozen=True, slots=True)
class Block:
    """One JSON value in a text; ``label`` is the key that stands before a value without outer braces."""

    node: Node
    label: str | None


class _CutError(Exception):
    """The text ends here."""


class _BadError(Exception):
    """This is not JSON."""


class _LimitError(Exception):
    """This is too deep or too long to be an answer."""


_SPACE = regex(r"(?:[\s\ufeff]|//[^\n]{0,300}(?=\n)|/\*[^*]{0,300}\*/)*")
_NUMBER = regex(r"[-+]?\d[\d.]{0,40}(?:[eE][-+]?\d{1,3})?")
_GROUPED = regex(r"[-+]?\d{1,3}(?:,\d{2,3})+(?:\.\d+)?(?=\s*(?:,\s*[\"']|\}))")
_LITERAL = regex(r"(?:true|false|null|none|nan|-?infinity|undefined)\b", re.IGNORECASE)
_KEY = regex(r"[A-Za-z_][\w .&/-]{0,60}(?=\s*[:=])")
_BARE = regex(r"[^\n{}\[\]\"]{1,200}?(?=\s*(?:,\s*[\"']|[}\]]))")
_ENDS = regex(r"\s*(?:[,:}\]]|$|\n|\"[^\"\n]{1,60}\"\s?:)")
_SCALAR_ENDS = regex(r"\s*(?:[,}\]]|[\"'][^\"'\n]{1,60}[\"']\s?:)")
_OPEN = regex(r"\{\s*(?=[\"'}{A-Za-z_])|\[\s*(?=[{\"'\[])")
_LABEL = regex(r"[\"']([^\"'\n]{1,60})[\"']\s{0,3}:\s{0,3}$")


class _Reader:
    """Reads one value; its only state is the place it has come to and the steps it has taken."""

    def __init__(self, text: str, at: int, steps: int = 0) -> None:
        self.text = text
        self.at = at
        self.steps = steps

    def value(self, depth: int, in_array: bool) -> Node:
        """The value that starts here."""
        self.steps += 1
        if depth > _MAX_DEPTH or self.steps > _MAX_STEPS:
            raise _LimitError
        char = self.peek()
        if char in "{[":
            return self._container(char, depth)
        if char in "\"'":
            return self._string(char)
        return self._scalar(in_array)

    def peek(self) -> str:
        """The next character that is not space."""
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        if self.at >= len(self.text):
            raise _CutError
        return self.text[self.at]

    def _string(self, quote: str) -> Node:
        start, at = self.at + 1, self.at + 1
        while True:
            stop = self.text.find(quote, at)
            if stop < 0:
                raise _CutError
            slashes = stop - len(self.text[start:stop].rstrip("\\")) - start if self.text[stop - 1] == "\\" else 0
            if slashes % 2 == 0 and _ENDS.match(self.text, stop + 1):
                self.at = stop + 1
                return Node("string", self.text[start:stop], start, stop)
            self.steps += 1 + (stop - at) // 50
            if stop - start > 20_000 or self.steps > _MAX_STEPS:
                raise _LimitError
            at = stop + 1

    def _scalar(self, in_array: bool) -> Node:
        for kind, pattern in (("literal", _LITERAL), ("grouped", _GROUPED), ("number", _NUMBER)):
            match = pattern.match(self.text, self.at)
            if match is None or (kind == "grouped" and in_array):
                continue
            if match.end() >= len(self.text):
                raise _CutError
            if _SCALAR_ENDS.match(self.text, match.end()):
                self.at = match.end()
                return Node("number" if kind == "grouped" else kind, match[0], match.start(), match.end())
        match = _BARE.match(self.text, self.at)
        if match is None:
            if len(self.text) - self.at < 200 and not re.search(r"[\n{}\[\]\"]", self.text[self.at :]):
                raise _CutError
            raise _BadError
        self.at = match.end()
        return Node("word", match[0], match.start(), match.end())

    def _key(self) -> Node:
        char = self.peek()
        if char in "\"'":
            key = self._string(char)
        else:
            match = _KEY.match(self.text, self.at)
            if match is None:
                raise _BadError
            key = Node("string", match[0].strip(), match.start(), match.end())
            self.at = match.end()
        if self.peek() not in ":=":
            raise _BadError
        self.at += 1
        return key

    def _container(self, opener: str, depth: int) -> Node:
        start, complete = self.at, True
        members: list[tuple[Node, Node]] = []
        items: list[Node] = []
        self.at += 1
        try:
            while (char := self.peek()) not in "}]":
                if char == ",":
                    self.at += 1
                elif opener == "[":
                    items.append(self.value(depth + 1, True))
                    complete = items[-1].complete
                else:
                    members.append(
                        (self._key(), self.value(depth + 1, False) if self.peek() not in ",}" else self._nothing())
                    )
                    complete = members[-1][1].complete
                if not complete:
                    break
            else:
                self.at += 1
        except (_CutError, _BadError):
            complete = False
        kind = "object" if opener == "{" else "array"
        return Node(kind, "", start, self.at, tuple(members), tuple(items), complete)

    def _nothing(self) -> Node:
        return Node("literal", "null", self.at, self.at)


def find_json(text: str, view: str) -> list[Block]:
    """Every JSON object or array in ``text``; ``view`` is the same with plain quotes, read where quotes are curly."""
    blocks: list[Block] = []
    at = steps = 0
    for _ in range(_MAX_TRIES):
        match = _OPEN.search(view, at)
        if match is None:
            break
        quote = re.search(r"[\"']", view[match.start() : match.start() + 200])
        straight = quote is None or text[match.start() + quote.start()] in "\"'"
        reader = _Reader(text if straight else view, match.start(), steps)
        try:
            node = reader.value(0, False)
        except (_BadError, _CutError, _LimitError):
            at, steps = max(reader.at, match.end()), reader.steps
            continue
        steps = reader.steps
        if node.members or node.items:
            label = _LABEL.search(view[max(0, node.start - 90) : node.start])
            blocks.append(Block(node, label[1] if label else None))
        at = max(node.end, match.end())
    return blocks


def leaves(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every scalar below ``node`` with the keys that lead to it."""
    for key, value in node.members:
        yield from leaves(value, (*path, key.text))
    for item in node.items:
        yield from leaves(item, path)
    if node.kind not in ("object", "array"):
        yield path, node


@lru_cache(maxsize=4096)  # the same keys come with every answer
def plain_key(key: str) -> str:
    """A key in lower snake case: ``netProfit (₹ Cr)`` is ``net_profit_cr``."""
    key = re.sub(r"(?<=[a-z])(QoQ|YoY)(?![a-z])", lambda m: f"_{m[0].lower()}_", key[:80])
    key = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_", key)
    return re.sub(r"[^a-z0-9%]+", "_", key.lower()).strip("_")
