"""Rules, breaches and looks on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render
from robotrader.cli import format as fmt
from robotrader.cli.screens import parts
from robotrader.cli.screens.market import named
from robotrader.cli.shapes import FAILED_EXITS

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.background_scheduler.models import TaskOutcome
    from robotrader.core.services.risk_views import (
        BreachesView,
        RiskView,
        RulesChangedView,
        RuleSetView,
        RuleView,
    )

STATES = {"armed": "green", "breached": "bold yellow", "off": "dim"}
LONGEST = 60
SHOWN = 20
_PERCENT, _RUPEES = "_pct", "_inr"


def rules(found: RiskView, view: Look) -> list[Any]:
    """A line for each rule, then what stands in the way of judging."""
    words = ["Risk", *([] if found.session is None else [f"market {found.session}"])]
    heading = title(words, found.account, found.provider, view)
    notes = [f"no rule is judged now: {found.problem}"] if found.problem else []
    notes += [found.stop] if found.stop else []
    if not found.rules:
        return [render.heading(heading), "no rules; such as: robotrader risk set SBIN stop 5%", *notes]
    columns: list[render.Column] = [
        "Rule", ("Value", render.RIGHT), "State", ("Now", render.RIGHT), ("Bound", render.RIGHT),
        ("Away", render.RIGHT), "Last breach",
    ]  # fmt: skip
    rows = [_row(each, view) for each in found.rules]
    notes += [f"{each.rule}: not judged, {each.why}" for each in found.rules if each.why and each.enabled][:SHOWN]
    return [render.table(heading, columns, rows), *notes]


def _row(found: RuleView, view: Look) -> tuple[object, ...]:
    last = found.last_breach
    name = f"{found.rule} ({found.nearest})" if found.nearest else found.rule
    return (
        name,
        amount(found.kind, found.value, view),
        (found.state, STATES.get(found.state, "")),
        observed(found.kind, found.observed, view),
        observed(found.kind, found.bound, view),
        fmt.EMPTY if found.distance is None else _distance(found, view),
        fmt.EMPTY if last is None else f"{fmt.age(last.at, view.now)}: {last.outcome}",
    )


def _distance(found: RuleView, view: Look) -> str:
    away = found.distance or Decimal(0)
    if found.distance_unit == "inr":
        return fmt.rupees(away, view.rupee)
    return fmt.ratio(away) if found.distance_unit == "orders" else fmt.percent(away, signed=False)


def was_set(found: RuleSetView, view: Look) -> str:
    """A rule that was set, in a line or two."""
    value = amount(found.kind, found.value, view)
    line = f"{found.rule} {value} is set{_simulated(found, view)}"
    if found.before is not None:
        line += f" (was {amount(found.kind, found.before, view)})"
    if found.replaced is not None:
        line += f" in place of {found.replaced}"
    lines = [line]
    if found.price is not None and found.bound is not None:
        bound, price = fmt.rupees(found.bound, view.rupee), fmt.rupees(found.price, view.rupee)
        lines.append(f"it sells at {bound}; the price is {price}")
    return "\n".join([*lines, *(clean.line(note) for note in found.notes)])


def changed(found: RulesChangedView, view: Look) -> str:
    """Rules that were removed or switched."""
    return clean.line(f"{found.done}: {', '.join(found.rules)}{_simulated(found, view)}")


def breaches(found: BreachesView, view: Look) -> list[Any]:
    """The history of breaches."""
    if not found.breaches:
        return [f"no rule was ever broken{_simulated(found, view)}"]
    rows = [
        (
            fmt.instant(each.at),
            f"{each.subject or 'account'} {each.kind.replace('_', ' ')}",
            observed(each.kind, each.observed, view),
            observed(each.kind, each.bound, view),
            fmt.EMPTY if each.quantity is None else f"{fmt.amount(each.quantity)} {each.product}",
            clean.short(each.outcome, LONGEST),
        )
        for each in found.breaches
    ]
    columns: list[render.Column] = [
        "When", "Rule", ("Was", render.RIGHT), ("Bound", render.RIGHT), ("Sells", render.RIGHT), "Outcome",
    ]  # fmt: skip
    return [render.table(title(["Breaches"], found.account, found.provider, view), columns, rows)]


def headline(record: object, view: Look) -> str:
    """One look in one line."""
    del view
    if not isinstance(record, Mapping):
        return ""
    words = [f"{parts.counted(record['judged'], 'rule')} judged"]
    words += [parts.counted(len(record["breaches"]), "breach", "breaches")] if record["breaches"] else []
    unsold = sum(each["outcome"] in FAILED_EXITS for each in record["breaches"])
    words += [f"{unsold} NOT SOLD"] if unsold else []
    words += [f"{len(record['not_judged'])} not judged"] if record["not_judged"] else []
    words += [f"{len(record['rearmed'])} armed again"] if record["rearmed"] else []
    return ", ".join(words)


def run_of_one(outcome: TaskOutcome, stored: Sequence[Any], view: Look) -> list[Any]:
    """What ``run-task risk`` judged."""
    del stored
    return looked(outcome.record, view, would=False)


def looked(record: Mapping[str, Any], view: Look, *, would: bool) -> list[Any]:
    """One look: what follows, what was not judged; ``would`` where nothing was written."""
    heading = title(["Risk", f"market {record['session']}"], record["account"], record["provider"], view)
    shown: list[Any] = [render.heading(heading), headline(record, view)]
    sells = "would sell" if would else "sells"
    for each in record["breaches"][:SHOWN]:
        seen = f"{observed(each['kind'], each['observed'], view)} against {observed(each['kind'], each['bound'], view)}"
        follows = f"{sells} {each['quantity']} {each['product']}" if each["quantity"] else each["outcome"]
        if each["outcome"] in FAILED_EXITS:
            follows = f"NOT SOLD ({each['outcome']}: {each['detail'] or 'robotrader orders says why'})"
        shown.append(f"{_of(each)}: {seen}, {follows}")
    shown += [f"{_of(each)}: holds, and waits for the market to open" for each in record["waiting"][:SHOWN]]
    shown += [f"{_of(each)}: not judged, {each['why']}" for each in record["not_judged"][:SHOWN]]
    for name, words in (("stale", "stale quotes"), ("missing", "no quote")):
        if record[name]:
            shown.append(f"{words}: {named(record[name])}")
    return [*shown, *(["nothing was written"] if would else [])]


def _of(found: Mapping[str, Any]) -> str:
    return f"{found['subject'] or 'account'} {found['kind'].replace('_', ' ')}"


def title(words: Sequence[str], account: str, provider: str, view: Look) -> str:
    """A title that says SANDBOX where prices or broker are simulated, and whose account it is."""
    simulated = "sandbox" in {account, provider}
    return render.title([*words, *([] if simulated else [account])], "sandbox" if simulated else provider, view)


def _simulated(found: BreachesView | RulesChangedView | RuleSetView, view: Look) -> str:
    return f" {view.dot} {parts.SANDBOX}" if "sandbox" in {found.account, found.provider} else ""


def amount(kind: str, value: Decimal, view: Look) -> str:
    """A rule's value as it reads."""
    if kind.endswith(_PERCENT):
        return fmt.percent(value, signed=False)
    return fmt.ratio(value) if kind == "order_rate" else fmt.rupees(value, view.rupee)


def observed(kind: str, value: Decimal | None, view: Look) -> str:
    """What a rule looks at: a price, a share of the account, rupees, orders."""
    if value is None:
        return fmt.EMPTY
    if kind in {"position_pct", "sector_pct"}:
        return fmt.percent(value, signed=False)
    return fmt.ratio(value) if kind == "order_rate" else fmt.rupees(value, view.rupee)
