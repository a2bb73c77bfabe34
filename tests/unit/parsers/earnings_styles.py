"""Texts in many styles with what each states: ``@@ name SYMBOL``, the text, ``%% field=value field~value``.

``=`` is to be read, ``~`` may be read; a field that is not named must stay empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from robotrader.core.background_scheduler.records import EarningsReport

FOLDER = Path(__file__).parent / "earnings_styles"
NAMES = {
    "fy": "fiscal_year",
    "fq": "fiscal_quarter",
    "basis": "basis",
    "rev": "revenue_inr",
    "np": "net_profit_inr",
    "ebitda": "ebitda_inr",
    "eps": "eps_inr",
    "rev_yoy": "revenue_yoy_pct",
    "prof_yoy": "profit_yoy_pct",
    "rev_qoq": "revenue_qoq_pct",
    "prof_qoq": "profit_qoq_pct",
    "margin": "net_margin_pct",
    "report": "report_date",
    "next": "next_earnings_date",
    "dps": "dividend_per_share_inr",
    "surprise": "surprise_pct",
}
_UNITS = {"lcr": 10**12, "cr": 10**7, "lakh": 10**5, "mn": 10**6, "bn": 10**9, "": 1}


@dataclass(frozen=True)
class Style:
    """One text: what must be read of it, and what may be."""

    name: str
    symbol: str
    text: str
    stated: dict[str, object]
    allowed: dict[str, object]


def _value(name: str, words: str) -> object:
    if name in ("fy", "fq"):
        return int(words)
    if name in ("basis", "report", "next"):
        return words
    match = re.fullmatch(r"(-?[\d.]+)(lcr|cr|lakh|mn|bn|)", words)
    if match is None:
        raise ValueError(words)
    return Decimal(match[1]) * _UNITS[match[2]]


def styles() -> list[Style]:
    """Every text of the folder."""
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        for part in path.read_text(encoding="utf-8").split("@@ ")[1:]:
            head, _, rest = part.partition("\n")
            text, _, told = rest.rpartition("%%")
            name, symbol = head.split()
            told_fields = [re.fullmatch(r"(\w+)([=~])(\S+)", word) for word in told.split()]
            fields = [(m[1], m[2], _value(m[1], m[3])) for m in told_fields if m]
            if len(fields) != len(told_fields):
                raise ValueError(f"{name}: {told}")
            stated = {NAMES[n]: v for n, mark, v in fields if mark == "="}
            allowed = {NAMES[n]: v for n, _, v in fields}
            found.append(Style(f"{path.stem}-{name}", symbol, text.rstrip("\n") + "\n", stated, allowed))
    return found


def faults(style: Style, record: EarningsReport) -> tuple[list[str], list[str]]:
    """The fields that are wrong or not in the text, and those that were missed."""
    wrong, missed = [], []
    for name in NAMES.values():
        got, want = getattr(record, name), style.allowed.get(name)
        if got is not None and got != want:
            wrong.append(f"{name}: {got} for {want}")
        elif got is None and name in style.stated:
            missed.append(f"{name}: {want}")
    return wrong, missed
