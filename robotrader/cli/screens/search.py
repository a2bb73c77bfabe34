"""What a search found: each hit with its kind, company, age and the words around the match."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render, snippets
from robotrader.cli import format as fmt
from robotrader.cli.screens import parts

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.services.views import SearchHit

EMPHASIS = "bold underline"
LONGEST_TITLE = 200
LONGEST_SNIPPET = 600
LONGEST_QUERY = 60


def found(query: str, hits: Sequence[SearchHit], limit: int, view: Look) -> list[Any]:
    """The hits, best first."""
    said = clean.short(query, LONGEST_QUERY)
    if not hits:
        return [f"nothing found for {said}"]
    heading = render.title(["Search", said], parts.sandbox(hit.provider for hit in hits), view)
    shown: list[Any] = [render.heading(heading)]
    for hit in hits:
        shown += ["", *_hit(hit, view)]
    more = f"; only the best {limit} are shown, --limit shows more" if len(hits) >= limit else ""
    return [*shown, "", f"{parts.counted(len(hits), 'hit')}{more}"]


def _hit(hit: SearchHit, view: Look) -> list[Any]:
    mark = f", {parts.SANDBOX}" if hit.provider == "sandbox" else ""
    words = [hit.kind, hit.symbol, fmt.age(hit.at, view.now), f"{_thing(hit.kind)} {hit.ref}"]
    snippet = hit.snippet[:LONGEST_SNIPPET]
    around = render.words(*[(piece, EMPHASIS) if hit else piece for piece, hit in snippets.pieces(snippet)])
    title = clean.short(snippets.plain(hit.title), LONGEST_TITLE)
    said = clean.line(snippets.plain(snippet))
    return [
        *([render.words((title, "bold"))] if title else []),
        f" {view.dot} ".join(clean.line(word) for word in words if word) + mark,
        *([around] if said and said != title else []),
    ]


def _thing(kind: str) -> str:
    return "story" if kind == "news" else "document"
