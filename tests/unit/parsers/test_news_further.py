"""News in further shapes: grouped, wrapped, run together; and lines beside stories that are none."""

from __future__ import annotations

import json

import pytest

from robotrader.core.background_scheduler.parsers.news import parse_news
from tests.unit.parsers.news_checks import assert_sources, told

BONDS = "Orchid Bank raises Rs 7,500 crore via bonds"
RATES = "Orchid Bank cuts lending rates by 10 bps"

READ: dict[str, tuple[str, list[dict[str, object]]]] = {
    "a tag of sentiment behind the origin": (
        (
            f"**Funding**\n- {BONDS} (5 Jan 2026, Mint) – *Positive*\n\n"
            f"**Rates**\n- {RATES} (4 Jan 2026, Reuters) – *Neutral*\n"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint", "sentiment": "positive"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "Reuters", "sentiment": "neutral"},
        ],
    ),
    "an impact that is a sentiment": (
        f"| Date | Headline | Impact |\n|---|---|---|\n| 05-01-2026 | {BONDS} | Positive |\n",
        [{"headline": BONDS, "published_at": "2026-01-05", "sentiment": "positive"}],
    ),
    "a day and a time before the headline": (
        (
            f"05/01/2026 18:22:10  {BONDS}\n04/01/2026 11:05:41  {RATES}\n"
            "19/12/2025 10:00:00  Orchid Bank names a new chief\n"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05"},
            {"headline": RATES, "published_at": "2026-01-04"},
            {"headline": "Orchid Bank names a new chief", "published_at": "2025-12-19"},
        ],
    ),
    "a table whose rows stand in one line": (
        f"| Date | Headline | Source | |---|---|---| | 5 Jan 2026 | {BONDS} | Mint | | 4 Jan 2026 | {RATES} | PTI |",
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "PTI"},
        ],
    ),
    "a publisher and a day without its year": (
        f"(1) {BONDS} — Reuters, Jan 5\n(2) {RATES} — Mint, Jan 4\n",
        [{"headline": BONDS, "source": "Reuters"}, {"headline": RATES, "source": "Mint"}],
    ),
    "lines that each end with their origin": (
        f"Orchid news (last 7 days):\n\n{BONDS}. [Mint, 2026-01-05]\n{RATES}. [Reuters, 2026-01-04]\n",
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "Reuters"},
        ],
    ),
    "a day and a publisher parted by a dot": (
        f"• {BONDS} (5 Jan 2026 · Mint)\n• {RATES} (4 Jan 2026 · Reuters)\n",
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "Reuters"},
        ],
    ),
    "stories grouped by sentiment": (
        f"Positive news:\n- {BONDS} (5 Jan 2026, Mint)\nNegative news:\n- {RATES} (4 Jan 2026, Reuters)\n",
        [{"headline": BONDS, "sentiment": "positive"}, {"headline": RATES, "sentiment": "negative"}],
    ),
    "the dateline of an agency": (
        (
            f"{BONDS}\n\nMumbai, Jan 5 (PTI) Orchid Bank Ltd on Monday said it has raised Rs 7,500 crore via bonds "
            "from insurers and pension funds.\n"
        ),
        [{"headline": BONDS, "source": "PTI"}],
    ),
    "a release with its town": (
        (
            "PRESS RELEASE\n\nPune, 5 January 2026\n\nORCHID BANK DECLARES A DIVIDEND OF RS 2 PER SHARE\n\n"
            "The Board of Directors of Orchid Bank Limited today declared an interim dividend of Rs 2 per share.\n"
        ),
        [{"headline": "ORCHID BANK DECLARES A DIVIDEND OF RS 2 PER SHARE", "published_at": "2026-01-05"}],
    ),
    "sentences that each tell their day": (
        (
            "Orchid Bank was in the news twice. On 5 January 2026, the bank raised Rs 7,500 crore via bonds, "
            "according to Mint. On 4 January 2026, Reuters reported that Orchid Bank cut its lending rates by 10 bps.\n"
        ),
        [
            {
                "headline": "the bank raised Rs 7,500 crore via bonds",
                "published_at": "2026-01-05",
                "source": "Mint",
            },
            {
                "headline": "Orchid Bank cut its lending rates by 10 bps",
                "published_at": "2026-01-04",
                "source": "Reuters",
            },
        ],
    ),
}


def _assert_read(text: str, expected: list[dict[str, object]]) -> None:
    result = parse_news(text)
    assert_sources(text, result)
    items = list(result.record)
    assert [i.headline.rstrip(".") for i in items] == [e["headline"] for e in expected]
    for item, want in zip(items, expected, strict=True):
        for name in ("published_at", "source", "sentiment"):
            assert getattr(item, name) == want.get(name, getattr(item, name) if name not in want else None)


@pytest.mark.parametrize("name", READ)
def test_further_layouts(name: str) -> None:
    _assert_read(*READ[name])


def test_a_source_is_no_town() -> None:
    text, _ = READ["a release with its town"]
    assert [item.source for item in parse_news(text).record] == [None]


def test_fields_beside_the_object_of_a_story_are_its_own() -> None:
    text = json.dumps(
        {
            "articles": [
                {
                    "attributes": {"title": BONDS, "published_on": "05-Jan-2026", "publisher": {"name": "Mint"}},
                    "links": {"self": "https://www.livemint.com/orchid-bonds"},
                    "analysis": {"sentiment": {"label": "positive", "score": 0.7}},
                }
            ]
        }
    )
    expected = [
        {
            "headline": BONDS,
            "published_at": "2026-01-05",
            "source": "Mint",
            "url": "https://www.livemint.com/orchid-bonds",
            "sentiment": "positive",
        }
    ]
    assert told(parse_news(text), expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        (
            f'<feed><entry><title>{BONDS}</title><link href="https://orchid.example/1"/>'
            f"<updated>2026-01-05T06:30:00Z</updated></entry><entry><title>{RATES}</title>"
            '<link href="https://orchid.example/2"/><updated>2026-01-04T06:30:00Z</updated></entry></feed>'
        ),
        (
            f'<news><article date="2026-01-05"><headline>{BONDS}</headline></article>'
            f'<article date="2026-01-04"><headline>{RATES}</headline></article></news>'
        ),
    ],
    ids=["atom", "own tags"],
)
def test_feeds_of_other_makes(text: str) -> None:
    items = parse_news(text).record
    assert [(i.headline, (i.published_at or "")[:10]) for i in items] == [(BONDS, "2026-01-05"), (RATES, "2026-01-04")]


def test_the_link_of_an_atom_entry() -> None:
    text = f'<feed><entry><title>{BONDS}</title><link href="https://orchid.example/1"/></entry></feed>'
    assert [i.url for i in parse_news(text).record] == ["https://orchid.example/1"]


def test_pointers_to_other_stories_are_none() -> None:
    text = (
        f"{BONDS}\nBy R Rao | Mint | Updated: 05 Jan 2026, 02:31 PM IST\n\n"
        "Orchid Bank raised Rs 7,500 crore via bonds on Monday, the lender said in a filing to the exchanges.\n\n"
        "Also read: Rose Metals to reopen its smelter next year\nAlso read: Markets end at a two-month high\n"
    )
    assert [item.headline for item in parse_news(text).record] == [BONDS]


def test_a_headline_that_breaks_off_in_bold_is_left_out() -> None:
    text = (
        f"1. **{BONDS}** – Mint, 5 January 2026\n\n2. **{RATES}** – Reuters, 4 January 2026\n\n3. **Orchid Bank to acq"
    )
    assert [item.headline for item in parse_news(text).record] == [BONDS, RATES]


def test_a_short_name_of_the_company_is_not_another_one() -> None:
    text = "News\n\n• Godrej Consumer to buy a soap brand for Rs 45 crore\n• CEO sees double-digit growth ahead\n"
    assert len(parse_news(text, "GODREJCP").record) == 2
    assert len(parse_news(text.replace("Godrej Consumer", "Godrej Industries"), "GODREJCP").record) == 1


def test_lines_that_start_with_companies_are_stories() -> None:
    lines = [
        "Orchid Bank: Board to consider a bonus issue on 24 January.",
        "Tata Motors: January sales rose by a tenth.",
        "Wipro: Company completed the purchase of a design studio.",
    ]
    assert [i.headline for i in parse_news("Stocks to watch\n\n" + "\n".join(lines)).record] == lines


def test_paragraphs_that_start_with_companies_have_no_headlines() -> None:
    long = "Orchid Bank: The lender has been granted a clearance that it had long awaited for a new head office. " * 3
    assert parse_news("\n\n".join([long, long.replace("Orchid", "Lotus"), long.replace("Orchid", "Rose")])).record == ()
