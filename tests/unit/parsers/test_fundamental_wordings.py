"""Ways of telling a ratio that answers, notes and pages differ in; and figures that are near a name and not its own."""

from __future__ import annotations

import pytest

from tests.unit.parsers.fundamental_cases import Case, case, read

TOLD = [
    case("With a RoE of 18.4, it trades at a 5.2 Price to Book Value.", "ABCD", roe_pct="18.4", pb="5.2"),
    case("P/E 41x on trailing EPS of ₹17.2, or 30x FY27E.", "ABCD", pe="41", eps_ttm_inr="17.2"),
    case("It quotes 19.6 times its trailing twelve month earnings per share.", "ABCD", pe="19.6"),
    case("The mill earns 17% on capital employed and 12.5% on equity.", "ABCD", roce_pct="17", roe_pct="12.5"),
    case("The market values the bank at Rs 2.31 lakh crore.", "ABCD", market_cap_inr="2310000000000"),
    case("The dividend of Rs 9 a share works out to a yield of 3.4%.", "ABCD", dividend_yield_pct="3.4"),
    case("Payout 31%, yield 0.7%, P/E 22.", "ABCD", dividend_yield_pct="0.7", pe="22"),
    case("Book value sirf 71 rs, ROE 14% hai.", "ABCD", book_value_inr="71", roe_pct="14"),
    case("Promoter (Trust) 48.2%, FII 11%.", "ABCD", promoter_holding_pct="48.2"),
    case("Promoters of Delta Looms held 44.6% in December.", "ABCD", promoter_holding_pct="44.6"),
    case("P/E 14, promoter hldg 51.5%.", "ABCD", pe="14", promoter_holding_pct="51.5"),
    case("ROE, which stood at 6.1% in FY22, reached 15.2% in FY25.", "ABCD", roe_pct="15.2"),
    case("Debt-to-equity has crept up to 0.47 (FY24: 0.41).", "ABCD", debt_to_equity="0.47"),
    case("D/E trend: 0.9 → 0.7 → 0.52 → 0.3", "ABCD", debt_to_equity="0.3"),
    case("It earned a return on equity of 21% and a ROCE of 26% last year.", "ABCD", roe_pct="21", roce_pct="26"),
    case("Sales +31.5% and PAT -12.5% in FY25.", "ABCD", sales_growth_pct="31.5", profit_growth_pct="-12.5"),
    case("Mkt Cap. (Rs. Cr.) 4,310.25 P/BV (X) 2.6", "ABCD", market_cap_inr="43102500000", pb="2.6"),
    case("MCap: ₹41.2K Cr, P/E 30", "ABCD", market_cap_inr="412000000000", pe="30"),
    case("PE ➜ 27.4 (Ind PE ➜ 33.0)\nPromoter ➜ 55.1 %", "ABCD", pe="27.4", promoter_holding_pct="55.1"),
    case("DE=0.31; PROMOTER=61.2%; PEG=1.4", "ABCD", debt_to_equity="0.31", promoter_holding_pct="61.2"),
    case("Trailing P/E: 31.7x\nP/B: 3.8x", "ABCD", pe="31.7", pb="3.8"),
    case(
        "ABCD (INR million unless stated)\n\nMarket value: 45,120\nP/B: 2.4x",
        "ABCD",
        market_cap_inr="45120000000",
        pb="2.4",
    ),
    case("Market Cap (INR): 3,41,20,00,00,000", "ABCD", market_cap_inr="341200000000"),
    case("Q: What is the ROCE of Delta Looms?\nA: 17.6%\n", "ABCD", roce_pct="17.6"),
]
TOLD += [
    case("ROE: 3Y avg 20%, 5Y avg 23%, latest 17%", "ABCD", roe_pct="17"),
    case("EPS 41.3 (TTM)", "ABCD", eps_ttm_inr="41.3"),
]
NOT_ITS_OWN = [
    case("Consensus expects revenue growth of 14% and PAT growth of 22% in FY28.", "ABCD"),
    case("In Q2 FY26, revenue growth slowed to 9%.", "ABCD"),
    case("Q2FY26: revenue growth of 9.4% YoY and 2% QoQ; PAT growth 11% YoY.", "ABCD"),
    case("Revenue grew 21% and profit rose 18% in the third quarter of FY26.", "ABCD"),
    case("Revenue is expected to grow 15% in FY27.", "ABCD"),
    case("While the sector averages a P/E of 44 and an ROE of 11%, ABCD has a P/B of 2.", "ABCD", pb="2"),
    case("How to read the ratios: a P/E of 12 is cheap. Dividend yield of 4% beats a deposit.", "ABCD"),
    case("If ROE recovers to 25%, a P/B of 8x is justified; currently P/B is 5.1x.", "ABCD", pb="5.1"),
    case("Total debt / equity (%): 14.0", "ABCD"),
    case("P/E was 20 last year.", "ABCD"),
    case("Return on equity was 12% against 15% last year.", "ABCD", roe_pct="12"),
    case("Shares of ABCD rose up to 0.5% on Monday.", "ABCD"),
]


@pytest.mark.parametrize("given", TOLD, ids=str)
def test_a_ratio_is_read_however_it_is_told(given: Case) -> None:
    assert read(given) == given.fields


@pytest.mark.parametrize("given", NOT_ITS_OWN, ids=str)
def test_what_is_another_s_or_another_time_s_is_left_out(given: Case) -> None:
    assert read(given) == given.fields


TWO_LINES = (
    "VALUE DESK, issue 7\n\n"
    "1) Gokul Port Trust. A quiet toll gate. The market pays 16.5 times trailing profit and 3.1 times book.\n\n"
    "2) Eastern Tankers. Cheap: P/E 6.2, P/BV 0.88, ROE 16.1%, D/E 0.2. Promoter holding 31.4%.\n\n"
    "Next issue: 3 March.\n"
)
GROUP = (
    "Surya Finserv owns Surya Finance. Surya Finance trades at 33.1x earnings and 5.5x book. "
    "Surya Finserv trades at 28.4x earnings and 3.9x book."
)
NAMED = "Market capitalisation: Surya Finance Rs 2.1 lakh crore; Delta Looms Rs 9,100 crore."


@pytest.mark.parametrize(
    "given",
    [
        case(TWO_LINES, "GOKULPORT", pe="16.5", pb="3.1"),
        case(
            TWO_LINES,
            "EASTTANK",
            pe="6.2",
            pb="0.88",
            roe_pct="16.1",
            debt_to_equity="0.2",
            promoter_holding_pct="31.4",
        ),
        case(GROUP, "SURYAFINSERV", pe="28.4", pb="3.9"),
        case(NAMED, "DELTALOOMS", market_cap_inr="91000000000"),
        case(NAMED, "SURYAFINANCE", market_cap_inr="2100000000000"),
        case("P/E: Delta Looms 18.2x, Surya Finance 30.4x", "DELTALOOMS", pe="18.2"),
        case("Asked about Kiran Mills, I found these for Delta Looms instead: P/E 44, ROE 12%.", "KIRANMILLS"),
        case("The P/E of Delta Looms (44.2) is above that of Kiran Mills (38.9).", "KIRANMILLS"),
    ],
    ids=str,
)
def test_each_company_has_its_own_figures(given: Case) -> None:
    assert read(given) == given.fields
