"""What a look at risk says: its events and its record. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from robotrader.core.background_scheduler.config.risk_kinds import Breach, Told
from robotrader.core.clock import iso
from robotrader.core.event_bus import Event, EventType

if TYPE_CHECKING:
    from robotrader.core.background_scheduler.monitors.risk_decisions import Decided
    from robotrader.core.background_scheduler.monitors.risk_monitor import Look, Seen
    from robotrader.core.background_scheduler.monitors.risk_rules import Judgement

SOURCE = "risk_monitor"
NAMED = 50
"""How many symbols an event names at most."""


def events(account: str, decided: Decided, now: datetime, correlation_id: str) -> list[Event]:
    """What is told of breaches and of rules that are armed again; only what is sold is a trigger for the execution."""
    told = [_breach(each, now) for each in decided.breaches]
    for each in decided.rearmed:
        rule = each.rule
        data = {
            "rule_id": rule.id,
            "account": account,
            "kind": rule.kind.value,
            "subject": rule.subject,
            "why": each.why,
        }
        told.append(_event(EventType.RISK_REARMED, data, now, correlation_id))
    return told


def blind_event(account: str, reasons: Mapping[str, str], now: datetime, correlation_id: str) -> Event:
    """What is told once a day of symbols that have a rule and cannot be judged."""
    symbols = sorted(reasons)
    data = {
        "account": account,
        "dataset": "quotes",
        "symbols": symbols[:NAMED],
        "number": len(symbols),
        "reason": f"{reasons[symbols[0]]}: nothing is sold by the rules of {'it' if len(symbols) == 1 else 'them'}",
    }
    return _event(EventType.DATA_FLAGGED, data, now, correlation_id)


def record(account: str, provider: str, seen: Seen, look: Look) -> dict[str, Any]:
    """What a run shows: what was judged, what was not and why, and what follows."""
    decided = look.decided
    return {
        "account": account,
        "provider": provider,
        "at": seen.now,
        "session": seen.hours.state().value,
        "positions": sum(len(held) for held in look.scene.held.values()),
        "rules": len(look.rules),
        "judged": sum(each.broken is not None for each in look.judgements),
        "breaches": [breach(each) for each in decided.breaches],
        "rearmed": [
            {**_rule(each.rule.kind, each.rule.id, each.rule.subject), "why": each.why} for each in decided.rearmed
        ],
        "not_judged": [
            {**_rule(each.rule.kind, each.rule.id, each.subject), "why": each.why} for each in unjudged(look)
        ],
        "waiting": [judged(each) for each in decided.waiting],
        "stale": sorted(symbol for symbol, why in seen.blind.items() if why != MISSING),
        "missing": sorted(symbol for symbol, why in seen.blind.items() if why == MISSING),
    }


MISSING, STALE = "no quote", "its quote is stale"


def unjudged(look: Look) -> list[Judgement]:
    """Judgements that could not be made."""
    return [each for each in look.judgements if each.broken is None]


def breach(found: Breach) -> dict[str, Any]:
    """A breach as a run shows it."""
    names = (
        "id",
        "rule_id",
        "kind",
        "subject",
        "product",
        "episode",
        "observed",
        "bound",
        "quantity",
        "outcome",
        "detail",
    )
    return {name: getattr(found, name) for name in names}


def judged(found: Judgement) -> dict[str, Any]:
    """A judgement as a run shows it."""
    shown = _rule(found.rule.kind, found.rule.id, found.subject)
    return {**shown, "product": found.product, "observed": found.observed, "bound": found.bound}


def _rule(kind: str, rule_id: str, subject: str) -> dict[str, Any]:
    return {"rule_id": rule_id, "kind": kind, "subject": subject}


def _breach(found: Breach, now: datetime) -> Event:
    exits = found.outcome == Told.PENDING
    data: dict[str, Any] = {
        "breach_id": found.id,
        "rule_id": found.rule_id,
        "account": found.account,
        "kind": found.kind.value,
        "observed": str(found.observed),
        "bound": str(found.bound),
        "action": "exit" if exits else "tell",
    }
    if found.product:
        data |= {"symbol": found.subject, "product": found.product, "quantity": found.quantity or 0}
    else:
        data |= {"subject": found.subject}
    if not exits:
        data["outcome"] = found.outcome
    kind = EventType.RISK_STOP_LOSS_TRIGGER if exits else EventType.RISK_BREACH
    return _event(kind, data, now, found.correlation_id)


def _event(kind: EventType, data: Mapping[str, Any], now: datetime, correlation_id: str) -> Event:
    return Event(type=kind, timestamp=iso(now), source=SOURCE, data=data, correlation_id=correlation_id)
