"""What the risk commands and the market command show, as frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class BreachView:
    """One time a rule was broken, and what came of it."""

    id: str
    rule_id: str
    kind: str
    subject: str
    product: str
    at: datetime
    observed: Decimal
    bound: Decimal
    quantity: int | None
    outcome: str
    detail: str | None


@dataclass(frozen=True, slots=True)
class BreachesView:
    """Breaches of an account, newest first."""

    account: str
    provider: str
    breaches: tuple[BreachView, ...]


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule as it stands.

    Attributes:
        rule: as it is typed, without its value.
        state: ``armed``, ``breached`` (it fired and is not armed again), or ``off``.
        nearest: which symbol or sector is nearest to the bound, for rules about several.
        distance: how far the observed value is from the bound, negative beyond it, in ``distance_unit``: percent of
            the price (``pct``), percentage points (``points``), rupees (``inr``) or orders (``orders``).
        why: why it is not judged now.
    """

    id: str
    rule: str
    kind: str
    subject: str
    value: Decimal
    enabled: bool
    state: str
    nearest: str | None
    observed: Decimal | None
    bound: Decimal | None
    distance: Decimal | None
    distance_unit: str
    high_inr: Decimal | None
    why: str | None
    last_breach: BreachView | None


@dataclass(frozen=True, slots=True)
class RiskView:
    """Every rule of an account; ``problem`` says why nothing is judged on live prices, where nothing is."""

    account: str
    provider: str
    at: datetime
    session: str | None
    stop: str | None
    problem: str | None
    rules: tuple[RuleView, ...]


@dataclass(frozen=True, slots=True)
class RuleSetView:
    """A rule that was set: ``before`` is the value it had, ``replaced`` the other kind of the same that was removed."""

    account: str
    provider: str
    rule: str
    kind: str
    subject: str
    value: Decimal
    before: Decimal | None
    replaced: str | None
    price: Decimal | None
    bound: Decimal | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RulesChangedView:
    """Rules that were removed or switched, as they are typed."""

    account: str
    provider: str
    done: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckView:
    """What a look would do now; nothing was written."""

    account: str
    provider: str
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class QuoteView:
    """One quote; ``stale`` where it is too old to decide by while the market is open."""

    symbol: str
    last_price: Decimal
    previous_close: Decimal | None
    change_pct: Decimal | None
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    volume: int | None
    lower_circuit: Decimal | None
    upper_circuit: Decimal | None
    exchange_at: datetime | None
    fetched_at: datetime
    stale: bool


@dataclass(frozen=True, slots=True)
class MarketView:
    """The session and quotes; ``opens_at`` is the next opening, ``closes_at`` the close of an open market."""

    provider: str
    at: datetime
    day: date
    session: str
    opens_at: datetime | None
    closes_at: datetime | None
    quotes: tuple[QuoteView, ...]
    missing: tuple[str, ...]
