"""Outside text made safe for a terminal: escape sequences, control characters and text-direction overrides removed.

A company name, a headline or an error message may hold anything. On the screen it is text and nothing else.
"""

from __future__ import annotations

import re

# ECMA-48: CSI, then OSC/DCS/SOS/PM/APC up to their terminator, then any other two- or three-character escape.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|\Z)"
    r"|\x1b[ -/]*[0-~]?"
)
_SPACES = re.compile(r"[\t\v\f\r\x85\u2028\u2029]+")
_CONTROLS = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_SECRETS = (
    re.compile(r"(pplx-)[A-Za-z0-9_-]+"),
    re.compile(r"((?i:bearer|token)\s+)[A-Za-z0-9._:+/=-]{8,}"),
    re.compile(r"((?i:api[_-]?key|api[_-]?secret|access[_-]?token|password)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;]+"),
    re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)"),
)


def block(text: str) -> str:
    """The text with its line breaks and without anything a terminal would obey."""
    text = _ESCAPES.sub("", text.replace("\r\n", "\n"))
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", _CONTROLS.sub("", _SPACES.sub(" ", text)))


def line(text: object) -> str:
    """The text as one line."""
    return " ".join(block(str(text)).split())


def inline(text: object) -> str:
    """The text as a piece of a line: as :func:`line`, with a space at either end where it has any there."""
    whole, words = block(str(text)).replace("\n", " "), line(text)
    return (" " * whole.startswith(" ") + words + " " * whole.endswith(" ")) if words else " " * bool(whole)


def short(text: object, limit: int) -> str:
    """The text as one line of at most ``limit`` characters, its cut marked with three dots."""
    whole = line(text)
    return whole if len(whole) <= limit else whole[: max(0, limit - 3)].rstrip() + "..."


def scrub(text: str, secrets: tuple[str, ...] = ()) -> str:
    """The text without the given secrets and without anything of the shape of one."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    for pattern in _SECRETS:
        text = pattern.sub(r"\1***", text)
    return text
