"""What the double of Kite knows before a test says otherwise: instruments, quotes, an account; all of it invented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

API_KEY = "kitekey1234567890"
API_SECRET = "kitesecret0987654321"
ACCESS_TOKEN = "accesstoken1234567890abcdef"
USER_ID = "AB1234"

COLUMNS = (
    "instrument_token", "exchange_token", "tradingsymbol", "name", "last_price", "expiry", "strike", "tick_size",
    "lot_size", "instrument_type", "segment", "exchange",
)  # fmt: skip
# symbol, exchange, exchange token, name, tick, last, previous close
SHARES: tuple[tuple[str, str, int, str, str, str, str], ...] = (
    ("SBIN", "NSE", 3045, "STATE BANK OF INDIA", "0.05", "820", "812.35"),
    ("SBIN", "BSE", 500112, "STATE BANK OF INDIA", "0.05", "820.1", "812.3"),
    ("INFY", "NSE", 1594, "INFOSYS", "0.1", "1502.4", "1510.2"),
    ("TCS", "NSE", 11536, "TATA CONSULTANCY SERV LT", "0.1", "3105.5", "3090"),
    ("RELIANCE", "NSE", 2885, "RELIANCE INDUSTRIES", "0.1", "1450", "1444.6"),
    ("M&M", "NSE", 2031, "MAHINDRA & MAHINDRA", "0.1", "3455.2", "3500"),
    ("BAJAJ-AUTO", "NSE", 16669, "BAJAJ AUTO", "0.5", "8900.5", "8850"),
    ("CDSL-BE", "NSE", 21178, "CENTRAL DEPO SER (I)", "0.1", "1600.3", "1590"),
    ("YESBANK", "NSE", 11915, "YES BANK", "0.01", "21.47", "21.3"),
)
INDICES = (("NIFTY 50", 256265, "25100.35", "25050.1"), ("INDIA VIX", 264969, "12.35", "12.1"))


def token(exchange: str, exchange_token: int) -> int:
    """The instrument token: the exchange's own number, then the segment."""
    return exchange_token << 8 | {"NSE": 1, "BSE": 4}[exchange]


def quote(
    instrument: int, last: str | float, close: str | float, *, now: str, tick: str = "0.05", **changes: Any
) -> dict[str, Any]:
    """One quote; ``tick_size`` is for the double alone and is not sent."""
    last_price, previous = _json(last), _json(close)
    level = {"price": last_price, "quantity": 100, "orders": 3}
    empty = {"price": 0, "quantity": 0, "orders": 0}
    return {
        "instrument_token": instrument,
        "timestamp": now,
        "last_trade_time": now,
        "last_price": last_price,
        "last_quantity": 5,
        "buy_quantity": 100,
        "sell_quantity": 100,
        "volume": 1_250_000,
        "average_price": last_price,
        "oi": 0,
        "oi_day_high": 0,
        "oi_day_low": 0,
        "net_change": 0,
        "lower_circuit_limit": round(previous * 0.9, 2),
        "upper_circuit_limit": round(previous * 1.1, 2),
        "ohlc": {
            "open": previous,
            "high": max(last_price, previous),
            "low": min(last_price, previous),
            "close": previous,
        },
        "depth": {"buy": [level, *[empty] * 4], "sell": [level, *[empty] * 4]},
        "tick_size": tick,
        **changes,
    }


def quotes(now: str) -> dict[str, dict[str, Any]]:
    """The quotes a double starts with, by ``EXCHANGE:SYMBOL``."""
    found = {
        f"{exchange}:{symbol}": quote(token(exchange, number), last, close, now=now, tick=tick)
        for symbol, exchange, number, _, tick, last, close in SHARES
    }
    for name, number, last, close in INDICES:
        found[f"NSE:{name}"] = quote(number, last, close, now=now, last_trade_time="0001-01-01 00:00:00")
    return found


def instruments_csv(exchange: str | None = None, extra: Iterable[Mapping[str, object]] = ()) -> str:
    """The daily list, of one exchange or of all."""
    rows: list[Mapping[str, object]] = [
        {
            "instrument_token": token(where, number), "exchange_token": number, "tradingsymbol": symbol, "name": name,
            "last_price": "0.0", "expiry": "", "strike": "0.0", "tick_size": tick, "lot_size": 1,
            "instrument_type": "EQ", "segment": where, "exchange": where,
        }
        for symbol, where, number, name, tick, _, _ in SHARES
    ]  # fmt: skip
    rows += [
        {
            "instrument_token": number, "exchange_token": number >> 8, "tradingsymbol": name, "name": name,
            "last_price": "0.0", "expiry": "", "strike": "0.0", "tick_size": "0", "lot_size": 0,
            "instrument_type": "EQ", "segment": "INDICES", "exchange": "NSE",
        }
        for name, number, _, _ in INDICES
    ]  # fmt: skip
    rows += list(extra)
    chosen = [row for row in rows if exchange in (None, row["exchange"])]
    lines = [",".join(str(row.get(name, "")) for name in COLUMNS) for row in chosen]
    return "\n".join([",".join(COLUMNS), *lines]) + "\n"


def holding(symbol: str = "SBIN", quantity: int = 10, **changes: Any) -> dict[str, Any]:
    """One holding that was bought long ago and can be sold."""
    return {
        "tradingsymbol": symbol, "exchange": "NSE", "instrument_token": 779521, "isin": "INE062A01020",
        "product": "CNC", "price": 0, "quantity": quantity, "used_quantity": 0, "t1_quantity": 0,
        "realised_quantity": quantity, "authorised_quantity": 0, "authorised_date": "2026-11-20 00:00:00",
        "authorisation": {}, "opening_quantity": quantity, "short_quantity": 0, "collateral_quantity": 0,
        "collateral_type": "", "discrepancy": False, "average_price": 700, "last_price": 820, "close_price": 812.35,
        "pnl": 1200, "day_change": 7.649999999999977, "day_change_percentage": 0.94, "mtf": mtf(0, 0), **changes,
    }  # fmt: skip


def mtf(quantity: int, average_price: float, used: int = 0) -> dict[str, Any]:
    """The margin-funded part of a holding."""
    return {
        "quantity": quantity, "used_quantity": used, "average_price": average_price,
        "value": quantity * average_price, "initial_margin": 0,
    }  # fmt: skip


def position(
    symbol: str = "SBIN", *, bought: int = 0, sold: int = 0, price: float = 800, **changes: Any
) -> dict[str, Any]:
    """One position of the day; ``price`` is what each share was bought and sold for."""
    quantity = bought - sold
    return {
        "tradingsymbol": symbol, "exchange": "NSE", "instrument_token": 779521, "product": "CNC", "quantity": quantity,
        "overnight_quantity": 0, "multiplier": 1, "average_price": price if quantity else 0, "close_price": 812.35,
        "last_price": 820, "value": -quantity * price, "pnl": 0, "m2m": 0, "unrealised": 0, "realised": 0,
        "buy_quantity": bought, "buy_price": price if bought else 0, "buy_value": bought * price,
        "buy_m2m": bought * price, "sell_quantity": sold, "sell_price": price if sold else 0,
        "sell_value": sold * price, "sell_m2m": sold * price, "day_buy_quantity": bought,
        "day_buy_price": price if bought else 0, "day_buy_value": bought * price, "day_sell_quantity": sold,
        "day_sell_price": price if sold else 0, "day_sell_value": sold * price, **changes,
    }  # fmt: skip


def margins(cash: float = 99725.05) -> dict[str, Any]:
    """Funds; what may be spent is ``net``, not ``cash``."""
    part = {
        "enabled": True,
        "net": cash,
        "available": {
            "adhoc_margin": 0, "cash": 245431.6, "opening_balance": 245431.6, "live_balance": cash, "collateral": 0,
            "intraday_payin": 0,
        },
        "utilised": {"debits": 145706.55, "exposure": 0, "m2m_realised": 0, "span": 0, "delivery": 0},
    }  # fmt: skip
    return {"equity": part, "commodity": {**part, "net": 0}}


PROFILE: Mapping[str, Any] = {
    "user_id": USER_ID, "user_type": "individual", "email": "someone@example.com", "user_name": "Some One",
    "user_shortname": "Some", "broker": "ZERODHA", "exchanges": ["NSE", "BSE"], "products": ["CNC", "MIS"],
    "order_types": ["MARKET", "LIMIT", "SL", "SL-M"], "avatar_url": None, "meta": {"demat_consent": "physical"},
}  # fmt: skip


def _json(text: str | float) -> int | float:
    number = float(text)
    return int(number) if number == int(number) else number
