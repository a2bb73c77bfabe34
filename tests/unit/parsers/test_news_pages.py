"""News as pages and files hold it: articles with the page around them, feeds, dumps, bulletins, cited sources."""

from __future__ import annotations

import pytest

from robotrader.core.background_scheduler.parsers.news import parse_news
from robotrader.core.background_scheduler.parsers.news_junk import is_junk, is_section
from tests.unit.parsers.news_checks import assert_sources, told

BONDS = "Orchid Bank raises Rs 7,500 crore via bonds"
RATES = "Orchid Bank cuts lending rates by 10 bps"
LINK = "https://www.livemint.com/orchid-bonds"

READ: dict[str, tuple[str, list[dict[str, object]]]] = {
    "an article below where it stands in its site": (
        (
            f"Home / Companies / Banking / {BONDS}\n{BONDS}\nThe lender will use it for new branches\n\n"
            "Our Reporter Mumbai\n3 min read Last Updated : Jan 05 2026 | 11:52 PM IST\nListen to This Article\n\n"
            "Orchid Bank on Monday raised Rs 7,500 crore through bonds, it said in a filing.\n"
        ),
        [{"headline": BONDS, "published_at": "2026-01-05"}],
    ),
    "an article of a paper's desk": (
        (
            f"Business » Markets » Stocks\n{BONDS}\nThe bonds carry a coupon of 7.2 per cent\nMoneycontrol News\n"
            "January 05, 2026 / 10:41 IST\n\nShares of Orchid Bank rose after the lender sold the bonds on Monday.\n"
        ),
        [{"headline": BONDS, "published_at": "2026-01-05", "source": "Moneycontrol News"}],
    ),
    "a feed with tags written into its words": (
        (
            '<rss version="2.0"><channel><title>Orchid</title>'
            f'<item><title>{BONDS}</title><link>{LINK}</link><guid isPermaLink="false">CBMi1</guid>'
            "<pubDate>Mon, 05 Jan 2026 09:00:00 GMT</pubDate>"
            f'<description>&lt;a href="{LINK}"&gt;{BONDS}&lt;/a&gt;&amp;nbsp;&lt;font size="2"&gt;Mint&lt;/font&gt;'
            f'</description><source url="https://www.livemint.com">Mint</source></item>'
            f"<item><title>{RATES}</title><link>https://www.reuters.com/orchid-rates</link>"
            '<pubDate>Sun, 04 Jan 2026 09:00:00 GMT</pubDate><source url="https://www.reuters.com">Reuters</source></item>'
            "</channel></rss>"
        ),
        [
            {"headline": BONDS, "url": LINK, "source": "Mint", "summary": f"{BONDS} Mint"},
            {"headline": RATES, "url": "https://www.reuters.com/orchid-rates", "source": "Reuters", "summary": None},
        ],
    ),
    "points that cite stories as their sources": (
        (
            "### [RED 4.8] orchid_ns down\n- orchid_ns: last 271.40, z20 -2.64, one day -7.02%\n"
            "- **Mechanism**: a group of banks flagged by the engine.\n"
            f"- Source: {BONDS} — Mint Markets, 2026-01-05. {LINK}\n"
            f"- Source: {RATES} — Daily Ledger, 2026-01-04. https://ledger.example/rates\n"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Mint Markets", "url": LINK},
            {"headline": RATES, "published_at": "2026-01-04", "source": "Daily Ledger"},
        ],
    ),
    "bold headlines with their paper in italics, below parts of a daily": (
        (
            f"# Ledger Daily\n\n## Banks\n\n**{BONDS}**\n\n*The Ledger Business Times*\n\nBonds sold.\n\n"
            f"- The coupon is 7.2...\n\n[Source]({LINK})\n\n---\n\n**{RATES}**\n\n*Ledger Herald*\n\nRates fall.\n"
        ),
        [
            {"headline": BONDS, "source": "The Ledger Business Times", "url": LINK},
            {"headline": RATES, "source": "Ledger Herald", "url": None},
        ],
    ),
    "rows of a dump with the names of their columns": (
        (
            "INSERT INTO `news` (`id`,`author`,`content`,`n_date`,`title`,`n_url`) VALUES\n"
            f"(1,'Desk','Orchid Bank sold bonds, its largest issue.','2026-01-05','{BONDS}','{LINK}'),\n"
            f"(2,NULL,'The lender\\'s rates fall.','2026-01-04','Orchid Bank\\'s rates fall by 10 bps',NULL);\n"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "url": LINK},
            {"headline": "Orchid Bank's rates fall by 10 bps", "published_at": "2026-01-04", "url": None},
        ],
    ),
    "rows of a dump whose table was made before": (
        (
            "CREATE TABLE `n` (\n  `id` int NOT NULL,\n  `title` varchar(255) DEFAULT NULL,\n  `n_date` date,\n"
            f");\nINSERT INTO `n` VALUES (1,'{BONDS}','2026-01-05'),(2,'{RATES}','2026-01-04'),(3,'Orc"
        ),
        [{"headline": BONDS, "published_at": "2026-01-05"}, {"headline": RATES, "published_at": "2026-01-04"}],
    ),
    "a bulletin of several companies": (
        (
            "Daily Bulletin (5th January, 2026)\n\nScrip code : 500111\n\nName : Orchid Bank Ltd.\n\n"
            "Subject : Disclosure under Regulation 30 of SEBI (LODR) – Sale of bonds in Mumbai\n\n"
            "Scrip code : 500222\n\nName : Fern Mills Ltd.\n\nSubject : Intimation of a fire at the Surat plant\n"
        ),
        [
            {"headline": "Sale of bonds in Mumbai", "published_at": "2026-01-05"},
            {"headline": "Intimation of a fire at the Surat plant", "published_at": "2026-01-05"},
        ],
    ),
    "titles with their age and what they tell below": (
        (
            "Announcements\nRecent Important Search All\nAnnouncement under Regulation 30 (LODR)-Award_of_Order\n"
            "2d - Received a letter of award for a road in Goa.\n"
            "Announcement under Regulation 30 (LODR)-Change in Directorate\n28 Oct 2025 - A director joins.\n"
        ),
        [
            {
                "headline": "Announcement under Regulation 30 (LODR)-Award_of_Order",
                "published_at": None,
                "summary": "Received a letter of award for a road in Goa.",
            },
            {
                "headline": "Announcement under Regulation 30 (LODR)-Change in Directorate",
                "published_at": "2025-10-28",
            },
        ],
    ),
    "a feed whose words link to a page of their own": (
        (
            f'<rss version="2.0"><channel><item><title>{BONDS}</title><description><![CDATA[<a href="https://a.example/x">'
            f'<img src="https://a.example/i.jpg" /></a>The lender sold bonds.]]></description><link>{LINK}</link>'
            "<pubDate>Mon, 05 Jan 2026 10:05:11 +0530</pubDate></item>"
            f"<item><title>{RATES}</title><description><![CDATA[<a href='https://r.example/1'>Rates</a> fall now.]]>"
            "</description><pubDate>Sun, 04 Jan 2026 10:05:11 +0530</pubDate></item></channel></rss>"
        ),
        [{"headline": BONDS, "url": LINK}, {"headline": RATES, "url": "https://r.example/1"}],
    ),
    "a calendar of what is to come beside the news": (
        (
            "| Date | Event | Details |\n|---|---|---|\n| 2026-02-14 | Board meeting | To consider the results |\n"
            f"| 2026-02-20 | Ex-dividend | Interim dividend Rs 4 |\n\nLatest news:\n- {BONDS} (Mint, 5 Jan 2026)\n"
        ),
        [{"headline": BONDS, "published_at": "2026-01-05", "source": "Mint"}],
    ),
    "an article above what else the page tells": (
        (
            f"TOI\nBUSINESS NEWS\n{BONDS}\nPTI / Jan 05, 2026, 21:09 IST\nShare\nPhoto credit: Agencies\n\n"
            "MUMBAI: Orchid Bank on Monday raised Rs 7,500 crore through bonds. It was founded on March 31, 1999.\n\n"
            "Trending Stories\nGold rate today: check 22 carat prices\nFern Mills shares rise 4% on an order\n"
        ),
        [{"headline": BONDS, "published_at": "2026-01-05T21:09:00+05:30", "source": "TOI"}],
    ),
    "companies below a title that names none": (
        (
            "Stocks in news on Monday\n\nFern Airports: Passenger traffic up 7% in October\n"
            "Birch Mills: Bags Rs 145 crore order from a railway\nAlder Vineyards: Finance chief resigns after a year\n"
        ),
        [
            {"headline": "Fern Airports: Passenger traffic up 7% in October"},
            {"headline": "Birch Mills: Bags Rs 145 crore order from a railway"},
            {"headline": "Alder Vineyards: Finance chief resigns after a year"},
        ],
    ),
    "a release below the name of its company": (
        (
            f"ORCHID BANK LIMITED\nMedia Release\n{BONDS}\nMumbai, January 5, 2026: Orchid Bank Limited (NSE: ORCHID) "
            "today said that it has raised Rs 7,500 crore through bonds, to be repaid within 36 months.\n"
        ),
        [{"headline": BONDS, "published_at": "2026-01-05"}],
    ),
    "a release about another company by its whole name": (
        (
            "Orchid Bank acquires Fern Mills Limited\nMumbai, January 5, 2026: Orchid Bank today said that it has "
            "acquired the whole of Fern Mills Limited for cash.\n"
        ),
        [{"headline": "Orchid Bank acquires Fern Mills Limited", "published_at": "2026-01-05"}],
    ),
    "sources behind the words of a story": (
        (
            f"**5 Jan 2026 — {BONDS}**\nThe coupon is 7.2 per cent. *Source: PTI*\n\n"
            f"**4 Jan 2026 — {RATES}**\nBorrowers gain from March. *Source: Business Today*\n"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "PTI"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "Business Today"},
        ],
    ),
    "lists of headlines by day": (
        f'{{"ORCHID": {{"2026-01-05": ["{BONDS}", "{RATES}"], "2026-01-04": ["Buy", "Hold on dips"]}}}}',
        [
            {"headline": BONDS, "published_at": "2026-01-05", "symbols": ("ORCHID",)},
            {"headline": RATES, "published_at": "2026-01-05", "symbols": ("ORCHID",)},
        ],
    ),
    "a day with its zone written twice": (
        f'{{"news_results": [{{"title": "{BONDS}", "link": "{LINK}", "date": "01/17/2026, 11:30 AM, +0000 UTC"}}]}}',
        [{"headline": BONDS, "url": LINK, "published_at": "2026-01-17T11:30:00+00:00"}],
    ),
    "filings of an exchange's page": (
        (
            "Corporate Announcements\nOrchid Bank Ltd - 500111 - Announcement under Regulation 30 (LODR)-Rating\n"
            "Company Update\nThe agency has affirmed the rating of its bonds\n"
            "Exchange Received Time  05-01-2026 18:02:11  Exchange Disseminated Time  05-01-2026 18:02:16\n\n"
            "Fern Mills Ltd - 500222 - Board Meeting Outcome for the quarter ended 30.09.2025\nResult\n"
            "Exchange Received Time  04-01-2026 15:40:50  Exchange Disseminated Time  04-01-2026 15:41:02\n"
        ),
        [
            {
                "headline": "Orchid Bank Ltd - 500111 - Announcement under Regulation 30 (LODR)-Rating",
                "published_at": "2026-01-05",
                "summary": "The agency has affirmed the rating of its bonds",
            },
            {
                "headline": "Fern Mills Ltd - 500222 - Board Meeting Outcome for the quarter ended 30.09.2025",
                "published_at": "2026-01-04",
            },
        ],
    ),
    "a letter with its number and its date on one line": (
        (
            "Ref: OB/SE/2025-26/88                                            January 5, 2026\n\nTo,\nBSE Limited\n"
            "Scrip Code: 500111\n\nSub: Sale of bonds worth Rs. 7,500 crore\n\nDear Sir/Madam,\n\n"
            "We refer to our letter dated December 28, 2025 and inform that the bonds were sold.\n"
        ),
        [{"headline": "Sale of bonds worth Rs. 7,500 crore", "published_at": "2026-01-05"}],
    ),
    "a letter dated in short": (
        (
            "Ref OB/25/      Dt: 05.01.2026\nBSE Limited\nScrip code: 500111\nSub: Resignation of the Chief of Risk\n\n"
            "Dear Sir,\nMr. Rao resigned vide letter dated 02.01.2026 with effect from 31.03.2026.\n"
        ),
        [{"headline": "Resignation of the Chief of Risk", "published_at": "2026-01-05"}],
    ),
    "a headline in italics with its day and its linked paper behind": (
        (
            f"- *{BONDS}* — reported on 5 January 2026 by [Moneycontrol](https://www.moneycontrol.com/{'x' * 90}). "
            "The board met.\n"
            f"- *{RATES}* — reported on 4 January 2026 by [Reuters](https://www.reuters.com/orchid).\n"
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "source": "Moneycontrol"},
            {"headline": RATES, "published_at": "2026-01-04", "source": "Reuters"},
        ],
    ),
    "an article of one share in focus": (
        (
            "Orchid Bank shares in focus after a sale of bonds\n1 min read . 05 Jan 2026, 08:02 AM IST\nLivemint\n\n"
            "Orchid Bank shares: the lender said on Monday that it has sold bonds worth Rs 7,500 crore to funds.\n"
        ),
        [
            {
                "headline": "Orchid Bank shares in focus after a sale of bonds",
                "published_at": "2026-01-05T08:02:00+05:30",
                "source": "Livemint",
            }
        ],
    ),
    "instants without marks, and further names of days and links": (
        (
            '{"articles": ['
            f'{{"url": "{LINK}", "title": "{BONDS}", "seendate": "20260105061500", "domain": "livemint.com"}}, '
            f'{{"shareUrl": "https://m.example/r", "headline": "{RATES}", "displayDate": "Jan 04 2026 11:02 AM", '
            '"mood": "Negative"}]}'
        ),
        [
            {"headline": BONDS, "published_at": "2026-01-05", "url": LINK},
            {"headline": RATES, "published_at": "2026-01-04", "url": "https://m.example/r", "sentiment": "negative"},
        ],
    ),
    "a search result's age that is a day, and one that is none": (
        (
            f'[{{"page_age": "January 5, 2026", "title": "{BONDS}", "url": "{LINK}"}}, '
            f'{{"page_age": "2 weeks ago", "title": "{RATES}", "url": "https://r.example/1"}}]'
        ),
        [{"headline": BONDS, "published_at": "2026-01-05"}, {"headline": RATES, "published_at": None}],
    ),
}


@pytest.mark.parametrize("name", READ)
def test_pages_and_files_are_read(name: str) -> None:
    text, wanted = READ[name]
    result = parse_news(text)
    assert told(result, wanted) == wanted
    assert_sources(text, result)


@pytest.mark.parametrize(
    "words",
    [
        "Listen to This Article",
        "3 min read Last Updated : Jan 05 2026 | 11:52 PM IST",
        "Home / Companies / News",
        "Business » Markets » Stocks",
        "Photo credit: PTI",
        "(1,'Desk','Orchid Bank sold bonds','2026-01-05')",
    ],
)
def test_what_a_page_writes_around_a_story_is_no_headline(words: str) -> None:
    assert is_junk(words)


@pytest.mark.parametrize(
    "words",
    ["The Fern Mills Company wins an order", "Sensex below 72,000: what to do", "The lender will seek a nod"],
)
def test_an_article_before_a_name_makes_no_title_of_a_section(words: str) -> None:
    assert not is_section(words)
    assert not is_junk(words)


@pytest.mark.parametrize(
    "words", ["The following are the latest stories", "Below are the headlines", "The latest news"]
)
def test_a_lead_in_is_the_title_of_a_section(words: str) -> None:
    assert is_section(words)


@pytest.mark.parametrize(
    "text", ["| \n | |", "|\n| |\n|", "| Headline | Date |\n|\n", "INSERT INTO t (title, d) VALUES (1,"]
)
def test_what_holds_no_cells_is_no_story(text: str) -> None:
    assert parse_news(text).record == ()
