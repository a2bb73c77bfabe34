"""The words of risk: kinds of rules, a rule, a breach. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class RuleKind(StrEnum):
    """What a rule looks at.

    Of exits the first in this order that is broken on a position sells it, however many are. STOP_LOSS and TARGET are
    prices in rupees; STOP_LOSS_PCT and TARGET_PCT are percentages of what was paid a share, TRAILING_PCT of the highest
    price since the rule was set. POSITION_PCT and SECTOR_PCT are shares of the account's live value, cash included;
    DAILY_LOSS is rupees lost since the previous close; ORDER_RATE is orders a minute.
    """

    STOP_LOSS = "stop_loss"
    STOP_LOSS_PCT = "stop_loss_pct"
    TRAILING_PCT = "trailing_pct"
    TARGET = "target"
    TARGET_PCT = "target_pct"
    POSITION_PCT = "position_pct"
    SECTOR_PCT = "sector_pct"
    DAILY_LOSS = "daily_loss"
    ORDER_RATE = "order_rate"


EXITS = (
    RuleKind.STOP_LOSS,
    RuleKind.STOP_LOSS_PCT,
    RuleKind.TRAILING_PCT,
    RuleKind.TARGET,
    RuleKind.TARGET_PCT,
)
"""Rules that sell, in the order in which one goes before another; the rest only tell."""

STOPS = (RuleKind.STOP_LOSS, RuleKind.STOP_LOSS_PCT, RuleKind.TRAILING_PCT)
RANK = {kind: number for number, kind in enumerate(RuleKind)}


class Told(StrEnum):
    """What came of a breach when it was found. Of what is PENDING, execution tells later how it went on."""

    PENDING = "pending"
    COVERED = "covered"
    NOTHING_TO_SELL = "nothing to sell"
    NOT_SOLD = "not sold by itself"
    TOLD = "told"


FAILED_EXITS = frozenset({"blocked", "unplaced", "rejected"})
"""Outcomes after which an exit is tried anew."""

SOLD_OUT = frozenset({"filled", Told.NOTHING_TO_SELL.value, Told.COVERED.value})
"""Outcomes that left nothing to sell; what can be sold later, such as shares that were not settled, is sold then."""


class Rule(NamedTuple):
    """One rule of one account.

    Attributes:
        subject: a symbol, the name of a sector, or empty for the whole account; of POSITION_PCT and SECTOR_PCT for
            every symbol or sector without a rule of its own.
        armed: False from a breach until the rule may fire again.
        episode: counts the times it fired.
        high_inr: the highest price a trailing stop has seen; None before its first look.
        updated_at: when its value was set.
    """

    id: str
    account: str
    kind: RuleKind
    subject: str
    value: Decimal
    enabled: bool
    armed: bool
    episode: int
    high_inr: Decimal | None
    created_at: datetime
    updated_at: datetime


class Breach(NamedTuple):
    """One time a rule was broken: ``observed`` against ``bound``, in the unit of the rule, and what came of it.

    ``product`` is empty where nothing is sold by the rule; ``detail`` holds the id of the breach that covers this one,
    or words.
    """

    id: str
    rule_id: str
    account: str
    kind: RuleKind
    subject: str
    product: str
    episode: int
    at: datetime
    observed: Decimal
    bound: Decimal
    quantity: int | None
    outcome: str
    detail: str | None
    correlation_id: str


class Standing(NamedTuple):
    """The breach of a rule's present episode of one subject and product; of a covered one, what came of its cover."""

    id: str
    at: datetime
    outcome: str
