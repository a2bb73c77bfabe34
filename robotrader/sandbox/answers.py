"""What the sandbox says to a question: the JSON its schema asks for, and the pages behind it. Pure functions.

The answer is built from the property names of the schema, so that a schema may change without a change here: a
property the snapshot has nothing for is null.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from robotrader.sandbox import wording
from robotrader.sandbox.facts import Company, Headline, Ratio, Source, period

BATCH = "answers"
"""The property that holds one object a company, where a question is about several."""

DATASETS = ("earnings", "news", "fundamentals")
_RATIO_FIELDS: Mapping[str, tuple[str, ...]] = {
    "pe": ("pe_ttm", "pe", "pe_consolidated", "pe_standalone"),
    "pb": ("pb",),
    "roe_pct": ("roe",),
    "roce_pct": ("roce",),
    "debt_to_equity": ("debt_to_equity",),
    "dividend_yield_pct": ("dividend_yield",),
    "market_cap_inr": ("market_cap",),
    "eps_ttm_inr": ("eps_ttm_consolidated",),
    "book_value_inr": ("book_value_per_share",),
    "promoter_holding_pct": ("promoter_holding",),
}


def answer(dataset: str, company: Company, symbol: str, schema: Mapping[str, Any]) -> str:
    """The JSON text that answers a schema for one dataset; ``symbol`` is echoed as it was asked."""
    values = _FIELDS[dataset](company)
    items = [_news_item(item, symbol) for item in company.news] if dataset == "news" else None
    filled = _fill(schema, {**values, "symbol": symbol, "company": company.name}, items, schema)
    return json.dumps(filled, ensure_ascii=False, default=_number)


def together(texts: Iterable[str]) -> str:
    """The answers about several companies as one."""
    return f'{{"{BATCH}": [{", ".join(texts)}]}}'


def prose(dataset: str, company: Company) -> str:
    """The same facts in words."""
    if dataset == "earnings":
        return wording.earnings_prose(company, period())
    return wording.news_prose(company) if dataset == "news" else wording.ratios_prose(company, one_page(company))


def search_results(dataset: str, *companies: Company) -> list[dict[str, Any]]:
    """The pages the answer was read from, those behind its own fields first, each with what was read there."""
    pages: list[tuple[Company, Source, list[str]]] = []
    for company in companies:
        lines: dict[Source, list[str]] = {}
        for source, line in _read(dataset, company):
            lines.setdefault(source, []).append(line)
        pages += [(company, source, said) for source, said in lines.items()]
    return [
        {
            "id": number,
            "title": f"{company.name}: {source.publisher}",
            "url": source.url,
            "snippet": "; ".join(said),
            "date": source.published,
            "last_updated": None,
            "source": "web",
        }
        for number, (company, source, said) in enumerate(pages, start=1)
    ]


def one_page(company: Company) -> tuple[Ratio, ...]:
    """The ratios of the page that states most of them: figures of different days do not make one record."""
    counts = Counter(ratio.source for ratio in company.ratios)
    page = counts.most_common(1)[0][0]
    return tuple(ratio for ratio in company.ratios if ratio.source == page)


def _earnings(company: Company) -> dict[str, Any]:
    quarter = period()
    return {
        "fiscal_year": quarter.fiscal_year,
        "fiscal_quarter": quarter.fiscal_quarter,
        "period_end": quarter.ends,
        "basis": company.basis,
        "report_date": company.announced,
        "currency": "INR",
        "revenue_kind": company.revenue_kind,
        "eps_basis": company.eps_basis,
        **{figure.fills: figure.value for figure in company.figures if figure.fills},
        **{fact.fills: fact.text for fact in company.facts if fact.fills},
    }


def _fundamentals(company: Company) -> dict[str, Any]:
    ratios = one_page(company)
    by_metric = {ratio.metric: ratio.value for ratio in ratios}
    found = {
        field: next((by_metric[metric] for metric in metrics if metric in by_metric), None)
        for field, metrics in _RATIO_FIELDS.items()
    }
    return {"as_of": max(ratio.as_of for ratio in ratios), **found}


def _news(_: Company) -> dict[str, Any]:
    return {}


_FIELDS = {"earnings": _earnings, "news": _news, "fundamentals": _fundamentals}


def _news_item(item: Headline, symbol: str) -> dict[str, Any]:
    return {
        "headline": item.headline,
        "published_at": item.published,
        "source": item.source.publisher,
        "url": item.source.url,
        "category": item.category,
        "symbols": [symbol],
    }


def _read(dataset: str, company: Company) -> Iterable[tuple[Source, str]]:
    if dataset == "news":
        return [(item.source, item.headline) for item in company.news]
    if dataset == "fundamentals":
        chosen = one_page(company)
        ordered = sorted(company.ratios, key=lambda ratio: ratio not in chosen)
        return [(ratio.source, wording.ratio_line(ratio)) for ratio in ordered]
    figures = sorted(company.figures, key=lambda figure: figure.fills is None)
    return [
        *((figure.source, wording.figure_line(figure)) for figure in figures),
        (company.announced_source, f"results announced on {wording.day(company.announced)}"),
        *((fact.source, fact.text) for fact in company.facts),
    ]


def _fill(
    schema: Mapping[str, Any],
    values: Mapping[str, Any],
    items: list[dict[str, Any]] | None,
    root: Mapping[str, Any],
) -> dict[str, Any]:
    """An object with exactly the properties of ``schema``; a list of objects takes ``items``."""
    filled: dict[str, Any] = {}
    for name, given in schema.get("properties", {}).items():
        inner = _item_schema(given, root)
        if inner is not None and items is not None:
            filled[name] = [_fill(inner, item, None, root) for item in items]
        else:
            filled[name] = values.get(name)
    return filled


def _item_schema(given: Any, root: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The schema of the objects in a list, or None where ``given`` is no list of objects."""
    for option in _options(given, root):
        if option.get("type") == "array":
            for inner in _options(option.get("items"), root):
                if "properties" in inner:
                    return inner
    return None


def _options(given: Any, root: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A schema with its reference followed and its ``anyOf`` spread out; empty where it is no object."""
    if not isinstance(given, Mapping):
        return []
    if isinstance(reference := given.get("$ref"), str):
        given = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {})
    return [given, *(option for option in given.get("anyOf", ()) if isinstance(option, Mapping))]


def _number(value: Any) -> int | float:
    """A decimal as the JSON number it was read from."""
    if not isinstance(value, Decimal):
        raise TypeError(f"not a JSON value: {type(value).__name__}")
    return int(value) if value == value.to_integral_value() else float(value)
