"""Figures in words, as Indian sources print them: crore, per cent, rupees a share. Pure functions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from robotrader.sandbox.facts import Company, Figure, Headline, Period, Ratio

CRORE = Decimal(10_000_000)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SPELLED = {
    "eps": "EPS",
    "ebitda": "EBITDA",
    "yoy": "(YoY)",
    "qoq": "(QoQ)",
    "cc": "in constant currency",
    "usd": "in dollars",
    "jv": "joint ventures",
    "incl": "including",
    "pe": "P/E",
    "pb": "P/B",
    "roe": "ROE",
    "roce": "ROCE",
    "ttm": "(trailing 12 months)",
    "gnpa": "gross NPA",
    "nnpa": "net NPA",
    "nim": "net interest margin",
    "arpu": "ARPU",
}
_REVENUE_NAMES = {"operations": "Revenue from operations", "sales": "Sales", "total_income": "Total income"}


def grouped(value: Decimal) -> str:
    """A number with Indian digit grouping, no digit added or lost: ``134979.47`` is ``1,34,979.47``."""
    sign, text = ("-", f"{-value:f}") if value < 0 else ("", f"{value:f}")
    whole, point, rest = text.partition(".")
    head, tail = whole[:-3], whole[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)]
    return sign + ",".join([*reversed(pairs), tail]) + point + rest


def amount(value: Decimal, unit: str) -> str:
    """A value with its unit in words; rupees from one crore up are printed in crore, exactly."""
    if unit == "INR" and abs(value) >= CRORE:
        return f"₹{grouped(_plain(value / CRORE))} crore"
    if unit.startswith("INR"):
        return f"₹{grouped(value)}{unit.removeprefix('INR')}"
    return {"percent": f"{value}%", "USD": f"${value:,}", "x": f"{value}"}.get(unit, f"{value} {unit}")


def metric_name(metric: str) -> str:
    """``net_profit_yoy`` in words."""
    return " ".join(_SPELLED.get(part, part) for part in metric.split("_"))


def day(iso: str) -> str:
    """``2025-11-04`` as ``4 November 2025``."""
    at = date.fromisoformat(iso)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def figure_line(figure: Figure) -> str:
    """One figure as a search result's snippet tells it."""
    basis = f"{figure.basis} " if figure.basis else ""
    note = f" ({figure.note})" if figure.note else ""
    return f"{basis}{metric_name(figure.metric)}: {amount(figure.value, figure.unit)}{note}"


def ratio_line(ratio: Ratio) -> str:
    """One ratio with its date, as a search result's snippet tells it."""
    note = f" ({ratio.note})" if ratio.note else ""
    return f"{metric_name(ratio.metric)}: {amount(ratio.value, ratio.unit)} as of {ratio.as_of}{note}"


def earnings_prose(company: Company, period: Period) -> str:
    """The record of a quarter told in sentences, as a model without a schema would."""
    by_field = {figure.fills: figure for figure in company.figures if figure.fills}
    opening = (
        f"{company.name} (NSE: {company.symbol}) announced its {company.basis} results for {period.label}, "
        f"the quarter ended {day(period.ends)}, on {day(company.announced)}."
    )
    lines = [
        _money_sentence(_REVENUE_NAMES[company.revenue_kind], "revenue", by_field),
        _money_sentence("Net profit", "profit", by_field),
    ]
    if "ebitda_inr" in by_field:
        lines.append(f"EBITDA was {_shown(by_field['ebitda_inr'])}.")
    if "eps_inr" in by_field:
        scope = "" if company.eps_basis == company.basis else f" ({company.eps_basis})"
        lines.append(f"EPS{scope} was {_shown(by_field['eps_inr'])}.")
    if "net_margin_pct" in by_field:
        lines.append(f"The net profit margin was {_shown(by_field['net_margin_pct'])}.")
    if "dividend_per_share_inr" in by_field:
        lines.append(f"The board declared an interim dividend of {_shown(by_field['dividend_per_share_inr'])}.")
    lines.extend(f"Guidance: {fact.text}" for fact in company.facts if fact.fills == "guidance")
    return " ".join([opening, *lines])


def news_prose(company: Company) -> str:
    """The news of a company as bullets."""
    return "\n".join([f"News on {company.name} (NSE: {company.symbol}):", *map(_bullet, company.news)])


def ratios_prose(company: Company, ratios: tuple[Ratio, ...]) -> str:
    """Ratios of a company in one line each."""
    return "\n".join([f"{company.name} (NSE: {company.symbol}):", *(f"- {ratio_line(ratio)}" for ratio in ratios)])


def _bullet(item: Headline) -> str:
    dated = f"{day(item.published)}: " if item.published else ""
    return f"- {dated}{item.headline} ({item.source.publisher})"


def _money_sentence(name: str, stem: str, by_field: dict[str, Figure]) -> str:
    growth = [
        f"{'up' if figure.value >= 0 else 'down'} {amount(abs(figure.value), figure.unit)} {words}"
        for field, words in ((f"{stem}_yoy_pct", "year on year"), (f"{stem}_qoq_pct", "quarter on quarter"))
        if (figure := by_field.get(field))
    ]
    money = by_field["revenue_inr" if stem == "revenue" else "net_profit_inr"]
    return f"{name} was {', '.join([_shown(money), *growth])}."


def _shown(figure: Figure) -> str:
    return amount(figure.value, figure.unit)


def _plain(value: Decimal) -> Decimal:
    """Without trailing zeros, and never in exponent form."""
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()
