from __future__ import annotations

import pytest

from robotrader.core.background_scheduler.parsers.earnings import parse_earnings
from tests.unit.parsers.earnings_cases import FIGURES, Sample, assert_sources, read_fields, samples

SAMPLES = samples()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_every_field_that_is_stated_and_no_other(sample: Sample) -> None:
    result = parse_earnings(sample.text, sample.symbol)
    assert read_fields(result) == sample.fields
    assert_sources(sample.text, result)
    assert (result.strategy == "none") == (not sample.fields)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_the_words_of_a_figure_hold_its_digits(sample: Sample) -> None:
    record = parse_earnings(sample.text, sample.symbol).record
    for name in FIGURES:
        if getattr(record, name) is not None:
            source = record.sources[name]
            assert source.offset >= 0
            assert any(c.isdigit() for c in source.words)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_another_company_gets_nothing_from_a_text_that_names_its_own(sample: Sample) -> None:
    if sample.symbol in (None, "ANYCO", "LARKIN"):
        return
    record = parse_earnings(sample.text, "XYLOPHONE").record
    assert not [n for n in FIGURES if getattr(record, n) is not None]


def test_there_are_samples_of_every_strategy() -> None:
    strategies = {parse_earnings(s.text, s.symbol).strategy for s in SAMPLES}
    assert {"structured", "regex", "none"} <= strategies
