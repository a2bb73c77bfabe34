"""One story or two: the same page, two wordings; figures, quarters, denials and names part what looks alike."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.parsers.news_stories import canonical_url, same_story, word_key
from robotrader.core.background_scheduler.records import NewsItem
from tests.support.yardstick import slowness

SAME = [
    ("SBI raises Rs 7,500 crore via Tier 2 bonds", "State Bank of India raises ₹7,500 cr through Tier-2 bonds"),
    ("Tata Steel Q3 profit surges 12% to Rs 2,730 crore", "Tata Steel Q3 results: Net profit up 12% at Rs 2,730 cr"),
    ("L&T wins mega order from NTPC", "L&T bags mega order from NTPC - Mint"),
    ("Infosys appoints Jayesh as CFO", "Infosys names Jayesh as CFO"),
    ("HDFC Bank Q1 net profit rises 12% YoY", "HDFC Bank June quarter Results: Net profit jumps 12% YoY"),
    ("Suzlon bags 381 MW wind order from Zelestra", "Suzlon Energy wins 381 MW wind energy order from Zelestra"),
    ("Wipro to acquire Harman DTS for $375 million", "Wipro to buy Harman DTS for USD 375 mn"),
    (
        "Orchid Q1 Results: Net profit jumps 84% to ₹581 crore; revenue up 19%",
        "Orchid Q1 net profit jumps 84% to Rs 581.1 crore",
    ),
    ("BEL wins orders worth Rs 644 crore", "BEL bags new orders of Rs 644 cr"),
    ("ITC Q3 profit falls 7%", "ITC Q3 net profit down 7 per cent"),
    ("ORCHID OPENS PLANT IN KERALA!", "Orchid opens plant in Kerala"),
    ("Orchid &amp; Co opens plant in Kerala", "Orchid & Co opens plant in Kerala"),
    ("Closure of trading window", "Closure of trading window"),
]
APART = [
    ("Q1 profit up 5%", "Q2 profit up 5%"),
    ("Orchid Q1 profit up 5%", "Orchid Q2 profit up 5%"),
    ("Infosys FY25 profit up 5%", "Infosys FY26 profit up 5%"),
    ("Wipro Q1 profit up 5%", "Wipro Q1 profit up 6%"),
    ("BEL wins order worth Rs 500 cr", "BEL wins order worth Rs 700 cr"),
    ("Orchid reports profit of Rs 5 crore", "Orchid reports profit of Rs 5 lakh"),
    ("Tata Power wins 300 MW project", "Tata Power wins 400 MW project"),
    ("A acquires B", "A denies acquiring B"),
    ("Tata acquires Bisleri", "Tata denies acquiring Bisleri"),
    ("Sun Pharma to acquire Organon", "Sun Pharma not to acquire Organon"),
    ("Orchid to sell Lily stake", "Orchid rules out sale of Lily stake"),
    ("RBI approves HDFC merger", "RBI rejects HDFC merger"),
    ("SBI shares rise 2%", "SBI shares fall 2%"),
    ("SBI net profit rises", "SBI net loss rises"),
    ("LIC raises stake in Tata Chemicals", "LIC cuts stake in Tata Chemicals"),
    ("Adani buys Holcim stake", "Holcim buys Adani stake"),
    ("HDFC Bank Q1 profit rises 12%", "ICICI Bank Q1 profit rises 12%"),
    ("SBI Q1 profit up 10%", "SBI Life Q1 profit up 10%"),
    ("Motilal Oswal upgrades SBI to buy", "Nomura upgrades SBI to buy"),
    ("TCS signs deal with BSNL", "TCS signs deal with Airtel"),
    ("ITC to launch noodles in Gujarat", "ITC to launch soaps in Gujarat"),
    ("Infosys wins $500 million deal from German bank", "Infosys wins $500 million deal from UK retailer"),
    ("Zydus gets USFDA nod for Mirabegron", "Zydus gets USFDA nod for Apixaban"),
    ("Buy SBI; target of Rs 900: Motilal Oswal", "Buy SBI; target of Rs 950: Motilal Oswal"),
    ("Kaynes reports fire at Mysuru plant", "Kaynes opens Mysuru plant"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_two_wordings_of_one_story(one: str, two: str) -> None:
    assert same_story(NewsItem(one), NewsItem(two))
    assert same_story(NewsItem(two), NewsItem(one))
    assert word_key(one) & word_key(two)


@pytest.mark.parametrize(("one", "two"), APART)
def test_two_stories_that_look_alike(one: str, two: str) -> None:
    assert not same_story(NewsItem(one), NewsItem(two))
    assert not same_story(NewsItem(two), NewsItem(one))


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("2026-01-05", "2026-01-08", True),
        ("2026-01-05T23:00:00+05:30", "2026-01-08", True),
        ("2026-01-05", None, True),
        (None, None, True),
        ("2026-01-05", "2026-01-09", False),
        ("2025-01-05", "2026-01-05", False),
    ],
)
def test_the_days_between(one: str | None, two: str | None, same: bool) -> None:
    a, b = (NewsItem("Orchid opens plant in Kerala", published_at=day) for day in (one, two))
    assert same_story(a, b) is same_story(b, a) is same


def test_links() -> None:
    first = NewsItem(
        "Orchid opens a plant in Kerala", url="https://a.in/orchid-opens-plant?utm_source=x", published_at="2026-01-05"
    )
    again = NewsItem(
        "Kerala gets new Orchid factory", url="http://www.a.in/orchid-opens-plant/", published_at="2026-02-05"
    )
    assert same_story(first, again)
    assert not same_story(first, replace(again, headline="Lily names a finance chief"))
    assert not same_story(
        replace(first, headline="Orchid Q1 profit up"), replace(again, headline="Orchid Q2 profit up")
    )
    assert not same_story(replace(first, url="https://a.in/news"), replace(again, url="https://a.in/news"))
    assert not same_story(replace(first, symbols=("ORCHID",)), replace(again, symbols=("LILY",)))
    papers = [
        NewsItem("Closure of trading window", url=f"https://nsearchives.nseindia.com/corporate/{n}.pdf") for n in "ab"
    ]
    assert not same_story(*papers)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://www.a.in/b-c/?utm_source=x&fbclid=1#y", "a.in/b-c"),
        ("http://a.in/b-c", "a.in/b-c"),
        ("HTTPS://WWW.A.IN:443//B/?b=2&a=1&ref=z", "a.in/B?a=1&b=2"),
        ("https://m.a.in/amp/b/amp/", "a.in/b"),
        ("https://a.in/amp_articleshow/1.cms?from=mdr", "a.in/articleshow/1.cms"),
        ("https://a.in:8443/b", "a.in:8443/b"),
        ("www.a.in/b", "a.in/b"),
        ("https://a.in/b?id=5", "a.in/b?id=5"),
        ("https://m.in/b", "m.in/b"),
        ("no link", "no link"),
        ("https://[bad", "https://[bad"),
        ("https://a.in:99999/b", "https://a.in:99999/b"),
        ("", ""),
    ],
)
def test_one_writing_of_a_link(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical_url(url)) in (canonical, canonical_url(canonical))


HEADLINES = st.one_of(
    st.sampled_from([h for pair in SAME + APART for h in pair]),
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            ["SBI", "TCS", "wins", "order", "Rs", "500", "crore", "5%", "up", "down", "denies", "Q1", "Q2", "of", "the"]
        ),
        max_size=9,
    ).map(" ".join),
)
ITEMS = st.builds(
    NewsItem,
    HEADLINES,
    published_at=st.sampled_from([None, "2026-01-05", "2026-01-07T10:00:00+05:30", "nonsense"]),
    url=st.sampled_from(
        [None, "https://a.in/x-1", "http://www.a.in/x-1/", "https://a.in", "https://bseindia.com/a.pdf"]
    ),
    symbols=st.sampled_from([(), ("SBIN",), ("SBIN", "TCS"), ("TCS",)]),
)


@given(ITEMS, ITEMS)
def test_symmetric_and_reflexive(a: NewsItem, b: NewsItem) -> None:
    assert same_story(a, b) == same_story(b, a)
    assert same_story(a, a)
    assert isinstance(word_key(a.headline), frozenset)


@given(st.text(max_size=80))
def test_any_words_are_a_link_or_are_not(url: str) -> None:
    assert isinstance(canonical_url(url), str)
    assert canonical_url(f"https://a.in/{url}") == canonical_url(f"https://a.in/{url}")


def test_thousands_of_comparisons_take_no_time() -> None:
    items = [NewsItem(f"Company {n} wins order worth Rs {n} crore from NTPC in Kerala") for n in range(100)]
    begin = time.process_time()
    found = sum(same_story(a, b) for a in items for b in items)
    assert found == len(items)
    assert time.process_time() - begin < 2 * slowness()  # a tenth of it on an idle machine
