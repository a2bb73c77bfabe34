"""News of feeds, of round-ups and of pages: which day is whose, which words are a title, and what is none."""

from __future__ import annotations

import json

import pytest

from robotrader.core.background_scheduler.parsers.news import parse_news
from tests.unit.parsers.news_checks import assert_sources, told

BONDS = "Orchid Bank raises Rs 7,500 crore via bonds"
RATES = "Orchid Bank cuts lending rates by 10 bps"
CHIEF = "Orchid Bank names Ravi Menon as its next chief executive"
TOLD = "The lender said that the step was approved by its board at a meeting in Pune."
PAPER = "\u0926\u0948\u0928\u093f\u0915 \u092a\u0924\u094d\u0930"
MORE = "It is the third such step of the year, the lender told the exchanges on Monday."


def _days(*days: str | None) -> list[dict[str, object]]:
    return [{"headline": h, "published_at": d} for h, d in zip((BONDS, RATES, CHIEF), days, strict=False)]


READ: dict[str, tuple[str, list[dict[str, object]]]] = {
    "days below, each line by itself": (
        (
            f"SENSEX\nNIFTY\n\nMarkets News\n\n{BONDS}\n\n{TOLD}\n\nMint 5 Jan 2026 5:47 pm\n\n{RATES}\n\n{MORE}\n\n"
            f"Reuters 4 Jan 2026 5:12 pm\n\n{CHIEF}\n\n{TOLD}\n\nMint 3 Jan 2026 9:30 am\n"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint", "summary": TOLD},
            {"headline": RATES, "published_at": "2026-01-04", "source": "Reuters", "summary": MORE},
            {"headline": CHIEF, "published_at": "2026-01-03", "source": "Mint", "summary": TOLD},
        ],
    ),
    "days above": (
        f"5 Jan 2026\n{BONDS}\n4 Jan 2026\n{RATES}\n3 Jan 2026\n{CHIEF}\n",
        _days("2026-01-05", "2026-01-04", "2026-01-03"),
    ),
    "days above several": (
        f"5 Jan 2026\n{BONDS}\n{RATES}\n4 Jan 2026\n{CHIEF}\n",
        _days("2026-01-05", "2026-01-05", "2026-01-04"),
    ),
    "a day that is missing": (
        (
            f"{BONDS}\n{TOLD}\n5 Jan 2026\n{RATES}\n{MORE}\n{CHIEF}\n{TOLD}\n3 Jan 2026\n"
            f"Lotus Foods opens a plant near Nashik\n{MORE}\n2 Jan 2026\n"
        ),
        [
            *_days("2026-01-05", None, "2026-01-03"),
            {"headline": "Lotus Foods opens a plant near Nashik", "published_at": "2026-01-02"},
        ],
    ),
    "days below, line by line": (
        f"{BONDS}\n5 Jan 2026\n{RATES}\n4 Jan 2026\n{CHIEF}\n3 Jan 2026\n",
        _days("2026-01-05", "2026-01-04", "2026-01-03"),
    ),
    "a clock with a dot": (
        f"{BONDS}\n{TOLD}\n05 Jan, 2026, 09.12 AM IST\n{RATES}\n{MORE}\n04 Jan, 2026, 02.45 PM IST\n",
        [{**d, "source": None} for d in _days("2026-01-05", "2026-01-04")],
    ),
    "times under the day of all": (
        (
            f"Live market updates\n\n5th Jan, 2026\n\n{BONDS}\n\nPublished on: 5:09 pm\n\n  • {TOLD}\n  • {MORE}\n\n"
            f"{RATES}\n\nPublished on: 5:02 pm\n\n  • {TOLD} Read more\n"
        ),
        _days("2026-01-05", "2026-01-05"),
    ),
    "days between titles and words": (
        (
            f"SHARE NEWS\n\n{BONDS}\n\nPublished on Jan 05, 2026 11:35\n{TOLD}\n\nPowered by a wire\n\n"
            f"{RATES}\n\nPublished on Jan 04, 2026 15:09\n{MORE}\n\nPowered by a wire\n"
        ),
        _days("2026-01-05", "2026-01-04"),
    ),
    "days of a search behind its path": (
        (
            f"{BONDS}\nhttps://www.wire.example \u203a news\n5 Jan 2026 \u2014 {TOLD}\n\n"
            f"{RATES}\nhttps://www.wire.example \u203a news\n4 Jan 2026 \u2014 {MORE}\n"
        ),
        _days("2026-01-05", "2026-01-04"),
    ),
    "lines of a log": (f"LIVE\n16:42 IST | {BONDS}\n16:10 IST | {RATES}\n", _days(None, None)),
    "words of today": (
        f"Today, 10:45 AM\n{BONDS}\nToday, 9:20 AM\n{RATES}\nYesterday, 6:15 PM\n{CHIEF}\n",
        _days(*[None] * 3),
    ),
    "days in a column behind": (
        f"{BONDS}   05-Jan-2026 09:14\n{RATES}   04-Jan-2026 17:55\n",
        _days("2026-01-05", "2026-01-04"),
    ),
    "days before sentences": (
        (
            "Announcements\n\nDate Announcement\n05-Jan-2026 Orchid Bank has acquired a tenth of Rose Metals Limited.\n"
            "04-Jan-2026 Orchid Bank has approved the issue of bonds worth Rs 900 crore.\n"
        ),
        [
            {"headline": "Orchid Bank has acquired a tenth of Rose Metals Limited.", "published_at": "2026-01-05"},
            {
                "headline": "Orchid Bank has approved the issue of bonds worth Rs 900 crore.",
                "published_at": "2026-01-04",
            },
        ],
    ),
    "words that point to more": (
        f"{BONDS}\n\n{TOLD} Read more\n\n{RATES}\n\n{MORE} Read more\n",
        _days(None, None),
    ),
    "columns parted by spaces": (
        (
            "Symbol    Company Name    Subject    Broadcast Date\n"
            f"ORCHID    Orchid Bank Limited    {BONDS}    05-Jan-2026 18:04:11\n"
            f"ORCHID    Orchid Bank Limited    {RATES}    04-Jan-2026 17:40:29\n"
        ),
        _days("2026-01-05", "2026-01-04"),
    ),
    "notes with paper and day": (
        (
            f"- {BONDS}[^1]\n- {RATES}[^2]\n\n[^1]: Mint, 5 Jan 2026, https://www.livemint.com/a\n"
            "[^2]: Reuters, 4 Jan 2026, https://www.reuters.com/b\n"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint", "url": "https://www.livemint.com/a"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "Reuters", "url": "https://www.reuters.com/b"},
        ],
    ),
    "the words below a subject that names its rule": (
        (
            "Bulletin (5th January, 2026)\n\nScrip code : 512001\nName : Orchid Bank Ltd.\n"
            "Subject : Announcement under Regulation 30 (LODR)-Acquisition\n"
            "Purchase of a tenth of Rose Metals Limited.\n\n"
            f"Scrip code : 512002\nName : Lotus Foods Ltd.\nSubject : {CHIEF}\nA letter is attached to this filing.\n"
        ),
        [
            {"headline": "Purchase of a tenth of Rose Metals Limited.", "published_at": "2026-01-05"},
            {"headline": CHIEF, "published_at": "2026-01-05"},
        ],
    ),
    "sections of a brief": (
        (
            "# Orchid Bank \u2013 News brief (week ended 9 January 2026)\n\n## Funding\n"
            f"**{BONDS}** (Source: Mint, 5 Jan 2026)\n{TOLD}\n\n## Rates\n"
            f"**{RATES}** (Source: Reuters, 4 Jan 2026)\n{MORE}\n"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "Reuters"},
        ],
    ),
    "paragraphs that begin in bold": (
        (
            f"Several things happened:\n\n**{BONDS}**: {TOLD}[1]\n\n**Q2 profit rises 38%**: {MORE}[2]\n\n"
            "[1] https://www.livemint.com/a\n[2] https://www.reuters.com/b\n"
        ),
        [
            {"headline": BONDS, "url": "https://www.livemint.com/a", "summary": TOLD},
            {"headline": "Q2 profit rises 38%", "url": "https://www.reuters.com/b"},
        ],
    ),
    "tones above bullets": (
        f"Positive:\n1. {BONDS} (Mint, 5 Jan 2026)\n\nNegative:\n1. {RATES} (Reuters, 4 Jan 2026)\n",
        [{"headline": BONDS, "sentiment": "positive"}, {"headline": RATES, "sentiment": "negative"}],
    ),
    "a month in Hindi": (
        (
            f"1. {BONDS} \u2013 {PAPER}, 13 \u0928\u0935\u0902\u092c\u0930 2025\n"
            f"2. {RATES} \u2013 {PAPER}, 12 \u092e\u0908 2025\n"
        ),
        [
            {
                "headline": BONDS,
                "published_at": "2025-11-13",
                "source": PAPER,
            },
            {
                "headline": RATES,
                "published_at": "2025-05-12",
                "source": PAPER,
            },
        ],
    ),
    "sentences that each have their origin": (
        (
            f"{BONDS} in one tranche (Mint, 5 January 2026). "
            "It also cut its lending rates by 10 bps (Reuters, 4 January 2026)."
        ),
        [
            {"headline": f"{BONDS} in one tranche", "published_at": "2026-01-05", "source": "Mint"},
            {"headline": "It also cut its lending rates by 10 bps", "published_at": "2026-01-04", "source": "Reuters"},
        ],
    ),
    "sentences that say who reported them": (
        (
            "Orchid Bank raised Rs 7,500 crore via bonds as its loans grew\n"
            "by a tenth, Business Standard reported on 5 January\n2026.\n\n"
            "Orchid Bank cut its lending rates by 10 bps on Friday, Reuters reported.\n"
        ),
        [
            {
                "headline": "Orchid Bank raised Rs 7,500 crore via bonds as its loans grew by a tenth",
                "published_at": "2026-01-05",
                "source": "Business Standard",
            },
            {
                "headline": "Orchid Bank cut its lending rates by 10 bps on Friday",
                "published_at": None,
                "source": "Reuters",
            },
        ],
    ),
    "origins in the cells of headlines": (
        (
            f"| Theme | Headlines |\n|---|---|\n| Funding | {BONDS} (Mint, 5 Jan 2026) |\n"
            f"| Rates | {RATES} (PTI, 4 Jan 2026) |\n"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "PTI"},
        ],
    ),
    "several points in a cell": (
        (
            "| Company | Latest news |\n|---|---|\n"
            f"| Orchid | \u2022 {BONDS} (Mint, 5 Jan 2026)<br>\u2022 {RATES} (PTI, 4 Jan 2026) |\n"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "PTI"},
        ],
    ),
    "values between commas without names": (
        (
            f'2026-01-05,"{BONDS}, most of it abroad",Mint,https://www.livemint.com/a\n'
            f'2026-01-04,"{RATES}, the first cut of the year",PTI,https://www.ptinews.com/b\n'
        ),
        [
            {"headline": f"{BONDS}, most of it abroad", "published_at": "2026-01-05", "source": "Mint"},
            {"headline": f"{RATES}, the first cut of the year", "published_at": "2026-01-04", "source": "PTI"},
        ],
    ),
    "a table of HTML": (
        (
            "<table><tr><th>Date</th><th>Headline</th><th>Source</th></tr>\n"
            f"<tr><td>05-01-2026</td><td>{BONDS}</td>\n<td>Mint</td></tr></table>"
        ),
        [{"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"}],
    ),
    "filings with their details": (
        (
            "SYMBOL: ORCHID\nSUBJECT: General Updates\nDETAILS: Orchid Bank opens a branch in the port of Kandla\n"
            "BROADCAST: 05-Jan-2026 20:14:07\n\nSYMBOL: LOTUS\nSUBJECT: Credit Rating\n"
            "DETAILS: Lotus Foods receives a rating of AA from its agency\nBROADCAST: 04-Jan-2026 17:31:55\n"
        ),
        [
            {"headline": "Orchid Bank opens a branch in the port of Kandla", "published_at": "2026-01-05"},
            {"headline": "Lotus Foods receives a rating of AA from its agency", "published_at": "2026-01-04"},
        ],
    ),
    "an agency in the line of its author": (
        (
            f"{BONDS}\nBy PTI | New Delhi | Updated: January 5, 2026 20:14 IST\n\n{TOLD}\n\n"
            f"{RATES}\nBy PTI | New Delhi | Updated: January 4, 2026 18:02 IST\n\n{MORE}\n"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "PTI"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "PTI"},
        ],
    ),
    "a numbered list in one line": (
        (
            f"1. {BONDS} \u2013 Mint (5 Jan 2026) 2. {RATES} \u2013 Reuters (4 Jan 2026) "
            f"3. {CHIEF} \u2013 PTI (3 Jan 2026)"
        ),
        [
            {"headline": f"{BONDS} \u2013 Mint", "published_at": "2026-01-05", "source": "Mint"},
            {"headline": f"{RATES} \u2013 Reuters", "published_at": "2026-01-04", "source": "Reuters"},
            {"headline": f"{CHIEF} \u2013 PTI", "published_at": "2026-01-03", "source": "PTI"},
        ],
    ),
    "days in a column before": (
        (
            "Orders of the court\nJan 05, 2026  Final order in the matter of Rose Metals and others\n"
            "Jan 04, 2026  Interim order in the matter of Lotus Foods and others\n"
        ),
        [
            {"headline": "Final order in the matter of Rose Metals and others", "published_at": "2026-01-05"},
            {"headline": "Interim order in the matter of Lotus Foods and others", "published_at": "2026-01-04"},
        ],
    ),
    "an article below the words of a menu": (
        (
            "Home Markets Premium Money Mutual Funds\nBusiness News/ Companies / News/ Orchid Bank raises money\n"
            f"{BONDS}\nRavi Rao\n1 min read 5 Jan 2026, 07:21 PM IST\nSummary\n{TOLD}\n{MORE}\n"
        ),
        [{"headline": BONDS, "published_at": "2026-01-05"}],
    ),
    "a paper before the day of its story": (
        f"{BONDS}\nMint | Published: 5 Jan 2026, 6:10 PM | Updated: 6 Jan 2026, 9:02 AM\n\n{TOLD}\n\n{MORE}\n",
        [{"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"}],
    ),
    "headlines that a sentence quotes": (
        f'Two stories stood out: "{BONDS}" (Mint, 5 January 2026) and "{RATES}" (Reuters, 4 January 2026).',
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "Reuters"},
        ],
    ),
    "own tags of a file": (
        (
            f"<stories><story><hl>{BONDS}</hl><dt>2026-01-05</dt><src>Mint</src></story>"
            f"<story><hl>{RATES}</hl><dt>2026-01-04</dt><src>Reuters</src></story></stories>"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "Reuters"},
        ],
    ),
    "an article with a title on two lines": (
        f"{BONDS}\nafter a year of slow growth\n\nMint | 5 Jan 2026\n\nMUMBAI: {TOLD}\n\n{MORE}\n",
        [{"headline": f"{BONDS} after a year of slow growth", "published_at": "2026-01-05", "source": "Mint"}],
    ),
    "an article below a menu": (
        (
            "My Account\nFollow us\nEnglish\nHindi\nTrending Topics\nGold Rate\nGST\n"
            f"{BONDS}\n{TOLD} The bonds were sold to funds. They run for ten years.\n"
            "Mint News\nJanuary 05, 2026 / 17:22 IST\n"
            f'{MORE}\n"We are upbeat about the wedding season ahead," its chief said.\nMint News\n'
        ),
        [{"headline": BONDS, "published_at": "2026-01-05"}],
    ),
}


@pytest.mark.parametrize("name", READ)
def test_feeds_and_pages(name: str) -> None:
    text, expected = READ[name]
    result = parse_news(text)
    assert_sources(text, result)
    got = told(result, expected)
    for item in got:
        if item.get("published_at"):
            item["published_at"] = str(item["published_at"])[:10]
    assert got == expected


LINES = [
    "Infosys: The company won a deal from a retailer. It runs for five years.",
    "Tata Motors: January sales rose by a tenth against a year ago.",
    "Sula Orchards International: The company opened a farm near Nashik.",
]


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("Stocks in news \u2013 5 January 2026", "2026-01-05"),
        ("Stocks in news\nPublished: 2026-01-05 08:15 IST | Category: Markets", "2026-01-05"),
        ("Stocks in news for the week ended 5 January 2026", None),
        ("Stocks to watch on 5 January 2026", None),
    ],
)
def test_the_day_of_a_round_up_is_that_of_its_stories(title: str, day: str | None) -> None:
    items = parse_news(f"{title}\n\n" + "\n".join(LINES)).record
    assert [i.headline.split(":")[0] for i in items] == [line.split(":")[0] for line in LINES]
    assert {i.published_at for i in items} == {day}


def test_the_day_of_a_mail_is_that_of_its_stories() -> None:
    text = (
        "From: bell@notes.example\nDate: Mon, 5 Jan 2026 07:30:12 +0530\n\nSTOCKS IN FOCUS\n\n"
        "\u25aa Infosys \u2013 A buyback of its shares opens today.\n"
        "\u25aa Tata Motors \u2013 Sales of cars rose by a tenth.\n"
        "\u25aa Wipro \u2013 The company wins a deal from a retailer.\n"
    )
    assert [i.published_at for i in parse_news(text).record] == ["2026-01-05"] * 3


def test_calls_of_brokers_one_a_line() -> None:
    text = (
        "Broker Calls & Research Views \u2013 05/01/26\n\nOak on Infosys \u2013 TP Rs. 1980 \u2013 Buy\n"
        "Strong play on spending, and margins hold.\nElm Securities on Wipro: Downgrade to Reduce, TP Rs 180\n"
    )
    items = parse_news(text).record
    assert [i.headline for i in items] == [
        "Oak on Infosys \u2013 TP Rs. 1980 \u2013 Buy",
        "Elm Securities on Wipro: Downgrade to Reduce, TP Rs 180",
    ]
    assert [(i.published_at, i.source) for i in items] == [("2026-01-05", None)] * 2


@pytest.mark.parametrize(
    "text",
    [
        (
            "I don't have access to real-time news. For Orchid Bank you can check:\n\n"
            "- **Mint**: Company news page of the bank\n- **The Economic Times**: Markets coverage and its filings\n"
        ),
        "Upcoming events for ORCHID\n- 29 Jan 2026: Board meeting to consider results\n- 5 Feb 2026: Analysts meet\n",
        "### Follow-up questions\n- How does Orchid Bank compare with Rose Bank?\n- What is the outlook for loans?\n",
    ],
    ids=["where to look", "a calendar", "questions"],
)
def test_what_is_no_news(text: str) -> None:
    assert parse_news(text).record == ()


def test_a_section_without_news_ends_where_the_next_one_begins() -> None:
    text = f"Upcoming events\n- 29 Jan 2026: Board meeting to consider results\n\nNews\n- {BONDS} (Mint, 5 Jan 2026)\n"
    assert [i.headline for i in parse_news(text).record] == [BONDS]


def test_names_of_fields_that_tell_when_and_by_whom() -> None:
    text = json.dumps({"news": [{"title": BONDS, "when": "2026-01-05", "site": "Mint"}]})
    expected = [{"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"}]
    assert told(parse_news(text), expected) == expected
    names = "| Company | Key development | Reported by | Reported on |\n|---|---|---|---|\n"
    table = f"{names}| Orchid | {BONDS} | Mint | 05-01-2026 |\n"
    assert told(parse_news(table), expected) == expected


def test_names_of_publishers_in_a_list_of_sources() -> None:
    text = json.dumps({"articles": [{"title": BONDS, "sources": ["Mint", "The Hindu"], "on": "2026-01-05"}]})
    expected = [{"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"}]
    assert told(parse_news(text), expected) == expected


def test_what_a_feed_has_removed_is_no_story() -> None:
    story = {"title": BONDS, "source": {"name": "Mint"}, "url": "https://www.livemint.com/a"}
    gone = {"title": "[Removed]", "source": {"name": "The Times"}, "url": "https://removed.example"}
    assert [i.headline for i in parse_news(json.dumps({"articles": [story, gone]})).record] == [BONDS]


def test_marks_of_a_digest_of_posts() -> None:
    text = f"#StocksInNews 5 Jan 2026\n\n\u2705 {BONDS}\n\u274c {RATES}\n"
    expected = _days("2026-01-05", "2026-01-05")
    assert told(parse_news(text), expected) == expected


def test_strings_that_each_have_their_day() -> None:
    text = json.dumps({"ORCHID": [f"[2026-01-05] {BONDS} (Mint)", f"[2026-01-04] {RATES} (Reuters)"]})
    expected = [
        {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"},
        {"headline": RATES, "published_at": "2026-01-04", "source": "Reuters"},
    ]
    assert told(parse_news(text), expected) == expected


def test_a_headline_may_quote_and_what_was_said_is_none() -> None:
    words = '"We expect growth of 20% next year," says the chief of Orchid Bank'
    text = f"{words}\nMint, 5 January 2026\n\n{TOLD}\n\n{MORE}\n"
    assert [i.headline for i in parse_news(text).record] == [words]


def test_strengths_and_risks_are_no_news() -> None:
    text = "## View\n\n**Strengths**\n- Low cost of funds with 80% of deposits\n\n**Risks**\n- Slower loans\n"
    assert parse_news(text).record == ()


def test_stories_of_a_day_without_headlines() -> None:
    text = json.dumps({"timeline": {"2026-01-05": [{"text": BONDS, "src": "Mint"}]}})
    expected = [{"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"}]
    assert told(parse_news(text), expected) == expected
