"""What trading equity at Zerodha costs: dated rows, each with its source. Days are Indian days, rates are fractions.

A row holds from its ``effective_from`` until a later one of the same name. ``TABLE_BEGINS`` stands where a rate was in
force already when this table begins and its own first day was not looked up: an earlier day is refused, never guessed.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

TABLE_BEGINS = date(2024, 10, 1)
CRORE = Decimal(10_000_000)


class RateRow(NamedTuple):
    """One rate: a fraction of the turnover, or rupees where ``unit`` says so."""

    name: str
    effective_from: date
    value: Decimal
    source: str
    unit: str = "of turnover"


_LIST = "zerodha.com/charges, list of charges; read 2026-11"
_STAMP = "Indian Stamp Act as amended by the Finance Act 2019, from 2020-07-01"
_STT = "Finance (No. 2) Act 2004 s. 98; unchanged by the Finance Act 2026, NSE/FATAX/73524 of 2026-03-31"
_BSE = "bseindia.com transaction charges, notice 20221109-7, from 2022-12-01"
_RUPEES = "rupees"

ROWS: tuple[RateRow, ...] = (
    RateRow("brokerage.CNC", TABLE_BEGINS, Decimal(0), _LIST),
    RateRow("brokerage.MIS", TABLE_BEGINS, Decimal("0.0003"), _LIST),
    RateRow("brokerage.MIS.most", TABLE_BEGINS, Decimal(20), _LIST, _RUPEES + " an order"),
    RateRow("stt.CNC.BUY", TABLE_BEGINS, Decimal("0.001"), _STT),
    RateRow("stt.CNC.SELL", TABLE_BEGINS, Decimal("0.001"), _STT),
    RateRow("stt.MIS.BUY", TABLE_BEGINS, Decimal(0), _STT),
    RateRow("stt.MIS.SELL", TABLE_BEGINS, Decimal("0.00025"), _STT),
    # Both come to 307 rupees a crore: brokers' pages show 0.00297 % for the first, without its second part.
    RateRow(
        "exchange.NSE",
        date(2024, 10, 1),
        (Decimal(297) + Decimal(10)) / CRORE,
        "NSE from 2024-10-01: 297 rupees a crore, and 10 for the investor protection fund",
    ),
    RateRow(
        "exchange.NSE",
        date(2026, 3, 1),
        (Decimal("306.99") + Decimal("0.01")) / CRORE,
        "NSE/FA/73061, from 2026-03-01: 306.99 rupees a crore, and 0.01 for the investor protection fund",
    ),
    RateRow("exchange.BSE", date(2022, 12, 1), Decimal(375) / CRORE, _BSE),
    RateRow("exchange.BSE.SME", date(2022, 12, 1), Decimal(275) / CRORE, _BSE),
    RateRow("exchange.BSE.X", date(2022, 12, 1), Decimal(10_000) / CRORE, _BSE),
    RateRow("exchange.BSE.P", date(2022, 12, 1), Decimal(100_000) / CRORE, _BSE),
    RateRow("sebi", TABLE_BEGINS, Decimal(10) / CRORE, f"SEBI turnover fee, 10 rupees a crore; {_LIST}"),
    RateRow("stamp.CNC", date(2020, 7, 1), Decimal("0.00015"), _STAMP),
    RateRow("stamp.MIS", date(2020, 7, 1), Decimal("0.00003"), _STAMP),
    RateRow("gst", TABLE_BEGINS, Decimal("0.18"), f"on brokerage, transaction charge, SEBI fee; {_LIST}", "of these"),
    RateRow(
        "dp",
        TABLE_BEGINS,
        Decimal(13),
        "support.zerodha.com, DP charges: 13 rupees and GST an ISIN and day of sale, any quantity",
        _RUPEES + ", GST on top",
    ),
    RateRow(
        "square_off",
        TABLE_BEGINS,
        Decimal(50),
        "support.zerodha.com, auto square-off: 50 rupees and GST an order",
        _RUPEES + " an order, GST on top",
    ),
)

BSE_GROUPS = {
    **dict.fromkeys(("M", "MT", "TS", "MS", "IF", "IT", "R"), "SME"),
    **dict.fromkeys(("X", "XT", "Z"), "X"),
    **dict.fromkeys(("P", "ZP"), "P"),
}
"""The groups of BSE whose transaction charge is another than that of A, B and the rest."""
