"""The order book behind the double of Kite: strict as the real one, and on disk before anybody hears of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

Row = dict[str, Any]
FINAL = frozenset({"COMPLETE", "CANCELLED", "REJECTED"})
FIRST_ID = 1953341975595868160  # 19 digits: more than a float can hold
KNOWN = {
    "transaction_type": ("BUY", "SELL"),
    "order_type": ("MARKET", "LIMIT", "SL", "SL-M"),
    "product": ("CNC", "MIS", "NRML", "MTF"),
    "validity": ("DAY", "IOC", "TTL"),
}
NEEDED = ("tradingsymbol", "exchange", "transaction_type", "order_type", "quantity", "product")


class RefusedError(Exception):
    """What is answered instead: HTTP status, ``error_type``, message."""

    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error_type, self.message = status, error_type, message


@dataclass
class Book:
    """Orders and trades of the day.

    Args:
        path: where every change is appended and flushed; read when the double starts, so that orders outlive it.
        quotes: by ``EXCHANGE:SYMBOL``; the price of fills.
        now: naive India time, as Kite writes it.
        fill: ``all`` (market orders and those whose price is reached, at once), ``half`` (of what could be filled now,
            half; the rest stays open), ``none`` (everything rests).
    """

    path: Path | None
    quotes: Mapping[str, Row]
    now: Callable[[], datetime]
    fill: str = "all"
    orders: dict[str, Row] = field(default_factory=dict)
    trades: list[Row] = field(default_factory=list)
    history: dict[str, list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.path is None or not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if "order" in entry:
                self.orders[entry["order"]["order_id"]] = entry["order"]
                self.history.setdefault(entry["order"]["order_id"], []).append(dict(entry["order"]))
            else:
                self.trades.append(entry["trade"])

    def place(self, variety: str, form: Mapping[str, str]) -> Row:
        """Accept an order; it is on disk when this returns.

        Raises:
            RefusedError: as Kite refuses it; nothing is kept, unless the exchange refuses (status REJECTED).
        """
        row = self._checked(variety, form)
        self._save(row)
        row["status"] = "TRIGGER PENDING" if row["order_type"] in ("SL", "SL-M") else "OPEN"
        row["exchange_order_id"] = f"13{len(self.orders):014d}"
        row["exchange_timestamp"] = row["exchange_update_timestamp"] = self._stamp()
        self._save(row)
        self._try(row)
        return row

    def cancel(self, order_id: str) -> Row:
        row = self.orders.get(order_id)
        if row is None:
            raise RefusedError(400, "OrderException", "Couldn't find that `order_id`.")
        if row["status"] in FINAL:
            raise RefusedError(400, "OrderException", "Order cannot be cancelled as it is being processed. Try later.")
        row["cancelled_quantity"], row["pending_quantity"] = row["pending_quantity"], 0
        row["status"] = "CANCELLED"
        self._save(row)
        return row

    def match(self) -> None:
        """Try what rests against the quotes as they are now."""
        for row in list(self.orders.values()):
            if row["status"] not in FINAL:
                self._try(row)

    def set_fill(self, order_id: str, quantity: int, price: Decimal) -> None:
        """Fill so much of an order now, whatever the quotes say."""
        self._fill(self.orders[order_id], quantity, price)

    def reject(self, order_id: str, message: str) -> None:
        """Let the exchange refuse an order that was accepted."""
        row = self.orders[order_id]
        row.update(status="REJECTED", status_message=message, exchange_timestamp=None, pending_quantity=0)
        self._save(row)

    def by_tag(self) -> dict[str, list[Row]]:
        """Every order there is, by its tag."""
        found: dict[str, list[Row]] = {}
        for row in self.orders.values():
            found.setdefault(str(row["tag"]), []).append(row)
        return found

    def sold(self, key: str, product: str = "CNC") -> tuple[int, int]:
        """How many of ``EXCHANGE:SYMBOL`` were bought and sold today."""
        mine = [t for t in self.trades if f"{t['exchange']}:{t['tradingsymbol']}" == key and t["product"] == product]
        bought = sum(t["quantity"] for t in mine if t["transaction_type"] == "BUY")
        return bought, sum(t["quantity"] for t in mine if t["transaction_type"] == "SELL")

    def _checked(self, variety: str, form: Mapping[str, str]) -> Row:
        if variety not in ("regular", "amo", "co", "iceberg", "auction"):
            raise RefusedError(400, "InputException", "Invalid `variety`.")
        for name in NEEDED:
            if not form.get(name):
                raise RefusedError(400, "InputException", f"Missing or empty field `{name}`")
        for name, allowed in KNOWN.items():
            if form.get(name, allowed[0]) not in allowed:
                raise RefusedError(400, "InputException", f"Invalid `{name}`.")
        tag = form.get("tag", "")
        if tag and (len(tag) > 20 or not tag.isalnum() or not tag.isascii()):
            raise RefusedError(400, "InputException", "Invalid `tag`. It should be alphanumeric, at most 20 long.")
        quantity = _number(form, "quantity")
        if quantity < 1 or quantity != int(quantity):
            raise RefusedError(400, "InputException", "Invalid `quantity`.")
        kind, price, trigger, protection = _prices(form)
        key = f"{form['exchange']}:{form['tradingsymbol']}"
        if key not in self.quotes:
            raise RefusedError(
                400, "InputException", "The instrument you are placing an order for has expired or does not exist."
            )
        self._check_tick(key, price, trigger)
        marks = [f"mktp:{protection:.2f}"] if kind in ("MARKET", "SL-M") and protection > 0 else []
        stamp = self._stamp()
        return {
            "account_id": "AB1234", "placed_by": "AB1234", "order_id": str(FIRST_ID + len(self.orders)),
            "exchange_order_id": None, "parent_order_id": None, "status": "PUT ORDER REQ RECEIVED",
            "status_message": None, "status_message_raw": None, "order_timestamp": stamp,
            "exchange_update_timestamp": None, "exchange_timestamp": None, "variety": variety, "modified": False,
            "exchange": form["exchange"], "tradingsymbol": form["tradingsymbol"],
            "instrument_token": self.quotes[key]["instrument_token"], "order_type": kind,
            "transaction_type": form["transaction_type"], "validity": form.get("validity", "DAY"), "validity_ttl": 0,
            "product": form["product"], "quantity": int(quantity), "disclosed_quantity": 0, "price": _json(price),
            "trigger_price": _json(trigger), "average_price": 0, "filled_quantity": 0,
            "pending_quantity": int(quantity),
            "cancelled_quantity": 0, "market_protection": _json(protection), "meta": {}, "tag": tag or None,
            **({"tags": [tag, *marks] if tag else marks} if tag or marks else {}), "guid": "01X5dBbUMYwNxQO",
        }  # fmt: skip

    def _check_tick(self, key: str, *prices: Decimal) -> None:
        tick = Decimal(str(self.quotes[key].get("tick_size", "0.05")))
        if any(price % tick for price in prices):
            raise RefusedError(
                400,
                "InputException",
                f"Tick size for this script is {tick}. Kindly enter price in the multiple of tick size.",
            )

    def _try(self, row: Row) -> None:
        """Fill what the quote allows."""
        last = Decimal(str(self.quotes[f"{row['exchange']}:{row['tradingsymbol']}"]["last_price"]))
        buying = row["transaction_type"] == "BUY"
        if row["status"] == "TRIGGER PENDING":
            trigger = Decimal(str(row["trigger_price"]))
            if last < trigger if buying else last > trigger:
                return
            row["status"] = "OPEN"
            self._save(row)
        if self.fill == "none":
            return
        if row["order_type"] in ("LIMIT", "SL"):
            price = Decimal(str(row["price"]))
            if last > price if buying else last < price:
                return
        quantity = int(row["pending_quantity"])
        self._fill(row, quantity if self.fill == "all" else max(1, quantity // 2), last)

    def _fill(self, row: Row, quantity: int, price: Decimal) -> None:
        stamp = self._stamp()
        filled = int(row["filled_quantity"])
        paid = Decimal(str(row["average_price"])) * filled + price * quantity
        row["filled_quantity"] = filled + quantity
        row["pending_quantity"] -= quantity
        row["average_price"] = _json((paid / row["filled_quantity"]).quantize(Decimal("0.0001")))
        row["status"] = "OPEN" if row["pending_quantity"] else "COMPLETE"
        row["exchange_update_timestamp"] = stamp
        trade = {
            "trade_id": str(10_000_000 + len(self.trades)), "order_id": row["order_id"],
            "exchange_order_id": row["exchange_order_id"], "tradingsymbol": row["tradingsymbol"],
            "exchange": row["exchange"], "instrument_token": row["instrument_token"],
            "transaction_type": row["transaction_type"], "product": row["product"], "average_price": _json(price),
            "quantity": quantity, "fill_timestamp": stamp, "order_timestamp": stamp.split(" ")[1],
            "exchange_timestamp": stamp,
        }  # fmt: skip
        self.trades.append(trade)
        self._write({"trade": trade})
        self._save(row)

    def _stamp(self) -> str:
        return self.now().strftime("%Y-%m-%d %H:%M:%S")

    def _save(self, row: Row) -> None:
        self.orders[row["order_id"]] = row
        self.history.setdefault(row["order_id"], []).append(dict(row))
        self._write({"order": row})

    def _write(self, entry: Row) -> None:
        if self.path is None:
            return
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, (json.dumps(entry) + "\n").encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_orders(path: Path) -> list[Row]:
    """The last state of every order in a book on disk, for whoever looks from outside."""
    return list(Book(path, {}, datetime.now).orders.values())


def tags(rows: Iterable[Row]) -> list[str]:
    """The tags of orders, one an order."""
    return [str(row["tag"]) for row in rows]


def _prices(form: Mapping[str, str]) -> tuple[str, Decimal, Decimal, Decimal]:
    kind = form["order_type"]
    price, trigger = _number(form, "price"), _number(form, "trigger_price")
    protection = _number(form, "market_protection")
    if kind in ("LIMIT", "SL") and price <= 0:
        raise RefusedError(400, "InputException", "Missing or empty field `price`")
    if kind in ("SL", "SL-M") and trigger <= 0:
        raise RefusedError(400, "InputException", "Trigger price is required for stop loss orders.")
    if kind in ("MARKET", "SL-M") and (protection == 0 or protection > 100 or (protection < 0 and protection != -1)):
        raise RefusedError(400, "InputException", "Market orders without market protection are not allowed via API.")
    return kind, price, trigger, protection


def _number(form: Mapping[str, str], name: str) -> Decimal:
    try:
        return Decimal(form.get(name) or "0")
    except ArithmeticError:
        raise RefusedError(400, "InputException", f"Invalid `{name}`.") from None


def _json(number: Decimal) -> int | float:
    """As Kite writes numbers: a whole one is an integer."""
    return int(number) if number == int(number) else float(number)
