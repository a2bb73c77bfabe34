"""Texts of invented companies in every layout, with the fields each states."""

from __future__ import annotations

from typing import Any

BONDS = {"headline": "Orchid Bank raises Rs 7,500 crore via bonds", "published_at": "2026-01-05", "source": "Mint"}
RATES = {"headline": "Orchid Bank cuts lending rates by 10 bps", "published_at": "2026-01-04", "source": "Reuters"}
BOTH = [BONDS, RATES]


def plus(*more: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**item, **extra} for item, extra in zip(BOTH, more, strict=True)]


LISTS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "numbers with points below": (
        """Here are the latest news items for Orchid Bank:

1. **Orchid Bank raises Rs 7,500 crore via bonds**
   - Date: 5 January 2026
   - Source: Mint
   - Summary: The lender sold bonds at 7.2 per cent.
   - Sentiment: Positive
   - Impact: Medium
   - URL: https://www.livemint.com/orchid-bonds

2. **Orchid Bank cuts lending rates by 10 bps**
   - Date: 4 January 2026
   - Source: [Reuters](https://www.reuters.com/orchid-rates)
   - Sentiment: Neutral

Let me know if you want more.
""",
        plus(
            {
                "summary": "The lender sold bonds at 7.2 per cent.",
                "sentiment": "positive",
                "impact": "medium",
                "url": "https://www.livemint.com/orchid-bonds",
            },
            {"sentiment": "neutral", "url": "https://www.reuters.com/orchid-rates"},
        ),
    ),
    "numbers with flat points": (
        (
            "1. Orchid Bank raises Rs 7,500 crore via bonds\n- Date: 5 January 2026\n- Source: Mint\n\n"
            "2. Orchid Bank cuts lending rates by 10 bps\n- Date: 4 January 2026\n- Source: Reuters\n"
        ),
        BOTH,
    ),
    "headings": (
        """# Latest News: Orchid Bank

### Orchid Bank raises Rs 7,500 crore via bonds
*Mint | 5 Jan 2026*

The issue was subscribed thrice. [Read more](https://www.livemint.com/1)

### 2. Orchid Bank cuts lending rates by 10 bps
*Source: Reuters, 4 Jan 2026*

## Outlook
Analysts stay positive on the stock.

## Sources
- https://www.livemint.com/1
""",
        plus({"url": "https://www.livemint.com/1"}, {"url": None}),
    ),
    "bold lines with numbers": (
        (
            "**1. Orchid Bank raises Rs 7,500 crore via bonds (Mint, 5 Jan 2026)**\nThe bank raised money.\n\n"
            "**2. Orchid Bank cuts lending rates by 10 bps (Reuters, 4 Jan 2026)**\nThe rate was lowered.\n"
        ),
        plus({"summary": "The bank raised money."}, {"summary": "The rate was lowered."}),
    ),
    "bullets with origin": (
        (
            "**Recent developments**\n\n"
            "- **5 Jan 2026** – Orchid Bank raises Rs 7,500 crore via bonds (Mint)\n"
            "- Orchid Bank cuts lending rates by 10 bps — *Reuters, 4 Jan 2026*\n"
        ),
        BOTH,
    ),
    "footnotes": (
        (
            "1. **Orchid Bank raises Rs 7,500 crore via bonds** (Mint, 2026-01-05) [1]\n"
            "2. **Orchid Bank cuts lending rates by 10 bps** (Reuters, 2026-01-04) [2]\n\n"
            "[1]: https://a.example.com/1\n[2]: https://a.example.com/2\n"
        ),
        plus({"url": "https://a.example.com/1"}, {"url": "https://a.example.com/2"}),
    ),
    "a list of sources": (
        (
            "- Orchid Bank raises Rs 7,500 crore via bonds (Mint, 5 Jan 2026) [2]\n"
            "- Orchid Bank cuts lending rates by 10 bps (Reuters, 4 Jan 2026) [1]\n\n"
            "Sources:\n1. https://a.example.com/1\n2. Mint - https://a.example.com/2\n"
        ),
        plus({"url": "https://a.example.com/2"}, {"url": "https://a.example.com/1"}),
    ),
    "links": (
        (
            "- [Orchid Bank raises Rs 7,500 crore via bonds](https://a.b/1) - Mint, 5 Jan 2026\n"
            "- [Orchid Bank cuts lending rates by 10 bps](https://a.b/2) - Reuters, 4 Jan 2026\n"
        ),
        plus({"url": "https://a.b/1"}, {"url": "https://a.b/2"}),
    ),
    "a quotation, then its origin": (
        (
            '• "Orchid Bank raises Rs 7,500 crore via bonds," Mint, January 5, 2026\n'
            '• "Orchid Bank cuts lending rates by 10 bps" – Reuters, January 4, 2026. The rate was lowered.\n'
        ),
        plus({}, {"summary": "The rate was lowered."}),
    ),
    "origin within the line": (
        (
            "1. Orchid Bank raises Rs 7,500 crore via bonds (Mint, 5 January 2026): The bank sold bonds to funds.\n"
            "2. Orchid Bank cuts lending rates by 10 bps (Reuters, 4 January 2026): The rate was lowered.\n"
        ),
        plus({"summary": "The bank sold bonds to funds."}, {"summary": "The rate was lowered."}),
    ),
    "labels in brackets": (
        (
            "* Orchid Bank raises Rs 7,500 crore via bonds (Source: Mint; Date: 5 Jan 2026; Sentiment: Positive)\n"
            "* Orchid Bank cuts lending rates by 10 bps (Source: Reuters; Date: 4 Jan 2026; Sentiment: Bearish)\n"
        ),
        plus({"sentiment": "positive"}, {"sentiment": "negative"}),
    ),
    "tags": (
        (
            "- [Positive] Orchid Bank raises Rs 7,500 crore via bonds (Mint, 5 Jan 2026)\n"
            "- 🔴 **Bearish** – Orchid Bank cuts lending rates by 10 bps (Reuters, 4 Jan 2026)\n"
        ),
        plus({"sentiment": "positive"}, {"sentiment": "negative"}),
    ),
    "pictures": (
        (
            "📰 **Top News – Orchid Bank**\n\n1️⃣ **Orchid Bank raises Rs 7,500 crore via bonds**\n📅 "
            "5 Jan 2026 | 📰 Mint\n"
            "🔗 https://a.b/1\n\n2️⃣ **Orchid Bank cuts lending rates by 10 bps**\n📅 4 Jan 2026 | 📰 Reuters\n"
        ),
        plus({"url": "https://a.b/1"}, {"url": None}),
    ),
    "labelled lines": (
        (
            "Headline: Orchid Bank raises Rs 7,500 crore via bonds\nSource: Mint\nDate: "
            "05/01/2026\nSentiment: Bullish\n\n"
            "Headline: Orchid Bank cuts lending rates by 10 bps\nSource: Reuters\nDate: 04/01/2026\n"
        ),
        plus({"sentiment": "positive"}, {"sentiment": None}),
    ),
    "labelled lines in bold": (
        (
            "**Headline:** Orchid Bank raises Rs 7,500 crore via bonds  \n**Source:** Mint  "
            "\n**Published:** 5 Jan 2026  \n\n"
            "**Headline:** Orchid Bank cuts lending rates by 10 bps  \n**Source:** Reuters  "
            "\n**Published:** 4 Jan 2026\n"
        ),
        BOTH,
    ),
    "labelled lines, the date first": (
        (
            "1. Date: 5 January 2026\n   Headline: Orchid Bank raises Rs 7,500 crore via bonds\n   Source: Mint\n"
            "2. Date: 4 January 2026\n   Headline: Orchid Bank cuts lending rates by 10 bps\n   Source: Reuters\n"
        ),
        BOTH,
    ),
    "YAML": (
        (
            "news:\n  - headline: Orchid Bank raises Rs 7,500 crore via bonds\n    source: Mint\n    date: 2026-01-05\n"
            '  - headline: "Orchid Bank cuts lending rates by 10 bps"\n    source: Reuters\n    date: 2026-01-04\n'
        ),
        BOTH,
    ),
    "sections of days": (
        (
            "## January 5, 2026\n- **Orchid Bank raises Rs 7,500 crore via bonds**: The issue was "
            "subscribed. (Mint)\n\n"
            "## January 4, 2026\n- Orchid Bank cuts lending rates by 10 bps (Reuters)\n"
        ),
        BOTH,
    ),
    "lines that go on": (
        (
            "- Orchid Bank raises Rs 7,500 crore\n  via bonds (Mint, 5 Jan 2026)\n"
            "- Orchid Bank cuts lending rates\n  by 10 bps (Reuters, 4 Jan 2026)\n"
        ),
        BOTH,
    ),
    "a table": (
        (
            "| # | Headline | Source | Date | Sentiment | Link |\n|---|---|---|---|---|---|\n"
            "| 1 | **Orchid Bank raises Rs 7,500 crore via bonds** | [Mint](https://a.b/1) | 5 Jan "
            "2026 | Positive | [link](https://a.b/1) |\n"
            "| 2 | Orchid Bank cuts lending rates<br>by 10 bps | Reuters | 04-01-2026 | Bearish | https://a.b/2 |\n"
        ),
        plus({"sentiment": "positive", "url": "https://a.b/1"}, {"sentiment": "negative", "url": "https://a.b/2"}),
    ),
    "a table with the month first": (
        (
            "| Date | Headline | Source |\n|---|---|---|\n"
            "| 01/05/2026 | Orchid Bank raises Rs 7,500 crore via bonds | Mint |\n"
            "| 01/04/2026 | Orchid Bank cuts lending rates by 10 bps | Reuters |\n"
            "| 12/31/2025 | Orchid Bank opens 40 branches in Kerala | PTI |\n"
        ),
        [*BOTH, {"headline": "Orchid Bank opens 40 branches in Kerala", "published_at": "2025-12-31", "source": "PTI"}],
    ),
    "pipes without names": (
        (
            "2026-01-05 | Orchid Bank raises Rs 7,500 crore via bonds | Mint\n"
            "2026-01-04 | Orchid Bank cuts lending rates by 10 bps | Reuters\n"
        ),
        BOTH,
    ),
    "commas": (
        (
            'Date,Headline,Source\n2026-01-05,"Orchid Bank raises Rs 7,500 crore via bonds",Mint\n'
            "2026-01-04,Orchid Bank cuts lending rates by 10 bps,Reuters\n"
        ),
        BOTH,
    ),
    "tabs": (
        (
            "date\tsource\ttitle\turl\n2026-01-05\tMint\tOrchid Bank raises Rs 7,500 crore via bonds\thttps://a.b/1\n"
            "2026-01-04\tReuters\tOrchid Bank cuts lending rates by 10 bps\thttps://a.b/2\n"
        ),
        plus({"url": "https://a.b/1"}, {"url": "https://a.b/2"}),
    ),
    "semicolons": (
        (
            "published;title;publisher\n05/01/2026;Orchid Bank raises Rs 7,500 crore via bonds;Mint\n"
            "04/01/2026;Orchid Bank cuts lending rates by 10 bps;Reuters\n"
        ),
        BOTH,
    ),
    "results of a search": (
        (
            "About 1,240 results\n\nOrchid Bank raises Rs 7,500 crore via bonds - "
            "Mint\nhttps://www.livemint.com › orchid\n"
            "5 Jan 2026 — The lender sold bonds ...\n\nOrchid Bank Share Price Today, Stock Price Live\n"
            "https://www.example.com/orchid\nGet live price\n\n"
            "Orchid Bank cuts lending rates by 10 bps - Reuters\nhttps://www.reuters.com/orchid\n4 "
            "Jan 2026 · The rate ...\n"
        ),
        plus(
            {"headline": f"{BONDS['headline']} - Mint", "url": None},
            {"headline": f"{RATES['headline']} - Reuters", "url": "https://www.reuters.com/orchid"},
        ),
    ),
    "lines of origin below": (
        (
            "Orchid Bank raises Rs 7,500 crore via bonds\nMint · 5 Jan 2026\n"
            "Orchid Bank cuts lending rates by 10 bps\nReuters · 4 Jan 2026\n"
        ),
        BOTH,
    ),
    "lines of origin above": (
        (
            "Mint\nOrchid Bank raises Rs 7,500 crore via bonds\n5 Jan 2026\n\n"
            "Reuters\nOrchid Bank cuts lending rates by 10 bps\n4 Jan 2026\n"
        ),
        BOTH,
    ),
    "a date before each line": (
        (
            "05 Jan 2026 Orchid Bank raises Rs 7,500 crore via bonds - Mint\n"
            "04 Jan 2026 Orchid Bank cuts lending rates by 10 bps - Reuters\n"
        ),
        plus({"headline": f"{BONDS['headline']} - Mint"}, {"headline": f"{RATES['headline']} - Reuters"}),
    ),
    "HTML": (
        (
            '<h2>Latest news</h2><ul><li><a href="https://a.b/1">Orchid Bank raises Rs 7,500 crore via bonds</a>'
            ' (Mint, 5 Jan 2026)</li><li><a href="https://a.b/2">Orchid Bank cuts lending rates by 10 bps</a>'
            " (Reuters, 4 Jan 2026)</li></ul>"
        ),
        plus({"url": "https://a.b/1"}, {"url": "https://a.b/2"}),
    ),
    "a feed": (
        (
            "<rss><channel><title>News of Orchid Bank</title><link>https://a.b</link>"
            "<item><title>Orchid Bank raises Rs 7,500 crore via bonds</title><link>https://a.b/1</link>"
            "<pubDate>5 Jan 2026</pubDate><source url='https://m.n'>Mint</source></item>"
            "<item><title><![CDATA[Orchid Bank cuts lending rates by 10 bps]]></title><link>https://a.b/2</link>"
            "<pubDate>4 Jan 2026</pubDate><source url='https://m.n'>Reuters</source></item></channel></rss>"
        ),
        plus({"url": "https://a.b/1"}, {"url": "https://a.b/2"}),
    ),
}


ONE: dict[str, tuple[str, dict[str, Any]]] = {
    "an article": (
        (
            "Orchid Bank raises Rs 7,500 crore via bonds at 7.2 per cent\n\nBy Anita Rao, Mint | "
            "Updated: 5 Jan 2026, 10:30 PM IST\n\n"
            "Mumbai: Orchid Bank on Monday said it raised Rs 7,500 crore through bonds maturing on 5 January 2036.\n"
        ),
        {
            "headline": "Orchid Bank raises Rs 7,500 crore via bonds at 7.2 per cent",
            "published_at": "2026-01-05T22:30:00+05:30",
            "source": "Mint",
        },
    ),
    "an article without a date": (
        (
            "Orchid Motors shares hit 52-week high on large order win\n"
            "New Delhi: Shares of Orchid Motors Ltd surged 7% after the company won a large order from Kerala.\n"
            "The order is to be completed within 15 months from 16 April.\n"
        ),
        {"headline": "Orchid Motors shares hit 52-week high on large order win", "published_at": None, "source": None},
    ),
    "a press release": (
        (
            "PRESS RELEASE\n\nOrchid Motors wins order worth Rs 500 crore from European maker\n\n"
            "Gurugram, 12 January 2026: Orchid Motors Limited today announced that it has won an order.\n"
        ),
        {
            "headline": "Orchid Motors wins order worth Rs 500 crore from European maker",
            "published_at": "2026-01-12",
            "source": None,
            "category": "order_win",
        },
    ),
    "a press release with points": (
        (
            "# Media Release\n\n## Orchid Power commissions 110 MW solar plant in Kerala\n\n"
            "**Mumbai, 12 January 2026:** Orchid Power Limited today announced commissioning of a plant.\n\n"
            "**Key highlights:**\n- Capacity of 110 MW\n- Generates 274 million units a year\n"
        ),
        {"headline": "Orchid Power commissions 110 MW solar plant in Kerala", "published_at": "2026-01-12"},
    ),
    "a place and a date on a line": (
        (
            "PRESS RELEASE\n\nOrchid Pharma receives final approval for tablets\n\nAhmedabad, India, "
            "September 9, 2025\n\n"
            "Orchid Pharma Limited announced that it has received final approval to market its tablets.\n"
        ),
        {"headline": "Orchid Pharma receives final approval for tablets", "published_at": "2025-09-09"},
    ),
    "a letter to the exchanges": (
        (
            "Ref/2026/1 Date: 25.01.2026\nNational Stock Exchange of India Ltd.\nNSE Scrip Symbol: ORCHBK\nDear Sir\n"
            "Sub : Notice of Strike by the Union of Bank Staff\n"
            "We have been advised that a strike is called for 27th January, 2026.\n"
        ),
        {
            "headline": "Notice of Strike by the Union of Bank Staff",
            "published_at": "2026-01-25",
            "symbols": ("ORCHBK",),
        },
    ),
    "a letter with its rule before its subject": (
        (
            "January 24, 2026\nBSE Limited\nDear Sir/Madam,\nSub: Disclosure under Regulation 30 of the SEBI (Listing\n"
            "Obligations and Disclosure Requirements) Regulations, 2015 – Opening of a\nplant in Kerala\n\n"
            "In terms of Regulation 30 we write to inform that the plant has been opened with effect from 20.01.2026.\n"
        ),
        {"headline": "Opening of a plant in Kerala", "published_at": "2026-01-24"},
    ),
    "a day that a scan spoiled": (
        (
            "To, BSE Limited\nSymbol: ORCHID\nDear Sir,\nSub: Allotment of 10,000 equity shares to "
            "staff\nWe inform you.\n"
            "Date: 24\u2122 January 2026\n"
        ),
        {
            "headline": "Allotment of 10,000 equity shares to staff",
            "published_at": "2026-01-24",
            "symbols": ("ORCHID",),
        },
    ),
    "a heading with facts": (
        (
            "### ✅ **Orchid – Volatility & Resilience**\n- **Volume:** 40 lakh shares\n- "
            "**Sentiment:** **Bullish signal**\n"
        ),
        {"headline": "Orchid – Volatility & Resilience", "sentiment": "positive"},
    ),
    "a bold point below a company": (
        (
            "#### **Sun Pharmaceutical Industries**\n- **Acquisition of Orchid**: Agreed to buy "
            "**Orchid** for $2 billion.\n"
            "  - **Revenue**: Combined $12.4 billion.\n  - **Risks**: High debt.\n"
        ),
        {"headline": "Acquisition of Orchid", "category": "m_and_a"},
    ),
}


PROSE = (
    "Orchid Bank raised Rs 7,500 crore through bonds, Mint reported (Mint, 5 Jan 2026). The "
    "issue was oversubscribed.\n\n"
    "Separately, the bank cut lending rates by 10 bps on Friday. [1]\n\n"
    "Investors should watch the next results of the bank and its peers closely. [1]\n\n"
    "[1] https://www.livemint.com/orchid\n"
)
