"""The words of a story: days, publishers, sentiment, impact, category, amounts; and what is no headline at all."""

from __future__ import annotations

import pytest

from robotrader.core.background_scheduler.parsers.news_dates import published
from robotrader.core.background_scheduler.parsers.news_facts import bare_url, make_page, plain
from robotrader.core.background_scheduler.parsers.news_filing import is_formal
from robotrader.core.background_scheduler.parsers.news_heads import read_head
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, is_section, is_skipped, is_talk
from robotrader.core.background_scheduler.parsers.news_markup import plain_markup
from robotrader.core.background_scheduler.parsers.news_meta import read_meta, symbols_in
from robotrader.core.background_scheduler.parsers.news_publishers import tail_publisher
from robotrader.core.background_scheduler.parsers.news_shapes import is_company, is_fact_name, is_figure
from robotrader.core.background_scheduler.parsers.news_words import (
    amounts,
    headline_category,
    impact_of,
    sentiment_of,
    stated_category,
)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2026-01-05", "2026-01-05"),
        ("2026-01-05T10:30:00.123Z", "2026-01-05T10:30:00+00:00"),
        ("2026-01-05 10:30:00", "2026-01-05"),
        ("2026-01-05 10:30 IST", "2026-01-05T10:30:00+05:30"),
        ("20260105T103000", "2026-01-05"),
        ("05-01-2026", "2026-01-05"),
        ("5/1/26", "2026-01-05"),
        ("5 Jan 2026", "2026-01-05"),
        ("Jan 5, 2026", "2026-01-05"),
        ("January 5th, 2026", "2026-01-05"),
        ("05-Jan-2026 11:32:23", "2026-01-05"),
        ("Mon, 05 Jan 2026 10:00:00 +0530", "2026-01-05T10:00:00+05:30"),
        ("5 Jan 2026, 10:30 PM IST", "2026-01-05T22:30:00+05:30"),
        ("5 January 2026 at 12:05 AM IST", "2026-01-05T00:05:00+05:30"),
        ("10:30 AM IST, 5 Jan 2026", "2026-01-05T10:30:00+05:30"),
        ("Published on 5 Jan 2026", "2026-01-05"),
        ("2026/01/05", "2026-01-05"),
        ("5 Jan 2026 | 10:30 AM EST", None),
        ("Event on 5 Jan 2026", None),
        ("5 Jan", None),
        ("Jan 2026", None),
        ("2026", None),
        ("31 Feb 2026", None),
        ("13/14/2026", None),
        ("1-5 Jan 2026", None),
        ("5 Jan 2026 to 7 Jan 2026", None),
        ("2 hours ago", None),
        ("yesterday", None),
        ("1850-01-05", None),
        ("", None),
        ("9" * 500, None),
    ],
)
def test_days(words: str, day: str | None) -> None:
    assert published(words) == day


def test_the_month_first_and_seconds_since_1970() -> None:
    assert published("01/05/2026", month_first=True) == "2026-01-05"
    assert published("13/05/2026", month_first=True) == "2026-05-13"
    assert published("1767600000") is None
    assert published("1767600000000", epoch=True) == "2026-01-05T08:00:00+00:00"
    assert published("9999999999", epoch=True) is None


@pytest.mark.parametrize(
    ("headline", "url", "name"),
    [
        ("Orchid up 2% - Mint", None, "Mint"),
        ("Orchid up 2% | Mint - Mint", None, "Mint"),
        ("Orchid up 2% - The Economic Times", None, "The Economic Times"),
        ("Orchid up 2% — Daily Bazaar", "https://www.dailybazaar.in/a", "Daily Bazaar"),
        ("Orchid up 2% | Bazaar News", "https://bazaar.in/a", "Bazaar News"),
        ("Orchid up 2% - Daily Bazaar", "https://example.com/a", None),
        ("Orchid up 2% - profit at record", None, None),
        ("Mint", None, None),
    ],
)
def test_the_publisher_at_the_end(headline: str, url: str | None, name: str | None) -> None:
    span = tail_publisher(headline, url)
    assert (headline[slice(*span)] if span else None) == name


@pytest.mark.parametrize(
    ("words", "sentiment"),
    [
        ("Positive", "positive"),
        ("bullish", "positive"),
        ("Somewhat-Bearish", "negative"),
        ("NEUTRAL (0.02)", "neutral"),
        ("mixed", "mixed"),
        ("Mixed: positive on sales, negative on costs", "mixed"),
        ("positive|negative|neutral", None),
        ("neutral to positive", None),
        ("not positive", None),
        ("good", None),
        ("0.8", None),
    ],
)
def test_sentiment(words: str, sentiment: str | None) -> None:
    assert sentiment_of(words) == sentiment


@pytest.mark.parametrize(
    ("words", "impact"),
    [
        ("High", "high"),
        ("medium", "medium"),
        ("Moderate impact", "medium"),
        ("Very high", "high"),
        ("low - no effect on sales", "low"),
        ("low/medium", None),
        ("low to medium", None),
        ("Higher costs", None),
        ("Positive", None),
        ("", None),
    ],
)
def test_impact(words: str, impact: str | None) -> None:
    assert impact_of(words) == impact


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("Earnings", "earnings"),
        ("quarterly results", "earnings"),
        ("order_win", "order_win"),
        ("Order wins", "order_win"),
        ("M&A", "m_and_a"),
        ("Regulatory", "regulatory"),
        ("Management Change", "management"),
        ("Analyst rating", "rating"),
        ("Other", "other"),
        ("beat", None),
        ("business", None),
    ],
)
def test_a_stated_category(words: str, category: str | None) -> None:
    assert stated_category(words) == category


@pytest.mark.parametrize(
    ("headline", "category"),
    [
        ("Orchid Q1 results: Net profit jumps 84%", "earnings"),
        ("Orchid bags Rs 500 crore order from Kerala", "order_win"),
        ("Orchid gets tax demand of Rs 98 crore", "regulatory"),
        ("Orchid names Anita Rao as CFO", "management"),
        ("Orchid to acquire Lily for $375 million", "m_and_a"),
        ("Rating agency upgrades Orchid to buy", "rating"),
        ("Buy Orchid Engineering; target of Rs 403: Lily", "rating"),
        ("Orchid denies plan to acquire Lily", None),
        ("Orchid wins order, to acquire Lily", None),
        ("Orchid shares slip 2%", None),
        ("Orchid extends partnership; to take over 460 staff", None),
    ],
)
def test_a_category_that_a_headline_makes_plain(headline: str, category: str | None) -> None:
    assert headline_category(headline) == category


def test_amounts_as_written() -> None:
    words = "Profit up 12.5% to Rs 2,730 crore; deal of $1.1-1.2B, ₹420-430cr and 300 MW; Rs 403 a share, 7 of 9"
    assert amounts(words) == ["12.5%", "Rs 2,730 crore", "$1.1-1.2B", "₹420-430cr", "300 MW", "Rs 403"]
    assert amounts("In 2026 Q1 of FY27 the 3 firms met") == []


JUNK = [
    "",
    "  ",
    "N/A",
    "null",
    "string",
    "...",
    "https://a.b/c",
    "Mint",
    "No news found",
    "There were no developments to report",
    "No significant news for Orchid in the last 7 days",
    "I could not find any news on Orchid",
    "Unable to find recent news",
    "SBIN 812.50 +1.2%",
    "NIFTY 50: 24,500.10 (+0.50%)",
    "ORCHID | 812.50 | +1.2%",
    "123 456",
    "Orchid Share Price Today",
    "Orchid Bank Stock Price Live NSE/BSE",
    "Read more",
    "Subscribe",
    "Page not found",
    "404 Not Found",
    "Just a moment...",
    "Thursday, January 01, 2026 | 11:12 PM IST",
    '{"headline": "x"}',
    '[{"headline": "Orchid raises funds"}]',
    "x" * 2100,
]
STORIES = [
    "Orchid share price falls 5% after results",
    "No stay on tax demand for Orchid, says court",
    "Orchid finds no buyers for Lily stake",
    "Orchid reports no loss in data leak",
    "Orchid Q1 PAT",
    "SBI ₹7,500 crore bonds",
    "Resignation of CFO",
    "Orchid cannot sell Lily, court rules",
    "Home loans get cheaper at Orchid Bank",
    "Search for Orchid CEO ends",
    "Live cricket lifts Orchid Media's ad revenue",
]


@pytest.mark.parametrize("words", JUNK)
def test_what_is_no_headline(words: str) -> None:
    assert is_junk(words)


@pytest.mark.parametrize("words", STORIES)
def test_what_is_one(words: str) -> None:
    assert not is_junk(words)


def test_titles_of_sections() -> None:
    for words in (
        "Recent News",
        "Latest developments:",
        "Top headlines for Orchid (last 7 days)",
        "Orchid Bank News Summary (Jan 1-7)",
        "Here are the latest news items",
        "Earnings",
        "Orders & contracts",
        "Key Takeaways",
        "Orchid Bank (ORCHBK): Recent Updates",
    ):
        assert is_section(words), words
    for words in (
        "Orchid updates its prices",
        "Acquisition of Lily",
        "News group Orchid buys Lily",
        "Orchid results beat estimates",
        "Data leak at Orchid",
    ):
        assert not is_section(words), words
    assert is_skipped("Key Takeaways")
    assert is_skipped("Sources:")
    assert is_skipped("Outlook")
    assert not is_skipped("Key developments")
    assert is_talk("Let me know if you want more.")
    assert is_talk("Note: prices are delayed")
    assert not is_talk("Orchid raises funds")


def test_companies_facts_and_figures() -> None:
    for words in ("Infosys", "State Bank of India (SBIN)", "Orchid Motors Ltd", "Bank of Baroda", "Route Mobile"):
        assert is_company(words), words
    for words in (
        "HDFC Bank Raises Deposit Rates",
        "HDFC Bank raises rates",
        "Acquisition of Lily",
        "Order Win",
        "the bank",
    ):
        assert not is_company(words), words
    assert is_fact_name("Q1 FY27")
    assert is_fact_name("Key risks")
    assert is_fact_name("Revenue")
    assert not is_fact_name("Acquisition of Lily")
    assert is_figure("Revenue grew 12% to Rs 500 crore")
    assert not is_figure("Revenue department raids Orchid")


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("Mint, 5 Jan 2026", {"source": "Mint", "published_at": "2026-01-05"}),
        ("Daily Bazaar, 5 Jan 2026", {"source": "Daily Bazaar", "published_at": "2026-01-05"}),
        (
            "Source: Mint | Date: 5 Jan 2026 | Sentiment: Positive",
            {"source": "Mint", "published_at": "2026-01-05", "sentiment": "positive"},
        ),
        ("By Anita Rao, Mint", {"source": "Mint"}),
        ("economictimes.com · 2 days ago", {"source": "economictimes.com"}),
        ("Published: January 5, 2026", {"published_at": "2026-01-05"}),
        ("High impact", {"impact": "high"}),
        ("Daily Bazaar", None),
        ("Hold", None),
        ("5 Jan 2026 to 7 Jan 2026", None),
        ("the bank said on 5 Jan 2026", None),
        ("ESG", None),
    ],
)
def test_lines_of_origin(words: str, fields: dict[str, str] | None) -> None:
    page = make_page(words)
    told = read_meta(page, page.view, 0, len(words))
    assert (None if told is None else {name: fact.value for name, fact in told.items()}) == fields


def test_a_date_before_what_is_to_come_is_the_events_own() -> None:
    for words, day in (
        ("5 Jan 2026: Orchid raised funds", "2026-01-05"),
        ("22 Jan 2026: Orchid will announce results", None),
    ):
        head = read_head(make_page(words), 0, len(words))
        assert (head["published_at"].value if "published_at" in head else None) == day


def test_small_things() -> None:
    assert bare_url("https://a.b/c).") == "https://a.b/c"
    assert bare_url("https://a.b/c_(d)") == "https://a.b/c_(d)"
    assert plain("**Orchid**  [buys](https://a.b) Lily [1] \\$5<br>today") == "Orchid buys Lily $5 today"
    assert symbols_in("NSE:SBIN, M&M, tcs, 500112, BAJAJ-AUTO.NS") == ("SBIN", "M&M", "BAJAJ-AUTO")
    assert is_formal("Disclosure under Regulation 30 of SEBI (LODR) Regulations, 2015")
    assert is_formal("Clarification on news item")
    assert is_formal("In\u019fma\u019fon under Regula\u019fon 30")
    assert not is_formal("Intimation under Regulation 30 - Receipt of order from Customs")
    text = "<ul><li>a</li></ul> 3 < 4"
    assert len(plain_markup(text)) == len(text)
