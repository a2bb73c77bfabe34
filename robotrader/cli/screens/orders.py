"""Tables of orders, and of what an order would do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from robotrader.cli import clean, render
from robotrader.cli import format as fmt
from robotrader.cli.screens import amounts

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.services.execution_views import Before, OrderView, TradeView, WhatIf

STYLES = {
    "COMPLETE": "green",
    "OPEN": "cyan",
    "CREATED": "yellow",
    "SENDING": "yellow",
    "DOUBT": "bold yellow",
    "CANCELLED": "dim",
    "REJECTED": "red",
    "UNPLACED": "red",
    "BLOCKED": "red",
}
MODES = {"live": "LIVE", "paper": "PAPER", "sandbox": "SANDBOX"}
LONGEST = 160
CHARGES = {
    "brokerage": "Brokerage",
    "stt": "Securities transaction tax",
    "exchange": "Exchange",
    "sebi": "SEBI fee",
    "stamp": "Stamp duty",
    "gst": "GST",
    "dp": "Depository, with GST",
    "square_off": "Square-off, with GST",
}


def mode(name: str) -> str:
    """The word that stands wherever orders are shown."""
    return MODES.get(name, name.upper())


def listing(found: Sequence[OrderView], view: Look) -> list[Any]:
    """Orders, newest first."""
    if not found:
        return ["no orders"]
    columns: list[render.Column] = [
        ("Id", render.WHOLE), "Order", ("Status", render.WHOLE), ("Filled", render.RIGHT), ("Price", render.RIGHT),
        "When",
    ]  # fmt: skip
    rows = [
        (
            each.id[-12:],
            f"{each.side} {fmt.amount(each.quantity)} {each.symbol} {each.type} {each.product}",
            (each.status, STYLES.get(each.status, "")),
            fmt.amount(each.filled),
            _price(each.average_price or each.price or each.trigger_price, view),
            fmt.age(each.created_at, view.now),
        )
        for each in found
    ]
    heading = f" {view.dot} ".join(["Orders", *sorted({mode(each.mode) for each in found})])
    notes = [f"{each.id[-12:]}: {clean.short(each.message, LONGEST)}" for each in found if each.message]
    return [render.table(heading, columns, rows), *notes]


def detail(order: OrderView, trades: Sequence[TradeView], view: Look) -> list[Any]:
    """Everything about one order."""
    rows: list[tuple[object, ...]] = [
        ("Id", order.id),
        ("Order", f"{order.side} {fmt.amount(order.quantity)} {order.symbol} {order.type} {order.product}"),
        ("Status", (order.status, STYLES.get(order.status, ""))),
        ("Message", None if order.message is None else clean.short(order.message, LONGEST * 2)),
        ("Filled", f"{fmt.amount(order.filled)} of {fmt.amount(order.quantity)}"),
        ("Limit", _maybe(order.price, view)),
        ("Trigger", _maybe(order.trigger_price, view)),
        ("Average price", _maybe(order.average_price, view)),
        ("Why", clean.short(order.reason, LONGEST)),
        ("Account", f"{order.account} ({mode(order.mode)})"),
        ("Made", fmt.instant(order.created_at)),
        ("Sent", None if order.sent_at is None else fmt.instant(order.sent_at)),
        ("Ended", None if order.finished_at is None else fmt.instant(order.finished_at)),
        ("Tag", order.tag),
        ("At the broker", order.broker_order_id),
        ("Breach", order.breach_id),
    ]
    heading = f"{order.side} {order.symbol} {view.dot} {mode(order.mode)}"
    parts: list[Any] = [render.facts(heading, [row for row in rows if row[1] is not None])]
    if trades:
        columns: list[render.Column] = [
            "When", ("Shares", render.RIGHT), ("Price", render.RIGHT), ("Worth", render.RIGHT),
            ("Charges", render.RIGHT),
        ]  # fmt: skip
        cells = [
            (
                fmt.instant(each.at),
                fmt.amount(each.quantity),
                _price(each.price, view),
                fmt.rupees(each.value_inr, view.rupee),
                fmt.EMPTY if each.charges_inr is None else fmt.rupees(each.charges_inr, view.rupee),
            )
            for each in trades
        ]
        parts += ["", render.table("Trades", columns, cells)]
    return parts


def what_if(found: WhatIf, view: Look) -> list[Any]:
    """What an order would do: the sum, the charges, before and after, lots, limits."""
    return [*_sums(found, view), *_notes(found)]


def _sums(found: WhatIf, view: Look) -> Iterator[Any]:
    age = "" if found.price_at is None else f", {fmt.age(found.price_at, view.now)}"
    sign = -1 if found.side == "BUY" else 1
    rows: list[tuple[object, object]] = [
        ("Price", f"{_price(found.price, view)} ({found.price_from}{age})"),
        ("Worth", fmt.rupees(found.value_inr, view.rupee)),
        *[(CHARGES.get(each.name, each.name), _exact(each.amount_inr, view)) for each in found.charges],
        ("Charges together", _exact(found.charges_inr, view)),
        ("Cash it moves", _exact(sign * found.value_inr - found.charges_inr, view)),
    ]
    if found.realised_inr is not None:
        rows.append(("Won or lost on it", f"{_exact(found.realised_inr, view)} before charges"))
    words = f"What if: {found.side} {fmt.amount(found.quantity)} {found.symbol} {found.product}"
    yield render.facts(f"{words} {view.dot} {mode(found.mode)}", rows)
    pairs: list[tuple[str, Before, Any]] = [
        ("Cash", found.cash_inr, lambda each: _exact(each, view)),
        (f"Shares of {found.symbol}", found.held, fmt.amount),
        ("Average price", found.average_price, lambda each: _paid(each, view)),
        (f"{found.symbol}, of the account", found.position_pct, _percent),
        (f"{found.sector or 'Its sector'}, of the account", found.sector_pct, _percent),
    ]
    cells = [(name, _side(pair.before, shown), _side(pair.after, shown)) for name, pair, shown in pairs]
    yield ""
    yield render.table("Before and after", ["", ("Before", render.RIGHT), ("After", render.RIGHT)], cells)
    if found.lots:
        columns: list[render.Column] = [
            "Bought", ("Shares", render.RIGHT), ("At", render.RIGHT), ("Won or lost", render.RIGHT), "Term",
        ]  # fmt: skip
        lots = [
            (
                fmt.EMPTY if each.acquired_on is None else fmt.day(each.acquired_on),
                fmt.amount(each.quantity),
                fmt.EMPTY if each.price is None else _paid(each.price, view),
                fmt.EMPTY if each.gain_inr is None else _exact(each.gain_inr, view),
                fmt.EMPTY if each.long_term is None else "long" if each.long_term else "short",
            )
            for each in found.lots
        ]
        yield ""
        yield render.table("Purchases it would sell, first in, first out", columns, lots)


def _notes(found: WhatIf) -> Iterator[Any]:
    for each in found.refused:
        yield render.words(("would be refused: ", "bold red"), each)
    for each in found.breaks:
        yield render.words(("breaks a limit: ", "bold yellow"), each)
    yield f"rates: {clean.line(found.charges_source)}"
    yield "nothing was ordered"


def _side(value: Decimal | None, shown: Any) -> str:
    return fmt.EMPTY if value is None else str(shown(value))


def _maybe(value: Decimal | None, view: Look) -> str | None:
    return None if value is None else _price(value, view)


def _price(value: Decimal | None, view: Look) -> str:
    return fmt.EMPTY if value is None else f"{view.rupee}{fmt.amount(value)}"


def _paid(value: Decimal, view: Look) -> str:
    return f"{view.rupee}{fmt.amount(value, amounts.places(value))}"


def _exact(value: Decimal, view: Look) -> str:
    """Rupees to the paisa, with the sign before them."""
    return f"{'-' if value < 0 else ''}{view.rupee}{fmt.amount(abs(value))}"


def _percent(value: Decimal) -> str:
    return fmt.percent(value, signed=False)
