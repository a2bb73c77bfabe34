"""Marks of letters and of HTML, and titles that tell of nothing."""

from __future__ import annotations

import json

import pytest

from robotrader.core.background_scheduler.parsers.news import parse_news


def test_the_day_of_a_letter_stands_far_right_of_its_number() -> None:
    text = (
        "Ref: ORCHID/SECY/STEX/2026" + " " * 50 + "Date: 19.06.2026\n\nBSE Limited\nScrip Code: 500001\n\n"
        "Sub: Receipt of an order from the railway for Rs. 265 crore\n\nDear Sir/Madam,\n"
        "It is informed that an earlier order dated 02.05.2026 is under execution.\n"
    )
    assert [item.published_at for item in parse_news(text).record] == ["2026-06-19"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"articles": [{"title": "Orchid &amp; Lily&#39;s merger is off", "source": "Mint"}]}),
        "- Orchid &amp; Lily&#39;s merger is off (Mint, 5 Jan 2026)\n",
    ],
)
def test_marks_of_html_are_the_characters_they_stand_for(text: str) -> None:
    assert [item.headline for item in parse_news(text).record] == ["Orchid & Lily's merger is off"]


def test_a_list_of_plain_facts_is_no_list_of_stories() -> None:
    text = (
        "Orchid serves southern India\n"
        "Orchid has 200 branches and it serves more than a million customers in the south of India.\n"
        "Orchid Bank has a large network today\n"
        "The founders of Orchid wanted a large bank that lends to small farmers at low rates.\n"
        "Orchid Bank keeps a strong capital base\n"
        "The capital of Orchid stood at 18 per cent, a strong base which is above the norm.\n"
    )
    assert parse_news(text).record == ()
