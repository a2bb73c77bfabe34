"""The samples of results texts: invented companies, every layout, with the fields each text states."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path

from robotrader.core.background_scheduler.records import EarningsReport, ParseResult

FOLDER = Path(__file__).parent / "earnings_samples"
MONEY = ("revenue_inr", "net_profit_inr", "ebitda_inr")
FIGURES = (
    *MONEY,
    "eps_inr",
    "revenue_yoy_pct",
    "profit_yoy_pct",
    "revenue_qoq_pct",
    "profit_qoq_pct",
    "net_margin_pct",
    "dividend_per_share_inr",
    "surprise_pct",
)
CHECKED = ("fiscal_year", "fiscal_quarter", "basis", "report_date", "next_earnings_date", *FIGURES)


@dataclass(frozen=True)
class Sample:
    """One text, the symbol asked for, and what is to be read."""

    name: str
    text: str
    symbol: str | None
    fields: dict[str, object]


def samples() -> list[Sample]:
    """Every sample; figures as Decimal."""
    rows = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
    found = []
    for row in rows:
        told = {k: Decimal(v) if k in FIGURES else v for k, v in row["fields"].items()}
        text = (FOLDER / f"{row['file']}.txt").read_text(encoding="utf-8")
        found.append(Sample(f"{row['file']}-{row['symbol']}", text, row["symbol"], told))
    return found


def read_fields(result: ParseResult[EarningsReport]) -> dict[str, object]:
    """The checked fields that hold something."""
    return {n: v for n in CHECKED if (v := getattr(result.record, n)) is not None}


def assert_sources(text: str, result: ParseResult[EarningsReport]) -> None:
    """Every field has a source, and every source with an offset stands there word for word."""
    record = result.record
    names = {f.name for f in fields(record) if f.name != "sources" and getattr(record, f.name) is not None}
    assert names == set(record.sources)
    for source in record.sources.values():
        assert source.layer in ("structured", "regex", "basic")
        if source.offset >= 0:
            assert text[source.offset : source.offset + len(source.words)] == source.words
