"""JSON that a text only shows: an example, a template, or words of a page that tell the reader what to answer."""

from __future__ import annotations

import re

from robotrader.core.background_scheduler.parsers.json_text import Block
from robotrader.core.background_scheduler.parsers.patterns import regex

_SHOWN = regex(
    r"\b(?:for (?:example|instance)|(?:an?|this|the following|sample|below) (?:example|template|sample|placeholder"
    r"|mock-?up"
    r"|dummy)|example(?: of| output| response| answer| format| json|:)|e\.g\.?"
    r"|(?<!your )(?<!provided )(?<!requested )(?<!given )(?<!required )\btemplates?\b|placeholders?|dummy (?:data"
    r"|values?)"
    r"|sample (?:output|response|answer|json|data|format)|fictitious|hypothetical|illustrat\w+"
    r"|(?:ignore|disregard|forget|override) (?:all|any|the|your|every|previous|prior|above|what|these|this)\b"
    r"|you (?:must|should|shall|have to|need to|will) (?:\w+ ){0,3}(?:answer|respond|reply|return|output|say|report"
    r"|write)"
    r"|(?:always|please|just|only|and|then|to|must|instead,?) (?:answer|respond|reply|return|output|print|say"
    r"|report|write|send)"
    r"(?: (?:with|only|exactly|back|this|the following|as|it as|your answer as))"
    r"|(?:answer|respond|reply) with(?: \w+){0,3}:?|(?:output|return|print) (?:exactly|this|the following|only)"
    r"|instructions? (?:for|to)\b|system (?:prompt|message)|(?:should|must) look like|in (?:a|the) form(?:at)? like"
    r"|should be (?:sent|given|returned|formatted))",
    re.IGNORECASE,
)
_AFTER = regex(
    r"[`\s]{0,8}(?:(?:is|was|as) (?:only |just |merely )?(?:an? )?(?:example|template|sample|placeholder"
    r"|illustration)|instead\b"
    r"|as an example|shows the format|is the (?:format|schema|template)|\(example\)|and nothing else)",
    re.IGNORECASE,
)
_BEFORE = 220


_CELL_TAG = regex(r"<t[dh](?:[ ][^<>]{0,80})?>", re.IGNORECASE)
_ROW_TAG = regex(
    r"(?:</tr>\s{0,40}(?:</?t(?:head|body|foot)\b[^<>]{0,60}>\s{0,40})*)|</h[1-6]>|</table>", re.IGNORECASE
)


def table_marks(view: str) -> str:
    """``view`` with cells of HTML tables begun by pipes and their rows ended by line ends, in as many characters."""
    if not _CELL_TAG.search(view):
        return view
    view = _CELL_TAG.sub(lambda m: "|".ljust(len(m[0])), view)
    return _ROW_TAG.sub(lambda m: "\n".rjust(len(m[0])), view)


def is_shown(view: str, block: Block) -> bool:
    """The words right before or behind the JSON say that it is no answer."""
    start = max(0, block.node.start - _BEFORE)
    before = re.sub(r"[`\s]*(?:json|js|javascript|text)?\s*$", "", view[start : block.node.start])
    paragraph = re.split(r"\n\s*\n|[}\]]\s*\n", before)[-1]
    last = re.split(r"(?<=[.!?])\s", paragraph)[-2:]
    return bool(_SHOWN.search(" ".join(last)) or _AFTER.match(view, block.node.end))
