"""Further ways of telling ratios: holders, movements, series, limits, fractions, Hindi; and whose a figure is not."""

from __future__ import annotations

import pytest

from tests.unit.parsers.fundamental_cases import Case, case, read

NOT_ITS_OWN = [
    case("Promoter holding has decreased over last quarter: -4.10%.", "ABCD"),
    case("FY27E: sales growth 9%, RoE 14.2%, P/E 18.", "ABCD"),
    case("FY25: RoE 12.5%. FY27E: RoE 16%.", "ABCD", roe_pct="12.5"),
    case("Its rivals Delta Looms and Kiran Mills have P/E ratios of 44.0 and 51.5 respectively.", "ABCD"),
    case(
        "As of 3 March 2025, ABCD has a P/E of 21.4. Its peers like Delta Looms have a P/E of 60.5.", "ABCD", pe="21.4"
    ),
    case("ABCD has a P/B of 2.2. DLMW's P/E is 31.", "ABCD", pb="2.2"),
    case(
        "P/E 18 | P/B 2.1 | ROCE 15%\nvs Delta Looms: P/E 25 | P/B 3.3 | ROE 27%",
        "ABCD",
        pe="18",
        pb="2.1",
        roce_pct="15",
    ),
    case("returnOnEquity: 0.1871", "ABCD"),
    case("Return on equity 0.1871\nP/E 20.5", "ABCD", pe="20.5"),
    case("debtToEquity: 41.3\ncurrentRatio: 1.6", "ABCD", current_ratio="1.6"),
    case("Beta\t1.2\nDividend (Yield)\t14.50 (0.91%)\nP/E\t21", "ABCD", dividend_yield_pct="0.91", pe="21"),
    case("RoE: FY24 19.1%, FY25 21.6%, FY26E 23.5%", "ABCD", roe_pct="21.6"),
    case("RoE of 19.1%, 21.6% and 23.5% in FY24, FY25 and FY26E", "ABCD", roe_pct="21.6"),
    case("Return on equity averaged 31% over five years and was 24.2% in FY25.", "ABCD", roe_pct="24.2"),
    case("Promoter (pledged) 12%", "ABCD"),
]
HOLDERS = [
    case("Promoters %  : 75.0    (74.2)", "ABCD", promoter_holding_pct="75.0"),
    case("Owners: Delta Inc. 52.5% (promoter), funds 20%", "ABCD", promoter_holding_pct="52.5"),
    case("Promoters            : 61.84", "ABCD", promoter_holding_pct="61.84"),
    case("Shareholding (%): Promoters 44.2; FII 21.3; others 34.5", "ABCD", promoter_holding_pct="44.2"),
    case("Promoters cut their stake from 31.5% to 29.25% in the year.", "ABCD", promoter_holding_pct="29.25"),
    case(
        "The promoter, Delta Trust, reduced its holding from 31.5% in May to 22.1% in July.",
        "ABCD",
        promoter_holding_pct="22.1",
    ),
    case("Promoters sold 4% in a block deal; they now hold 50.5%.", "ABCD", promoter_holding_pct="50.5"),
    case("54.75% of the equity is held by the promoters.", "ABCD", promoter_holding_pct="54.75"),
    case("Promoter: Delta Trust 39.88%\nP/B: 4.1", "ABCD", promoter_holding_pct="39.88", pb="4.1"),
    case("Promoter (Government of Goa) 58.5%", "ABCD", promoter_holding_pct="58.5"),
    case("Promoter group (Delta family and trusts) holding is 47.1%", "ABCD", promoter_holding_pct="47.1"),
    case("Promoter Delta Trust's stake is unchanged at 43.9%.", "ABCD", promoter_holding_pct="43.9"),
    case("Promoter ke paas 63.3% hissedari hai.", "ABCD", promoter_holding_pct="63.3"),
    case("Prom. Hold. 70.4 %", "ABCD", promoter_holding_pct="70.4"),
    case("PE 22 | Promoters 72.6", "ABCD", pe="22", promoter_holding_pct="72.6"),
]
TOLD = [
    case("P/BV at CMP 2.9x; P/E at CMP 26.1x", "ABCD", pb="2.9", pe="26.1"),
    case("Debt:Equity 1.4:1 and P/B 1.2", "ABCD", debt_to_equity="1.4", pb="1.2"),
    case("A debt-to-equity ratio of 0.38 points to moderate borrowing.", "ABCD", debt_to_equity="0.38"),
    case("Its P/E is very low, only 4.15.", "ABCD", pe="4.15"),
    case("It pays a dividend yielding 1.9%.", "ABCD", dividend_yield_pct="1.9"),
    case("Trailing twelve months' EPS of Rs 21.7; P/E 30.", "ABCD", eps_ttm_inr="21.7", pe="30"),
    case("P/B, which peaked at 34x, is 6.5x.", "ABCD", pb="6.5"),
    case("P/B is below 1 at 0.92", "ABCD", pb="0.92"),
    case("P/E has been 18-35x over five years; it is now 27.5x.", "ABCD", pe="27.5"),
    case("On trailing earnings the stock is available at 36x.", "ABCD", pe="36"),
    case(
        "The mill earns 19.5% on equity (ROE 19.5%) and 24.1% on capital employed.",
        "ABCD",
        roe_pct="19.5",
        roce_pct="24.1",
    ),
    case("ROE 33.1 % 5Y Avg. 26.8 %", "ABCD", roe_pct="33.1"),
    case("M.Cap. = ₹4,530 Cr.; Div. Yld. = 0.95 %", "ABCD", market_cap_inr="45300000000", dividend_yield_pct="0.95"),
    case("Mkt. Cap.    1,450 Cr\nDiv. Yld.    0.7%", "ABCD", market_cap_inr="14500000000", dividend_yield_pct="0.7"),
    case("P/E < 20? Yes: 13.1\nD/E < 1? No: 1.35", "ABCD", pe="13.1", debt_to_equity="1.35"),
    case("marketCap: 133,720,000,000", "ABCD", market_cap_inr="133720000000"),
    case("abcd mills\npe 15.2\npb 3.4\nroe 22", "ABCD", pe="15.2", pb="3.4", roe_pct="22"),
    case("ABCD ka stock 26.4 ke P/E par hai, ROE 18.2% hai.", "ABCD", pe="26.4", roe_pct="18.2"),
    case("ABCD ki NBFC arm (Delta Finance) ke saath D/E 3.9 hai, ROE 18%.", "ABCD", debt_to_equity="3.9", roe_pct="18"),
    case("(All Rs. in crores)\nMARKET CAP\n9,060\nP/B\n2.5", "ABCD", market_cap_inr="90600000000", pb="2.5"),
]
GROWTH = [
    case("Sales growth: 10Y 12%, 5Y 11%, 3Y 8%, 1Y 7.4%", "ABCD", sales_growth_pct="7.4"),
    case("Profit growth: 5Y 12%, 1Y 7.4%, TTM 9.1%", "ABCD", profit_growth_pct="9.1"),
    case("Sales 1Y : -8.9% | Sales 3Y : 0.9%", "ABCD", sales_growth_pct="-8.9"),
    case("FY25 sales ↑20.1%, PAT ↓9.8%", "ABCD", sales_growth_pct="20.1", profit_growth_pct="-9.8"),
    case("Sales -11.6% in FY25 (5Y CAGR 7.6%).", "ABCD", sales_growth_pct="-11.6"),
    case("Sales grew 22.3% and profit 8.4% in FY25.", "ABCD", sales_growth_pct="22.3", profit_growth_pct="8.4"),
    case("Sales for the March 2025 year fell 10.3 per cent.", "ABCD", sales_growth_pct="-10.3"),
    case(
        "Growth (FY25)\n- Revenue: up 44%\n- Net profit: down 42%",
        "ABCD",
        sales_growth_pct="44",
        profit_growth_pct="-42",
    ),
    case("Growth (Q2 FY26)\n- Revenue: up 44%\n- Net profit: down 42%", "ABCD"),
]
HINDI = [
    case("बाजार पूंजीकरण: ₹3.12 लाख करोड़", "ABCD", market_cap_inr="3120000000000"),
    case("पी/ई अनुपात: 37.3\nपी/बी अनुपात: 8.9", "ABCD", pe="37.3", pb="8.9"),
    case("आरओई: 26.1%\nआरओसीई: 33.9%", "ABCD", roe_pct="26.1", roce_pct="33.9"),
    case("लाभांश प्रतिफल: 0.85%\nऋण-इक्विटी अनुपात: 0.4", "ABCD", dividend_yield_pct="0.85", debt_to_equity="0.4"),
    case("प्रमोटर होल्डिंग: 71.64%", "ABCD", promoter_holding_pct="71.64"),
    case("पी/ई अनुपात 22.5 है।\nउद्योग का पी/ई: 31", "ABCD", pe="22.5"),
    case("आरओई 15% था।", "ABCD"),
]


@pytest.mark.parametrize("given", [*HOLDERS, *TOLD, *GROWTH, *HINDI], ids=str)
def test_a_ratio_is_read_in_these_words(given: Case) -> None:
    assert read(given) == given.fields


@pytest.mark.parametrize("given", NOT_ITS_OWN, ids=str)
def test_a_figure_that_is_not_its_own_is_left_out(given: Case) -> None:
    assert read(given) == given.fields


INSURER = "Surya Life Insurance Company Ltd\nP/E: 81.9x (industry 77.5x)\nROE: 14.9%"


def test_an_insurers_long_name_is_its_own() -> None:
    given = case(INSURER.replace("Surya Life", "SBI Life"), "SBILIFE", pe="81.9", roe_pct="14.9")
    assert read(given) == given.fields
