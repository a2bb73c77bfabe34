"""Tables of earnings: one quarter with its growth and sources, the history by quarter, the trail of one field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render
from robotrader.cli import format as fmt

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.background_scheduler.models import TaskOutcome
    from robotrader.core.background_scheduler.records import EarningsReport, ParseResult
    from robotrader.core.services.views import EarningsView, ReparseView, WhyView

MONEY = frozenset({"revenue_inr", "net_profit_inr", "ebitda_inr", "eps_inr", "dividend_per_share_inr"})
LABELS = {
    "symbol": "Symbol",
    "company": "Company",
    "fiscal_year": "Fiscal year",
    "fiscal_quarter": "Quarter",
    "period_end": "Period end",
    "basis": "Basis",
    "revenue_inr": "Revenue",
    "net_profit_inr": "Net profit",
    "ebitda_inr": "EBITDA",
    "eps_inr": "EPS",
    "revenue_yoy_pct": "Revenue YoY",
    "profit_yoy_pct": "Profit YoY",
    "revenue_qoq_pct": "Revenue QoQ",
    "profit_qoq_pct": "Profit QoQ",
    "net_margin_pct": "Net margin",
    "report_date": "Reported",
    "next_earnings_date": "Next results",
    "dividend_per_share_inr": "Dividend a share",
    "guidance": "Guidance",
    "currency": "Currency",
}
ALWAYS = ("ebitda_inr", "eps_inr", "net_margin_pct")
IF_KNOWN = ("dividend_per_share_inr", "period_end", "report_date", "next_earnings_date")
LONGEST_TEXT = 400
SOURCES_SHOWN = 6


def value(name: str, found: object, view: Look) -> str:
    """One field as it reads on the screen; ``-`` where the text does not say."""
    if found is None:
        return fmt.EMPTY
    if isinstance(found, (Decimal, int, float)) and not isinstance(found, bool):
        number = Decimal(str(found))
        if name in MONEY:
            return fmt.rupees(number, view.rupee)
        if name.endswith("_pct"):
            return fmt.percent(number, signed=name != "net_margin_pct")
        return str(found)
    return clean.short(found, LONGEST_TEXT)


def headline(record: object, view: Look) -> str:
    """A record in one line: quarter, revenue, profit, EPS; empty where there is none."""
    if not isinstance(record, Mapping):
        return ""
    parts = [fmt.quarter(record.get("fiscal_year"), record.get("fiscal_quarter"))]
    for name, label in (("revenue_inr", "revenue"), ("net_profit_inr", "profit"), ("eps_inr", "EPS")):
        if record.get(name) is not None:
            parts.append(f"{label} {value(name, record[name], view)}")
    return ", ".join(part for part in parts if part != fmt.EMPTY)


def quarter(record: Mapping[str, Any], provider: str | None, view: Look) -> Any:
    """One quarter: amounts with their growth, then the rest that is known."""
    period = fmt.quarter(record.get("fiscal_year"), record.get("fiscal_quarter"))
    words = [record.get("symbol") or "", record.get("company") or "", "" if period == fmt.EMPTY else period]
    heading = render.title([*words, record.get("basis") or ""], provider, view)
    rows: list[tuple[object, ...]] = [
        ("Revenue", *_cells(record, ("revenue_inr", "revenue_yoy_pct", "revenue_qoq_pct"), view)),
        ("Net profit", *_cells(record, ("net_profit_inr", "profit_yoy_pct", "profit_qoq_pct"), view)),
    ]
    names = [*ALWAYS, *(name for name in IF_KNOWN if record.get(name) is not None)]
    rows.extend((LABELS[name], value(name, record.get(name), view), "", "") for name in names)
    return render.facts(heading, rows, ["", ("Value", "right"), ("YoY", "right"), ("QoQ", "right")])


def run_of_one(outcome: TaskOutcome, stored: Sequence[EarningsView], view: Look) -> list[Any]:
    """What ``run-task earnings SYMBOL`` found: the quarter, its sources, how it was come by."""
    task = outcome.task
    parts: list[Any] = [quarter({"symbol": task.symbol, **outcome.record}, task.provider, view)]
    parts += _guidance(outcome.record)
    parts += next((_sources(entry.sources) for entry in stored if entry.document_id == task.document_id), [])
    calls = f"{task.paid_calls} paid call{'' if task.paid_calls == 1 else 's'}"
    ended = [task.status.lower(), task.reason or "", calls, f"cost {fmt.dollars(task.cost_usd)}"]
    ended += [f"read by the {task.strategy} layer"] if task.strategy else []
    parts.append(f" {view.dot} ".join(clean.short(words, LONGEST_TEXT) for words in ended if words))
    parts += [f"document {task.document_id}"] if task.document_id else []
    return parts


def latest(symbol: str, found: EarningsView, view: Look) -> list[Any]:
    """A stored quarter with its age and sources."""
    age = f"fetched {fmt.age(found.fetched_at, view.now)} ({fmt.instant(found.fetched_at)})"
    return [
        quarter({"symbol": symbol, **found.record}, found.provider, view),
        *_guidance(found.record),
        *_sources(found.sources),
        f"{age} {view.dot} read by the {clean.line(found.strategy)} layer",
        f"document {clean.line(found.document_id)}",
    ]


def stored(symbol: str, views: Sequence[EarningsView], view: Look) -> list[Any]:
    """The latest quarter with age and sources, and the history below it."""
    return [*latest(symbol, views[0], view), *(["", _history(views, view)] if len(views) > 1 else [])]


def _guidance(record: Mapping[str, Any]) -> list[str]:
    return [f"Guidance: {clean.short(record['guidance'], LONGEST_TEXT)}"] if record.get("guidance") else []


def _history(views: Iterable[EarningsView], view: Look) -> Any:
    rows = [
        (
            fmt.quarter(entry.record.get("fiscal_year"), entry.record.get("fiscal_quarter")),
            value("revenue_inr", entry.record.get("revenue_inr"), view),
            value("revenue_yoy_pct", entry.record.get("revenue_yoy_pct"), view),
            value("net_profit_inr", entry.record.get("net_profit_inr"), view),
            value("profit_yoy_pct", entry.record.get("profit_yoy_pct"), view),
            value("eps_inr", entry.record.get("eps_inr"), view),
        )
        for entry in views
    ]
    columns: list[render.Column] = [
        "Quarter",
        *[(name, "right") for name in ("Revenue", "YoY", "Net profit", "YoY", "EPS")],
    ]
    provider = "sandbox" if any(entry.provider == "sandbox" for entry in views) else None
    return render.table(render.title(["History"], provider, view), columns, rows)


def parsed(result: ParseResult[EarningsReport], view: Look) -> list[Any]:
    """What ``parse`` read, field by field, with the layer and the words."""
    rows = []
    for name, label in LABELS.items():
        found = getattr(result.record, name)
        if found is not None:
            origin = result.record.sources.get(name)
            layer, words = (origin.layer, clean.short(origin.words, 60)) if origin else ("", "")
            rows.append((label, value(name, found, view), layer, words))
    parts: list[Any] = [f"warning: {clean.short(words, LONGEST_TEXT)}" for words in result.warnings]
    if not rows:
        return [*parts, "no usable data in this text"]
    return [
        render.table(
            f"{result.dataset}: read by the {result.strategy} layer", ["Field", "Value", "Layer", "Words"], rows
        ),
        *parts,
    ]


def trail(why: WhyView, view: Look) -> list[Any]:
    """From a stored value back to the archived answer."""
    rows = [
        ("Value", value(why.field, why.value, view)),
        ("Exactly", fmt.EMPTY if why.value is None else str(why.value)),
        ("Words", clean.short(why.words, LONGEST_TEXT) or None),
        ("Offset", why.offset if why.offset >= 0 else None),
        ("Layer", why.layer),
        ("Document", why.document_id),
        ("File", why.document_path),
        ("Fetched", f"{fmt.instant(why.fetched_at)} ({fmt.age(why.fetched_at, view.now)})"),
    ]
    heading = render.title([why.symbol, LABELS.get(why.field, why.field)], why.provider, view)
    return [render.facts(heading, rows), *_sources(why.sources)]


def reread(found: ReparseView, view: Look) -> list[Any]:
    """What re-reading changed."""
    ended = f"{found.changed} changed, {found.unreadable} unreadable"
    line = f"{found.documents} documents read again, {ended}; nothing was paid"
    if not found.changes:
        return [line]
    rows = [
        (
            change.get("symbol"),
            LABELS.get(name, name),
            value(name, before, view),
            value(name, change["after"].get(name), view),
        )
        for change in found.changes
        for name, before in change["before"].items()
    ]
    return [render.table("What changed", ["Symbol", "Field", "Before", "Now"], rows), line]


def _cells(record: Mapping[str, Any], names: Sequence[str], view: Look) -> list[str]:
    return [value(name, record.get(name), view) if record.get(name) is not None or index == 0 else ""
            for index, name in enumerate(names)]  # fmt: skip


def _sources(sources: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = ["Sources:"] if sources else []
    for source in sources[:SOURCES_SHOWN]:
        lines += [f"- {clean.short(source.get('title') or 'untitled', 100)}", clean.line(source.get("url") or "")]
    more = len(sources) - SOURCES_SHOWN
    return [line for line in [*lines, f"and {more} more" if more > 0 else ""] if line]
