"""The market side of Kite, simulated: the real client asks it as it asks Kite, and nothing leaves the machine.

It knows ``/quote``, ``/quote/ohlc``, ``/quote/ltp``, ``/instruments`` and ``/instruments/historical``, for the
companies of the snapshot on both exchanges. It has no account and takes no order: those are the paper broker's. Whoever
asks through it has the provider ``sandbox``, and everything it says is simulated.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import httpx

from robotrader.core.background_scheduler.config.market_calendar import MarketCalendar
from robotrader.core.clock import IST, Clock
from robotrader.sandbox import facts
from robotrader.sandbox.prices import DAY, Price, Walk, tick_of

MOST = {"/quote": 500, "/quote/ohlc": 1000, "/quote/ltp": 1000}
EXCHANGES = ("NSE", "BSE")
SEGMENTS = {"NSE": 1, "BSE": 4}
FIRST_NUMBER = 900_001
MOST_CANDLES = 100_000
MINUTE = timedelta(minutes=1)
MINUTES = {"minute": 1, "3minute": 3, "5minute": 5, "10minute": 10, "15minute": 15, "30minute": 30, "60minute": 60}
COLUMNS = (
    "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,"
    "segment,exchange"
)


class Refused(NamedTuple):
    """An error as Kite writes it."""

    status: int
    error_type: str
    message: str


class KiteSandboxTransport(httpx.AsyncBaseTransport):
    """Answers as Kite would, from simulated prices.

    Args:
        calendar: when the market trades; read when a price is first asked for.
    """

    def __init__(self, *, clock: Clock, calendar: Callable[[], MarketCalendar]) -> None:
        self._clock = clock
        self._walk = Walk(calendar)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; the host and the session do not matter."""
        path, now = request.url.path, self._clock.now()
        if request.method == "GET" and path in MOST:
            return _answer(self._quotes(path, request.url.params.get_list("i"), now))
        parts = path.strip("/").split("/")
        if request.method == "GET" and parts[0] == "instruments" and len(parts) <= 2:
            return _respond(200, "text/csv", "\n".join(listing(parts[1] if len(parts) == 2 else None)) + "\n")
        if request.method == "GET" and parts[:2] == ["instruments", "historical"] and len(parts) == 4:
            return _answer(self._candles(parts[2], parts[3], request.url.params, now))
        return _answer(Refused(404, "GeneralException", "the sandbox has simulated prices and nothing else"))

    def _quotes(self, path: str, keys: Sequence[str], now: datetime) -> dict[str, Any] | Refused:
        if not 0 < len(keys) <= MOST[path]:
            return Refused(400, "InputException", f"1 to {MOST[path]} instruments")
        known = {key: symbol for key in keys if (symbol := _symbol(key)) is not None}
        return {key: _quote(path, key, self._walk.price(symbol, now)) for key, symbol in known.items()}

    def _candles(self, token: str, interval: str, given: httpx.QueryParams, now: datetime) -> dict[str, Any] | Refused:
        symbol = next((name for name, number in _tokens() if str(number) == token), None)
        try:
            first, last = (datetime.fromisoformat(given[name]).replace(tzinfo=IST) for name in ("from", "to"))
        except (KeyError, ValueError):
            return Refused(400, "InputException", "from and to are yyyy-mm-dd hh:mm:ss")
        if symbol is None or (interval != "day" and interval not in MINUTES):
            return Refused(400, "InputException", "no such instrument or interval")
        ends = min(last, now.astimezone(IST))
        step = DAY if interval == "day" else timedelta(minutes=MINUTES[interval])
        if (ends - first) / step > MOST_CANDLES:
            return Refused(400, "InputException", "the span is too long")
        return {"candles": list(self._bars(symbol.removeprefix("BSE:"), first, ends, step))}

    def _bars(self, symbol: str, first: datetime, ends: datetime, step: timedelta) -> Iterator[list[Any]]:
        day = first.date()
        while day <= ends.date():
            hours = self._walk.hours(day)
            prices, volumes = self._walk.day(symbol, day, ends)
            begins = datetime.combine(day, time(), IST) if step == DAY or hours is None else hours[0].astimezone(IST)
            size = max(1, len(prices)) if step == DAY else int(step / MINUTE)
            for start in range(0, len(prices), size):
                at, part = begins + start * MINUTE, prices[start : start + size]
                if first <= at <= ends:
                    row = (part[0], max(part), min(part), part[-1])
                    yield [_stamp(at), *map(_number, row), sum(volumes[start : start + size])]
            day += DAY


def listing(exchange: str | None) -> Iterator[str]:
    """The lines of the list of instruments."""
    yield COLUMNS
    for symbol, token in _tokens():
        where, name = ("BSE", symbol.removeprefix("BSE:")) if symbol.startswith("BSE:") else ("NSE", symbol)
        if exchange in (None, where):
            company = facts.company(name).name.upper()
            yield f"{token},{token >> 8},{name},{company},0.0,,0.0,{tick_of(name)},1,EQ,{where},{where}"


def _tokens() -> list[tuple[str, int]]:
    """Every symbol with its token: a number of ours, then the segment as Kite has it."""
    return [
        (name if where == "NSE" else f"BSE:{name}", (FIRST_NUMBER + number) << 8 | SEGMENTS[where])
        for where in EXCHANGES
        for number, name in enumerate(facts.symbols())
    ]


def _symbol(key: str) -> str | None:
    exchange, _, name = key.partition(":")
    return name if exchange in EXCHANGES and ":" not in name and facts.known(name) else None


def _quote(path: str, key: str, price: Price) -> dict[str, Any]:
    symbol = key if key.startswith("BSE:") else key.removeprefix("NSE:")
    row: dict[str, Any] = {"instrument_token": dict(_tokens())[symbol], "last_price": _number(price.last)}
    if path == "/quote/ltp":
        return row
    day = {"open": price.open, "high": price.high, "low": price.low, "close": price.previous_close}
    row["ohlc"] = {name: _number(value) for name, value in day.items()}
    if path == "/quote/ohlc":
        return row
    empty = {"price": 0, "quantity": 0, "orders": 0}
    bid, ask = max(price.last - price.tick, price.lower_circuit), min(price.last + price.tick, price.upper_circuit)
    at = price.at.astimezone(IST).strftime("%Y-%m-%d %H:%M:%S")
    return {
        **row,
        "timestamp": at,
        "last_trade_time": at,
        "last_quantity": 1,
        "volume": price.volume,
        "average_price": _number(price.last),
        "oi": 0,
        "net_change": 0,
        "lower_circuit_limit": _number(price.lower_circuit),
        "upper_circuit_limit": _number(price.upper_circuit),
        "depth": {
            "buy": [{"price": _number(bid), "quantity": 100, "orders": 1}, *[empty] * 4],
            "sell": [{"price": _number(ask), "quantity": 100, "orders": 1}, *[empty] * 4],
        },
        "simulated": True,
    }


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S+0530")


def _number(value: Decimal) -> int | float:
    """As Kite writes prices: a whole one without a point."""
    return int(value) if value == value.to_integral_value() else float(value)


def _answer(found: dict[str, Any] | Refused) -> httpx.Response:
    if isinstance(found, Refused):
        error = {"status": "error", "message": found.message, "error_type": found.error_type, "data": None}
        return _respond(found.status, "application/json", json.dumps(error))
    return _respond(200, "application/json", json.dumps({"status": "success", "data": found}))


def _respond(status: int, kind: str, text: str) -> httpx.Response:
    body = text.encode()
    headers = {"content-type": kind, "content-length": str(len(body))}
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))
