"""The verdict over one HTTP answer, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple


class Kind(StrEnum):
    """What an answer is worth."""

    USABLE = "usable"
    UNUSABLE = "unusable"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Refusal(StrEnum):
    """Why a request was refused; none of them is billed."""

    NEVER_REACHED = "never reached"
    KEY_REJECTED = "key rejected"
    KEY_BARRED = "key barred"
    RATE_LIMITED = "rate limited"
    UPSTREAM = "upstream"
    REQUEST = "request"


class Judgement(NamedTuple):
    """The verdict.

    Attributes:
        reason: what it rests on, in a few words of our own.
        refusal: set where ``kind`` is REFUSED.
        no_data: an unusable answer that was completed and is empty, so that asking again gives no more.
        message: the service's own words on an error, cleaned and shortened; empty where it gave none.
        sources: title, url, date and last_updated of each search result, each url once.
    """

    kind: Kind
    reason: str
    refusal: Refusal | None = None
    no_data: bool = False
    message: str = ""
    text: str = ""
    sources: tuple[Mapping[str, Any], ...] = ()
    cost_usd: Decimal | None = None
    model: str | None = None
