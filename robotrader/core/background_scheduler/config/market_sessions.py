"""The sessions of one day, made from the dated templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

from robotrader.core.background_scheduler.config.market_rows import (
    Part,
    SessionKind,
    Stocks,
    TemplateRow,
    Window,
)
from robotrader.core.clock import IST

EARLIER_CLOSE = "whether it is an F&O stock is not known, so this is the earlier of the two closes"


class MarketState(StrEnum):
    """What the market is doing. BREAK lies between two sessions of a day, such as before the post-close session."""

    CLOSED = "closed"
    PRE_OPEN = "pre-open"
    OPEN = "open"
    BREAK = "break"
    CLOSING_AUCTION = "closing-auction"
    POST_CLOSE = "post-close"


STATES: Mapping[SessionKind, MarketState] = {
    SessionKind.PRE_OPEN: MarketState.PRE_OPEN,
    SessionKind.CONTINUOUS: MarketState.OPEN,
    SessionKind.CLOSING_AUCTION: MarketState.CLOSING_AUCTION,
    SessionKind.POST_CLOSE: MarketState.POST_CLOSE,
}


class Session(NamedTuple):
    """One session of one day; ``note`` where the answer is less than certain."""

    day: date
    kind: SessionKind
    window: Window
    source: str
    confirmed: bool = True
    parts: tuple[Part, ...] = ()
    note: str | None = None

    @property
    def start(self) -> datetime:
        """Its first instant, in UTC."""
        return datetime.combine(self.day, self.window.opens, IST).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first instant after it, in UTC."""
        return datetime.combine(self.day, self.window.closes, IST).astimezone(UTC)


def in_force(templates: Sequence[TemplateRow], kind: SessionKind, stocks: Stocks, day: date) -> TemplateRow | None:
    """The row that holds on a day for one kind of session and of stocks; None where there is none yet."""
    rows = [
        (row.effective_from, number, row)
        for number, row in enumerate(templates)
        if row.kind is kind and row.stocks in (Stocks.ALL, stocks) and row.effective_from <= day
    ]
    return max(rows)[2] if rows else None


def full_day(templates: Sequence[TemplateRow], stocks: Stocks, day: date) -> tuple[Session, ...]:
    """The sessions of a full trading day, in the order in which they begin."""
    rows = [in_force(templates, kind, stocks, day) for kind in SessionKind]
    made = [
        Session(day, row.kind, row.window, row.source, row.confirmed, row.parts)
        for row in rows
        if row is not None and row.window is not None
    ]
    return tuple(sorted(made, key=lambda each: each.window))


def certain(fno: Sequence[Session], other: Sequence[Session]) -> tuple[Session, ...]:
    """What holds for a stock of which it is not known whether it is an F&O stock: the hours common to both kinds."""
    of_others = {each.kind: each for each in other}
    return tuple(
        both for one in fno if (two := of_others.get(one.kind)) is not None and (both := _common(one, two)) is not None
    )


def _common(one: Session, two: Session) -> Session | None:
    if one.window == two.window:
        return one
    opens, closes = max(one.window.opens, two.window.opens), min(one.window.closes, two.window.closes)
    if closes <= opens:
        return None
    source = one.source if one.window.closes == closes else two.source
    confirmed = one.confirmed and two.confirmed
    return Session(one.day, one.kind, Window(opens, closes), source, confirmed, note=EARLIER_CLOSE)
