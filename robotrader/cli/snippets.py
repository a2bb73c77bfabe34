"""The words around a match, in which what matched stands between U+0002 and U+0003. Pure functions."""

from __future__ import annotations

import re

_MATCHED = re.compile("\x02([^\x02\x03]*)\x03")


def matched(snippet: str) -> list[str]:
    """What matched, each once."""
    return list(dict.fromkeys(_MATCHED.findall(snippet)))


def plain(snippet: str) -> str:
    """The snippet without its marks."""
    return snippet.replace("\x02", "").replace("\x03", "")


def pieces(snippet: str) -> list[tuple[str, bool]]:
    """The snippet in runs, each with whether it matched; a mark without its partner is dropped."""
    return [(plain(text), bool(number % 2)) for number, text in enumerate(_MATCHED.split(snippet)) if text]
