"""The failures the sandbox can rehearse. Pure: no HTTP here, only what is said instead of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from robotrader.core.errors import ConfigurationError
from robotrader.sandbox.wire import Reply

FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "rate-limit": "every request is refused with 429 and Retry-After 900",
        "rate-limit-once": "the first request is refused with 429 and Retry-After 1, then all is well",
        "bad-key": "every key is rejected: 401 with an HTML page",
        "server-error": "every request ends in 500 with a JSON error",
        "server-error-once": "the first request ends in 500 with a JSON error, then all is well",
        "gateway-html": "every request ends in 502 with an HTML page",
        "html": "200, but an HTML page where JSON was due",
        "failed": "200, but the run has failed and there is no text",
        "empty": "a completed answer with empty text",
        "no-search": "an answer given without any search",
        "cut": "an answer cut half way through its JSON",
        "garbage": "a completed answer of idle words, no figure in it",
        "refusal": "a polite refusal instead of an answer",
        "prose": "the facts told in sentences instead of JSON",
        "fenced": "JSON after a think block, in a code fence, with braces running on",
        "slow": "silence until the read timeout",
        "reset": "the connection breaks in the middle of the body",
        "connect": "the service cannot be reached",
        "huge": "a body of more than 5 MB",
    }
)
"""Name of each fault and what it does."""


@dataclass(frozen=True, slots=True)
class Page:
    """A whole HTTP answer that is no answer."""

    status_code: int
    content_type: str
    body: str
    retry_after: str | None = None


def check_fault(name: str) -> None:
    """Accept the name of a fault, or empty for none.

    Raises:
        ConfigurationError: no such fault; the nearest one and all of them are named.
    """
    if not name or name in FAULTS:
        return
    # difflib is slow to import and only a mistake needs it.
    from difflib import get_close_matches

    near = get_close_matches(name, FAULTS, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise ConfigurationError(f"no such sandbox fault: {name!r}", remedy=f"{hint}faults: {', '.join(FAULTS)}")


def page(fault: str) -> Page | None:
    """The HTTP answer of a fault that never looks at the question, else None."""
    return _PAGES.get(fault)


def spoil(fault: str, reply: Reply, prose: str) -> Reply:
    """A good reply as the fault leaves it; ``prose`` is the same reply in sentences."""
    if fault in _WORDS:
        return replace(reply, text=_WORDS[fault])
    spoiled = {
        "failed": Reply("", None, "failed"),
        "no-search": replace(reply, results=None),
        "cut": replace(reply, text=reply.text[: len(reply.text) // 2], status="incomplete"),
        "prose": replace(reply, text=prose),
        "fenced": replace(reply, text=f"{_THOUGHT}\n```json\n{reply.text}{' }' * 40}\n```\n"),
    }
    return spoiled.get(fault, reply)


_HTML = "text/html; charset=utf-8"
_JSON = "application/json"
_HTML_PAGE = "<html>\r\n<head><title>{0}</title></head>\r\n<body><h1>{0}</h1><hr>{1}</body>\r\n</html>\r\n"
_OPENRESTY = "<center>openresty</center>"
_LIMITED = '{"error": {"message": "Rate limit exceeded", "type": "rate_limit_exceeded", "code": 429}}'
_BROKEN = '{"error": {"message": "Internal server error", "type": "server_error", "code": 500}}'

_PAGES: Mapping[str, Page] = {
    "rate-limit": Page(429, _JSON, _LIMITED, retry_after="900"),
    "rate-limit-once": Page(429, _JSON, _LIMITED, retry_after="1"),
    "bad-key": Page(401, _HTML, _HTML_PAGE.format("401 Authorization Required", _OPENRESTY)),
    "server-error": Page(500, _JSON, _BROKEN),
    "server-error-once": Page(500, _JSON, _BROKEN),
    "gateway-html": Page(502, _HTML, _HTML_PAGE.format("502 Bad Gateway", _OPENRESTY)),
    "html": Page(200, _HTML, _HTML_PAGE.format("Just a moment...", "<p>Checking your browser</p>")),
}
_WORDS: Mapping[str, str] = {
    "empty": "",
    "garbage": "Markets rose, markets fell, and the weather over the harbour stayed fine, or so it went.",
    "refusal": "I'm sorry, but I can't help with that request. Please consult the filings of the company.",
}
_THOUGHT = '<think>The answer should be an object such as {"symbol": null}. Let me write it down.</think>'
