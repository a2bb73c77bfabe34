"""What the double of Kite knows: quotes, the account, who may ask."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.support import kite_shapes as shapes
from tests.support.kite_book import Book, Row

IST = timezone(timedelta(hours=5, minutes=30))


@dataclass
class State:
    """Everything a test may set, by name.

    Attributes:
        tokens: the access tokens that are alive; any other is met with 403 TokenException.
        request_tokens: what may be exchanged for an access token, once each.
        rate_limits: whether more than 1 quote, 3 historical and 10 other requests in one second are met with 429.
        ip_refused: whether order calls are refused as from an address that is not registered.
        now: naive India time as text, or None for the machine's clock.
    """

    folder: Path | None = None
    quotes: dict[str, Row] = field(default_factory=dict)
    holdings: list[Row] = field(default_factory=list)
    positions: dict[str, list[Row]] = field(default_factory=lambda: {"net": [], "day": []})
    margins: Row = field(default_factory=shapes.margins)
    profile: Row = field(default_factory=lambda: dict(shapes.PROFILE))
    candles: dict[str, list[list[Any]]] = field(default_factory=dict)
    instruments: list[Row] = field(default_factory=list)
    gtt: dict[int, Row] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=lambda: [shapes.ACCESS_TOKEN])
    request_tokens: list[str] = field(default_factory=lambda: ["requesttoken1"])
    rate_limits: bool = False
    ip_refused: bool = False
    now: str | None = None
    seconds: Counter[tuple[str, int]] = field(default_factory=Counter)
    book: Book = field(init=False)

    def __post_init__(self) -> None:
        self.quotes = shapes.quotes(self.stamp())
        orders = None
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            orders = self.folder / "orders.jsonl"
        self.book = Book(orders, self.quotes, self.clock)
        if self.folder is not None and (self.folder / "state.json").exists():
            self.change(json.loads((self.folder / "state.json").read_text(encoding="utf-8")))

    def clock(self) -> datetime:
        """Naive India time."""
        if self.now is not None:
            return datetime.fromisoformat(self.now)
        return datetime.now(UTC).astimezone(IST).replace(tzinfo=None)

    def stamp(self) -> str:
        return self.clock().strftime("%Y-%m-%d %H:%M:%S")

    def change(self, changes: Mapping[str, Any]) -> None:
        """Set fields by name; ``prices`` ({key: last price}), ``quotes`` (merged by key; None takes one out), fill."""
        for name, value in changes.items():
            if name == "prices":
                for key, price in value.items():
                    self.quotes[key].update(last_price=price, timestamp=self.stamp(), last_trade_time=self.stamp())
            elif name == "quotes":
                for key, row in value.items():
                    if row is None:
                        self.quotes.pop(key, None)
                    else:
                        known = self.quotes.get(key) or shapes.quote(1, 100, 100, now=self.stamp())
                        self.quotes[key] = {**known, **row}
            elif name == "fill":
                self.book.fill = value
            elif hasattr(self, name):
                setattr(self, name, value)
            else:
                raise ValueError(f"the double has no {name}")
        if {"prices", "quotes", "fill"} & set(changes):
            self.book.match()

    def fill(self, order_id: str, quantity: int, price: float) -> None:
        self.book.set_fill(order_id, quantity, Decimal(str(price)))

    def held(self) -> list[Row]:
        """Holdings less what was sold today."""
        rows = []
        for row in self.holdings:
            bought, sold = self.book.sold(f"{row['exchange']}:{row['tradingsymbol']}")
            gone = max(0, sold - bought)
            left, used = row["quantity"] - gone, row["used_quantity"] + gone
            rows.append({**row, "quantity": left, "used_quantity": used})
        return rows

    def moved(self) -> dict[str, list[Row]]:
        """Positions: what was set, and what today's trades make."""
        made = []
        for key, product in sorted({(f"{t['exchange']}:{t['tradingsymbol']}", t["product"]) for t in self.book.trades}):
            made.append(self._position(key, product))
        return {"net": [*self.positions["net"], *made], "day": [*self.positions["day"], *made]}

    def _position(self, key: str, product: str) -> Row:
        exchange, _, symbol = key.partition(":")
        bought, sold = self.book.sold(key, product)
        totals = {"BUY": 0.0, "SELL": 0.0}
        for trade in self.book.trades:
            if (trade["exchange"], trade["tradingsymbol"], trade["product"]) == (exchange, symbol, product):
                totals[trade["transaction_type"]] += trade["quantity"] * float(trade["average_price"])
        row = shapes.position(symbol, bought=bought, sold=sold, exchange=exchange, product=product)
        buy_price = totals["BUY"] / bought if bought else 0
        sell_price = totals["SELL"] / sold if sold else 0
        for when in ("", "day_"):
            row.update({f"{when}buy_price": buy_price, f"{when}buy_value": totals["BUY"]})
            row.update({f"{when}sell_price": sell_price, f"{when}sell_value": totals["SELL"]})
        last, quantity = self.quotes[key]["last_price"], bought - sold
        pnl = totals["SELL"] - totals["BUY"] + quantity * last
        row.update(last_price=last, average_price=buy_price if quantity > 0 else sell_price if quantity else 0)
        row.update(pnl=pnl, m2m=pnl, unrealised=pnl, instrument_token=self.quotes[key]["instrument_token"])
        return row
