"""The monthly statement on the screen and as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from robotrader.cli import format as fmt
from robotrader.cli import render
from robotrader.cli.screens import amounts, orders
from robotrader.cli.screens.portfolio import title

if TYPE_CHECKING:
    from robotrader.cli.render import Look
    from robotrader.core.services.statement import Statement

WORDS = {
    "opening": "Opening cash",
    "deposit": "Put in",
    "withdrawal": "Taken out",
    "buy": "Bought",
    "sell": "Sold",
    **orders.CHARGES,
}
SHORT = {"stt": "STT", "sebi": "SEBI fee", "stamp": "stamp duty", "gst": "GST", "dp": "DP", "square_off": "square-off"}
COLUMNS = ("at_ist", "day", "kind", "symbol", "amount_inr", "balance_inr", "order_id", "detail")
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def statement(found: Statement, view: Look) -> list[Any]:
    """The month: what was there, each kind of entry, what is there then, and every entry."""
    words = f"Statement of {found.account}, {found.month}" + ("" if found.complete else " (so far)")
    rows: list[tuple[object, ...]] = [(f"Cash on {fmt.day(found.first)}", amounts.rupees(found.opening_inr, view))]
    rows += [(WORDS.get(each.kind, each.kind), amounts.rupees(each.amount_inr, view, signed=True))
             for each in found.by_kind]  # fmt: skip
    until = fmt.day(found.last) if found.complete else "now"
    rows += [
        (f"Cash {'on ' if found.complete else ''}{until}", amounts.rupees(found.closing_inr, view)),
        ("Charges in all", amounts.rupees(found.charges_inr, view)),
    ]
    shown: list[Any] = [render.facts(title(words, found.account, found.account, view), rows)]
    if not found.entries:
        return [*shown, "no entries"]
    columns: list[render.Column] = [
        ("When (IST)", render.WHOLE), "What", "Symbol", ("Amount", render.RIGHT), ("Balance", render.RIGHT)
    ]  # fmt: skip
    lines = [
        (
            fmt.instant(each.at).removesuffix(" IST"),
            SHORT.get(each.kind, each.kind),
            each.symbol or fmt.EMPTY,
            fmt.amount(each.amount_inr),
            fmt.amount(each.balance_inr),
        )
        for each in found.entries
    ]
    return [*shown, render.table("Entries", columns, lines)]


def table(found: Statement) -> str:
    """The entries as CSV, amounts as plain decimals; words that a spreadsheet would take for a formula are quoted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in found.entries:
        at = each.at.astimezone(fmt.IST).replace(tzinfo=None).isoformat(" ", "seconds")
        words = [_plain(word or "") for word in (each.symbol, each.order_id, each.detail)]
        writer.writerow((at, each.day, each.kind, words[0], each.amount_inr, each.balance_inr, *words[1:]))
    return text.getvalue()


def _plain(word: str) -> str:
    return f"'{word}" if word.startswith(_RISKY) else word
