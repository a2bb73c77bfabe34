"""Long answers and page dumps: peers between a company's own figures, old times beside now, holders, yields, files."""

from __future__ import annotations

import pytest

from tests.unit.parsers.fundamental_cases import Case, case, read

PEERS_BETWEEN = [
    case("ABCD has a P/E of 21.4x; Havells is at 47x. P/B is 3.2.", "ABCD", pe="21.4", pb="3.2"),
    case(
        "ABCD is a cable maker.\n\nIts ROCE of 22.5% compares with 30.1% at Polycab. The P/B is 4.4.",
        "ABCD",
        roce_pct="22.5",
        pb="4.4",
    ),
    case("ABCD: notes\n\nThe P/B ratio stands at 5.5x, versus 11.4x for Lupin and 4.1x for Biocon.", "ABCD", pb="5.5"),
    case(
        "ABCD has a P/E of 30. It is the dearest of its kind: Marico is at 52x. The P/B is 9.1x.",
        "ABCD",
        pe="30",
        pb="9.1",
    ),
    case(
        "NTPC leads with a P/E of 14. Its P/B is 1.7 whereas ABCD has a P/B of 2.2. Its ROE is 12%.", "ABCD", pb="2.2"
    ),
    case("The stock of Havells is at a P/E of 35. It has a P/B of 11. ABCD has a P/E of 7.", "ABCD", pe="7"),
    case("SBI has a P/B of 1.7. SBI Card P/E: 41. SBI Life ROE 14%.", "SBIN", pb="1.7"),
    case("ICICI Bank: P/E 18.8. ICICI Lombard: P/E 37, ROE 19%.", "ICICIBANK", pe="18.8"),
    case("The results covered the textile sector, whose average P/E is around 31 and ROE about 9%.", "ABCD"),
    case("ABCD: P/E 24. By FY29 management hopes for an ROE of 31%.", "ABCD", pe="24"),
]
OLD_AND_NEW = [
    case(
        "ABCD then and now\n\nIn March 2017 the bank had an ROE of 19.5% and a P/B of 3.1. By March 2020 "
        "ROE was -41%.\n\n"
        "Today: P/B 1.2, ROE 6.5% for FY25 (4.2% in FY24). TTM EPS is ₹1.10.",
        "ABCD",
        pb="1.2",
        roe_pct="6.5",
        eps_ttm_inr="1.10",
    ),
    case(
        "When ABCD listed in July 2018 it had a P/E of 51.\n\nNow it is at 33.6 times trailing earnings.",
        "ABCD",
        pe="33.6",
    ),
    case("ROE: FY23 11.2% → FY24 12.9% → FY25 14.8%", "ABCD", roe_pct="14.8"),
    case("ROE 5.0% for FY25 (3.2% in FY24). TTM EPS is ₹7.4.", "ABCD", roe_pct="5.0", eps_ttm_inr="7.4"),
    case(
        "RoE has climbed from -11.9% in FY22 to 3.5% in FY23, 14.1% in FY24 and 20.6% in FY25.", "ABCD", roe_pct="20.6"
    ),
    case("P/E has corrected sharply from 88 in June 2024 to 52.5 now.", "ABCD", pe="52.5"),
    case("P/E has corrected from 88.", "ABCD"),
    case(
        "| Ratio | Latest |\n|---|---|\n| ROE | 15.9%³ |\n| ROCE | 20.2%³ |\n\n³ FY24: ROE 13.0%, ROCE 17.3%.",
        "ABCD",
        roe_pct="15.9",
        roce_pct="20.2",
    ),
]
HOLDERS = [
    case("ABCD\n\nPromoter holding: 15.00% (Mill Owners Ltd). P/E 22.", "ABCD", promoter_holding_pct="15.00", pe="22"),
    case("Promoter (Delta Finserv & group) holding: 54.7%, pledged 0.02%.", "ABCD", promoter_holding_pct="54.7"),
    case("Promoter Osaka Motor Corporation owns 58.3%.", "ABCD", promoter_holding_pct="58.3"),
    case("Promoters (Delta Trust 27.9% and Delta Sons 25.0%) together 52.9%.", "ABCD", promoter_holding_pct="52.9"),
    case("The Government of India is the promoter with 63.1%.", "ABCD", promoter_holding_pct="63.1"),
    case("The government, the promoter, holds 62.4%; in 2019 it was 87.4%.", "ABCD", promoter_holding_pct="62.4"),
    case("Promoter and promoter group: 43.1% (encumbered 0.4%).", "ABCD", promoter_holding_pct="43.1"),
    case("Promoter Ravi Shah has 12.5% and promoter Mina Shah holds 10.1%.", "ABCD"),
    case("Promoter Ravi Shah has 12.5%. Promoter holding is 45%.", "ABCD", promoter_holding_pct="45"),
    case("Who are the promoters? 3 members of a family.", "ABCD"),
    case("Promoter holding was 58% when it listed.", "ABCD"),
    case("Promoters led by Asha Rao own 52.1%.", "ABCD", promoter_holding_pct="52.1"),
    case("Promoters: 11.7% (pledged: nil); FPI 22.7%", "ABCD", promoter_holding_pct="11.7"),
    case("Promoters hold 14.3%, while Delta Mutual Fund owns 3.1%.", "ABCD", promoter_holding_pct="14.3"),
]
YIELDS = [
    case("Dividend for FY25 was ₹13 a share, a payout of 30% and a yield of 0.86%.", "ABCD", dividend_yield_pct="0.86"),
    case("Dividend: Rs 44 per share pre-split (yield 0.55%).", "ABCD", dividend_yield_pct="0.55"),
    case("Dividend ₹2 a share, 0.35% yield.", "ABCD", dividend_yield_pct="0.35"),
    case("Dividend ₹26 per share; portfolio yield 18.2% and yield on advances 18.5%.", "ABCD"),
    case("The dividend was ₹12. The 10-year yield is 6.5%.", "ABCD"),
    case("The expected dividend of ₹8 gives a yield of 2%.", "ABCD"),
]
WORDINGS = [
    case("| Metric | Value |\n|---|---|\n| EPS (TTM) | ₹(2.1) |\n| P/B | 5.5x |", "ABCD", eps_ttm_inr="-2.1", pb="5.5"),
    case("EPS TTM 138.0  +68.9% growth\nROE Annual % 36.4", "ABCD", eps_ttm_inr="138.0", roe_pct="36.4"),
    case("EPS for the trailing twelve months is Rs 28.6.", "ABCD", eps_ttm_inr="28.6"),
    case("EPS for FY25 was ₹16.7; on a TTM basis EPS is ₹16.1.", "ABCD", eps_ttm_inr="16.1"),
    case("Total Debt to Total Equity Ratio 0.1", "ABCD", debt_to_equity="0.1"),
    case("Book value, adjusted for the bonus issue, is ₹348.2.", "ABCD", book_value_inr="348.2"),
    case("Market value is about 2.55 trillion rupees.", "ABCD", market_cap_inr="2550000000000"),
    case("Market cap slid from a peak of ₹7.5 lakh crore to ₹6.2 lakh crore.", "ABCD", market_cap_inr="6200000000000"),
    case("Market cap is down from a peak of ₹7.5 lakh crore.", "ABCD"),
    case("M.Cap (INR b) 5,482 / USD b 61.8", "ABCD", market_cap_inr="5482000000000"),
    case(
        "**Q2. P/B?** 3.7\n**Q3. ROE / ROCE?** 17.8% / 22.7% for FY25.",
        "ABCD",
        pb="3.7",
        roe_pct="17.8",
        roce_pct="22.7",
    ),
    case("What is a good P/E? 20", "ABCD"),
    case(
        "Revenue FY25: INR 10,890 crore, +67% YoY; PAT FY25: INR 2,072 crore, +214% YoY",
        "ABCD",
        sales_growth_pct="67",
        profit_growth_pct="214",
    ),
    case("PAT FY27E: ₹29,000 crore, +9% YoY", "ABCD"),
    case("Revenue growth: 35.4% in FY25, 54% YoY in Q2 FY26", "ABCD", sales_growth_pct="35.4"),
]
LAYOUTS = [
    case(
        "Metric,Value\nSymbol,ABCD\nMarket Cap (Rs Cr),3,48,752\nPE (TTM),47.2\nIndustry PE,38.9\nROE (%),9.29\n",
        "ABCD",
        market_cap_inr="3487520000000",
        pe="47.2",
        roe_pct="9.29",
    ),
    case(
        "**Delta Looms Limited (ABCD) - Analysis**\n\n**1. Valuation**\nP/E 21\n\n**2. Efficiency**\nROE: 14%\n\n"
        "**3. Solvency**\nDebt/Equity 0.4\n\n**4. Shareholding**\nPromoter stake at 37.5%",
        "ABCD",
        pe="21",
        roe_pct="14",
        debt_to_equity="0.4",
        promoter_holding_pct="37.5",
    ),
    case("9. EPS (TTM): Not available\n10. P/B: none of Vedanta Ltd's 2.2 applies", "ABCD"),
]
EVERY = [*PEERS_BETWEEN, *OLD_AND_NEW, *HOLDERS, *YIELDS, *WORDINGS, *LAYOUTS]


@pytest.mark.parametrize("given", EVERY, ids=str)
def test_long_answers(given: Case) -> None:
    """What is told of the company is read, and nothing else."""
    assert read(given) == given.fields
