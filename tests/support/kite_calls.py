"""Every call the double of Kite knows, as functions of its state; as strict as the documents say the real one is."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.support import kite_shapes as shapes
from tests.support.kite_book import RefusedError
from tests.support.kite_state import State

if TYPE_CHECKING:
    from tests.support.kite_server import Asked

MOST_QUOTES = {"/quote": 500, "/quote/ltp": 1000, "/quote/ohlc": 1000}
SPAN_DAYS = {
    "minute": 60, "3minute": 100, "5minute": 100, "10minute": 100, "15minute": 200, "30minute": 200, "60minute": 400,
    "day": 2000,
}  # fmt: skip
FORM = "application/x-www-form-urlencoded"


def answer(state: State, asked: Asked) -> Any:
    """The ``data`` of a success, or the text of the instruments.

    Raises:
        RefusedError: as Kite refuses.
    """
    if asked.headers.get("x-kite-version") != "3":
        raise RefusedError(400, "InputException", "Missing or unknown `X-Kite-Version`.")
    if asked.path != "/session/token":
        _check_token(state, asked)
    _check_rate(state, asked)
    for pattern, call in CALLS:
        match = re.fullmatch(pattern, f"{asked.method} {asked.path}")
        if match:
            return call(state, asked, *match.groups())
    raise RefusedError(404, "GeneralException", "Route not found")


def _check_token(state: State, asked: Asked) -> None:
    word, _, both = asked.headers.get("authorization", "").partition(" ")
    key, _, token = both.partition(":")
    if word != "token" or key != shapes.API_KEY or token not in state.tokens:
        raise RefusedError(403, "TokenException", "Incorrect `api_key` or `access_token`.")


def _check_rate(state: State, asked: Asked) -> None:
    if not state.rate_limits:
        return
    gate, most = "other", 10
    if asked.path.startswith("/quote"):
        gate, most = "quote", 1
    elif asked.path.startswith("/instruments/historical"):
        gate, most = "historical", 3
    elif asked.path.startswith("/orders") and asked.method != "GET":
        gate, most = "order", 10
    state.seconds[gate, second := int(time.time())] += 1
    if state.seconds[gate, second] > most:
        raise RefusedError(429, "NetworkException", "Too many requests")


def _form(asked: Asked) -> dict[str, str]:
    if not asked.headers.get("content-type", "").startswith(FORM):
        raise RefusedError(400, "InputException", "The request body is not form-encoded.")
    return asked.form


def _session(state: State, asked: Asked) -> Any:
    form = _form(asked)
    text = shapes.API_KEY + form.get("request_token", "") + shapes.API_SECRET
    if form.get("api_key") != shapes.API_KEY or form.get("checksum") != hashlib.sha256(text.encode()).hexdigest():
        raise RefusedError(403, "TokenException", "Invalid `checksum`.")
    if form["request_token"] not in state.request_tokens:
        raise RefusedError(403, "TokenException", "Token is invalid or has expired.")
    state.request_tokens.remove(form["request_token"])
    if shapes.ACCESS_TOKEN not in state.tokens:
        state.tokens.append(shapes.ACCESS_TOKEN)
    keep = {"api_key": shapes.API_KEY, "access_token": shapes.ACCESS_TOKEN, "public_token": "public123"}
    return {**state.profile, **keep, "refresh_token": "", "enctoken": "enc", "silo": "", "login_time": state.stamp()}


def _end_session(state: State, asked: Asked) -> Any:
    if asked.one("api_key") != shapes.API_KEY or asked.one("access_token") not in state.tokens:
        raise RefusedError(403, "TokenException", "Incorrect `api_key` or `access_token`.")
    state.tokens.remove(asked.one("access_token"))
    return True


def _quote(state: State, asked: Asked) -> Any:
    keys = [value for name, value in asked.query if name == "i"]
    if not keys or len(keys) > MOST_QUOTES[asked.path]:
        raise RefusedError(400, "InputException", "Invalid number of instruments.")
    known = {key: state.quotes[key] for key in keys if key in state.quotes}
    names: Mapping[str, tuple[str, ...]] = {
        "/quote/ltp": ("instrument_token", "last_price"),
        "/quote/ohlc": ("instrument_token", "last_price", "ohlc"),
    }
    wanted = names.get(asked.path)
    return {
        key: {name: value for name, value in row.items() if name != "tick_size" and (not wanted or name in wanted)}
        for key, row in known.items()
    }


def _candles(state: State, asked: Asked, token: str, interval: str) -> Any:
    if interval not in SPAN_DAYS:
        raise RefusedError(400, "InputException", "invalid interval")
    first, last = (datetime.fromisoformat(asked.one(name)) for name in ("from", "to"))
    if last - first > timedelta(days=SPAN_DAYS[interval]):
        raise RefusedError(400, "InputException", f"interval exceeds max limit: {SPAN_DAYS[interval]} days")
    rows = state.candles.get(token, [])
    inside = [row for row in rows if first <= datetime.fromisoformat(row[0]).replace(tzinfo=None) <= last]
    return {"candles": [row if asked.one("oi") == "1" else row[:6] for row in inside]}


def _place(state: State, asked: Asked, variety: str) -> Any:
    if state.ip_refused:
        raise RefusedError(
            403, "PermissionException", "No IPs configured for this app. Add allowed IPs on the developer console."
        )
    return {"order_id": state.book.place(variety, _form(asked))["order_id"]}


def _history(state: State, _: Asked, order_id: str) -> Any:
    if order_id not in state.book.history:
        raise RefusedError(404, "OrderException", "Couldn't find that `order_id`.")
    return state.book.history[order_id]


def _place_gtt(state: State, asked: Asked) -> Any:
    form = _form(asked)
    condition, orders = json.loads(form["condition"]), json.loads(form["orders"])
    values = condition["trigger_values"]
    if len(values) != {"single": 1, "two-leg": 2}.get(form.get("type", ""), 0) or len(orders) != len(values):
        raise RefusedError(400, "InputException", "Invalid trigger values.")
    if values != sorted(values):
        raise RefusedError(400, "InputException", "The stop comes before the target.")
    last = float(condition["last_price"])
    if any(abs(float(value) - last) / last < 0.0025 for value in values):
        raise RefusedError(400, "InputException", "Trigger price is too close to the last price.")
    if any(order["order_type"] != "LIMIT" for order in orders):
        raise RefusedError(400, "InputException", "Only LIMIT orders can be placed with GTT.")
    number = 100 + len(state.gtt)
    stamp = state.stamp()
    state.gtt[number] = {
        "id": number, "user_id": shapes.USER_ID, "parent_trigger": None, "type": form["type"], "created_at": stamp,
        "updated_at": stamp, "expires_at": stamp, "status": "active", "condition": {**condition, "instrument_token": 1},
        "orders": [{**order, "result": None} for order in orders], "meta": {},
    }  # fmt: skip
    return {"trigger_id": number}


def _delete_gtt(state: State, _: Asked, number: str) -> Any:
    if int(number) not in state.gtt:
        raise RefusedError(404, "GeneralException", "The GTT does not exist.")
    state.gtt[int(number)]["status"] = "deleted"
    return {"trigger_id": int(number)}


def _charges(_: State, asked: Asked) -> Any:
    if not asked.headers.get("content-type", "").startswith("application/json"):
        raise RefusedError(400, "InputException", "The request body is not JSON.")
    found = []
    for item in json.loads(asked.body):
        if not item.get("average_price"):
            raise RefusedError(400, "InputException", "Invalid `average_price`.")
        gst = {"igst": 0.0033, "cgst": 0, "sgst": 0, "total": 0.0033}
        parts = {"transaction_tax": 0.56, "transaction_tax_type": "stt", "exchange_turnover_charge": 0.0187}
        more = {"sebi_turnover_charge": 0.0005, "brokerage": 0, "stamp_duty": 0, "gst": gst, "total": 0.5825}
        found.append({**item, "charges": {**parts, **more}})
    return found


CALLS: tuple[tuple[str, Callable[..., Any]], ...] = (
    (r"POST /session/token", _session),
    (r"DELETE /session/token", _end_session),
    (r"GET /user/profile", lambda state, _: state.profile),
    (r"GET /user/margins", lambda state, _: state.margins),
    (r"GET /portfolio/holdings", lambda state, _: state.held()),
    (r"GET /portfolio/positions", lambda state, _: state.moved()),
    (r"GET /quote(?:/ltp|/ohlc)?", _quote),
    (r"GET /instruments/historical/(\d+)/(\w+)", _candles),
    (r"GET /instruments", lambda state, _: shapes.instruments_csv(None, state.instruments)),
    (r"GET /instruments/(\w+)", lambda state, _, exchange: shapes.instruments_csv(exchange, state.instruments)),
    (r"GET /orders", lambda state, _: list(state.book.orders.values())),
    (r"POST /orders/(\w+)", _place),
    (r"DELETE /orders/\w+/(\w+)", lambda state, _, number: {"order_id": state.book.cancel(number)["order_id"]}),
    (r"GET /orders/(\w+)", _history),
    (r"GET /orders/(\w+)/trades", lambda state, _, number: [t for t in state.book.trades if t["order_id"] == number]),
    (r"GET /trades", lambda state, _: state.book.trades),
    (r"GET /gtt/triggers", lambda state, _: list(state.gtt.values())),
    (r"POST /gtt/triggers", _place_gtt),
    (r"DELETE /gtt/triggers/(\d+)", _delete_gtt),
    (r"POST /charges/orders", _charges),
)
