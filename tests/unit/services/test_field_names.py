"""Which field a person means."""

from __future__ import annotations

import pytest

from robotrader.core.background_scheduler.models import Dataset
from robotrader.core.errors import ValidationError
from robotrader.core.services.field_names import FIELDS, Wanted, wanted

E, F, N = Dataset.EARNINGS, Dataset.FUNDAMENTALS, Dataset.NEWS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("eps", Wanted(E, "eps_inr")),
        ("EPS", Wanted(E, "eps_inr")),
        ("eps-inr", Wanted(E, "eps_inr")),
        ("eps_ttm", Wanted(F, "eps_ttm_inr")),
        ("earnings.eps", Wanted(E, "eps_inr")),
        ("fundamentals.eps", Wanted(F, "eps_ttm_inr")),
        ("pe", Wanted(F, "pe")),
        (" Fundamentals.PE ", Wanted(F, "pe")),
        ("roe", Wanted(F, "roe_pct")),
        ("strengths", Wanted(F, "strengths")),
        ("guidance", Wanted(E, "guidance")),
        ("net_profit", Wanted(E, "net_profit_inr")),
        ("earnings.symbol", Wanted(E, "symbol")),
        ("news.3f2a.headline", Wanted(N, "headline", "3f2a")),
        ("news.3F2A.published", Wanted(N, "published_at", "3f2a")),
        ("news.3f2a.key-figures", Wanted(N, "key_figures", "3f2a")),
    ],
)
def test_a_field_is_known_by_its_name_or_an_unmistakable_part(text: str, found: Wanted) -> None:
    assert wanted(text) == found


@pytest.mark.parametrize("dataset", FIELDS)
def test_every_field_is_reached_by_its_full_name(dataset: Dataset) -> None:
    for name in FIELDS[dataset]:
        story = "a." if dataset is N else ""
        assert wanted(f"{dataset.value}.{story}{name}")[:2] == (dataset, name)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no such field"),
        (".", "no such dataset"),
        ("beta", "no such field"),
        ("revenue_q", "no such field"),
        ("symbol", "say which: earnings.symbol, fundamentals.symbol"),
        ("dividend", "say which: earnings.dividend_per_share_inr, fundamentals.dividend_yield_pct"),
        ("earnings.pe", "no such field"),
        ("earnings.", "no such field"),
        ("earnings.profit", "the fields are: profit_yoy_pct, profit_qoq_pct"),
        ("prices.close", "no such dataset"),
        ("news.headline", "needs the id of its story"),
        ("news..headline", "needs the id of its story"),
        ("news.3f2a.pe", "no such field"),
        ("headline", "no such field"),
        ("x" * 5_000, "no such field"),
    ],
)
def test_what_is_no_field_or_more_than_one_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        wanted(text)
    said = f"{caught.value} {caught.value.context.remedy}"
    assert words in said
    assert len(said) < 1_200
