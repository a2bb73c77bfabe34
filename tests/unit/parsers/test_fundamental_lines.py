"""Lines: a name and its figure on one line or on two, blocks of years, bullets."""

from __future__ import annotations

import pytest

from tests.unit.parsers.fundamental_cases import Case, case, read

CASES = [
    case(
        ("Ratios            FY24      FY25\nROE               62%       47%\nROCE              75%       58%\n"),
        "TCS",
        roe_pct="47",
        roce_pct="58",
    ),
    case(
        (
            "Infosys Ltd\n"
            "Market Cap\n"
            "₹\n"
            "6,20,000\n"
            "Cr.\n"
            "Stock P/E\n"
            "22.1\n"
            "Book Value\n"
            "₹\n"
            "230\n"
            "Dividend Yield\n"
            "2.5\n"
            "%\n"
            "ROCE\n"
            "40\n"
            "%\n"
            "ROE\n"
            "31.8\n"
            "%\n"
        ),
        "INFY",
        market_cap_inr="6200000000000",
        pe="22.1",
        book_value_inr="230",
        dividend_yield_pct="2.5",
        roce_pct="40",
        roe_pct="31.8",
    ),
    case(
        ("Market Cap: ₹ 6,20,000 Cr.\nStock P/E: 22.1\nROE: 31.8 %\nHigh / Low: ₹ 2,000 / 1,300\n"),
        "INFY",
        market_cap_inr="6200000000000",
        pe="22.1",
        roe_pct="31.8",
    ),
    case(("pe_ratio: 22.1\nroe: 31.8%\nmarket_cap: 620000\n"), "INFY", pe="22.1", roe_pct="31.8"),
    case(
        ("Compounded Profit Growth\n10 Years: 9%\n5 Years: 11%\n3 Years: 8%\nTTM: 5%\n"), "INFY", profit_growth_pct="5"
    ),
    case(("Compounded Profit Growth\n10 Years: 9%\n5 Years: 11%\n3 Years: 8%\n"), "INFY"),
    case(("Return on Equity\n10 Years:\n28%\n5 Years:\n30%\nLast Year:\n31%\n"), "INFY", roe_pct="31"),
    case(
        (
            "* P/E (TTM): 22.1x vs industry 27x\n"
            "* ROE: 31.8% (5Y avg: 29%)\n"
            "* Debt-to-equity: 0.1\n"
            "* Current ratio: 2.2\n"
        ),
        "INFY",
        pe="22.1",
        roe_pct="31.8",
        debt_to_equity="0.1",
        current_ratio="2.2",
    ),
    case(("Industry P/E\n27.5\nStock P/E\n22.1\n"), "INFY", pe="22.1"),
    case(
        ("**Promoter Holding:** 14.6%\n**Promoter Pledge:** 0%\n**FII Holding:** 33%"),
        "INFY",
        promoter_holding_pct="14.6",
    ),
    case(("EPS (TTM): ₹70.5\nEPS: ₹68\nFace value: ₹5"), "INFY", eps_ttm_inr="70.5"),
    case(
        (
            "## Strengths\n"
            "- Cash rich\n"
            "- Brand\n"
            "\n"
            "## Weaknesses\n"
            "- Slow growth\n"
            "\n"
            "## Opportunities\n"
            "1. AI\n"
            "2. Cloud\n"
            "\n"
            "## Threats\n"
            "- Visa rules\n"
            "\n"
            "As of 26 January 2026, P/E: 22.1"
        ),
        "INFY",
        pe="22.1",
        strengths=("Cash rich", "Brand"),
        weaknesses=("Slow growth",),
        opportunities=("AI", "Cloud"),
        threats=("Visa rules",),
    ),
    case(
        ("Particulars FY23 FY24 FY25\nROE (%) 12.1 12.6 15.0\nROCE (%) 15.0 16.2 18.8\nDebt to equity 0.9 0.7 0.5\n"),
        "ABCD",
        roe_pct="15",
        roce_pct="18.8",
        debt_to_equity="0.5",
    ),
    case(("ROE (%) 12.1 12.6 15.0\nROCE (%) 15.0 16.2 18.8\n"), "ABCD"),
    case(
        ("Particulars FY25 FY26E FY27E\nP/E (x) 40.7 28.7 20.0\nRoE (%) 12.1 14.4 18.2\n"),
        "KEC",
        pe="40.7",
        roe_pct="12.1",
    ),
    case(
        (
            "PE Ratio (TTM)\n"
            "22.10\n"
            "Sector PE\n"
            "27.50\n"
            "PB Ratio\n"
            "6.50\n"
            "Market Cap\n"
            "₹6,20,000Cr\n"
            "Div. Yield\n"
            "2.50%\n"
            "ROE\n"
            "31.80%\n"
            "EPS(TTM)\n"
            "70.50\n"
            "Book Value\n"
            "230\n"
            "Debt to Equity\n"
            "0.10"
        ),
        "INFY",
        pe="22.1",
        pb="6.5",
        market_cap_inr="6200000000000",
        dividend_yield_pct="2.5",
        roe_pct="31.8",
        eps_ttm_inr="70.5",
        book_value_inr="230",
        debt_to_equity="0.1",
    ),
    case(
        (
            "Market Cap (Rs Cr.): 6,20,000\n"
            "TTM EPS (Rs): 70.5 (+5% YoY)\n"
            "TTM PE: 22.1 (Average PE)\n"
            "P/B: 6.5 (High P/B)\n"
            "Sector PE 27.5\n"
            "Book Value Per Share (₹): 230"
        ),
        "INFY",
        market_cap_inr="6200000000000",
        eps_ttm_inr="70.5",
        pe="22.1",
        pb="6.5",
        book_value_inr="230",
    ),
    case(("Revenue growth: 6.1% (Q3 FY26 YoY)\nProfit growth: 12% CAGR (3Y)"), "INFY"),
    case(("Fair value: ₹1,600\nBull case: ₹2,000\nBear case: ₹1,200"), "INFY", fair_value_inr="1600"),
    case(
        ("1. **P/E Ratio**: 22.1\n2. **P/B Ratio**: 6.5\n3. **ROE**: 31.8%"),
        "INFY",
        pe="22.1",
        pb="6.5",
        roe_pct="31.8",
    ),
    case(
        ("P/E Ratio - 22.1\nROE - 31.8%\nDebt/Equity - 0.1\nMarket Cap - ₹6.2 L Cr"),
        "INFY",
        pe="22.1",
        roe_pct="31.8",
        debt_to_equity="0.1",
        market_cap_inr="6200000000000",
    ),
    case(("P/E\n22.1x\nP/B\n6.5x\nEV / EBITDA\n15.0x\n"), "INFY", pe="22.1", pb="6.5"),
    case(("Market cap (INR mn): 91,234\nPE: 45"), "LATENTVIEW", market_cap_inr="91234000000", pe="45"),
    case(("Market cap (INR mn)      91,234\nP/E (x)      45\n"), "LATENTVIEW", market_cap_inr="91234000000", pe="45"),
    case(
        (
            "<div class='r'><span>Stock P/E</span><span>22.1</span></div>\n"
            "<div class='r'><span>ROE</span><span>31.8 %</span></div>"
        ),
        "INFY",
        pe="22.1",
        roe_pct="31.8",
    ),
    case(("Return on Equity / Networth (%)12.5018.7716.94\nDebt to Equity0.100.200.30\n"), "ABCD"),
    case(
        (
            "Key RatiosMar 24Mar 23Mar 22\n"
            "Return on Equity / Networth (%)12.5018.7716.94\n"
            "Current Ratio (X)1.501.401.30\n"
        ),
        "ABCD",
        roe_pct="12.5",
        current_ratio="1.5",
    ),
    case(("Metric: P/E\nValue: 22.1\n\nMetric: ROE\nValue: 31.8%"), "INFY", pe="22.1", roe_pct="31.8"),
    case(
        (
            "P/E (Price to Earnings): 22.1\n"
            "P/B (Price to Book): 6.5\n"
            "ROE (Return on Equity): 31.8%\n"
            "D/E (Debt to Equity): 0.1"
        ),
        "INFY",
        pe="22.1",
        pb="6.5",
        roe_pct="31.8",
        debt_to_equity="0.1",
    ),
    case(
        ("Valuation\n  P/E ........ 22.1\n  P/B ........ 6.5\n  ROE ........ 31.8%"),
        "INFY",
        pe="22.1",
        pb="6.5",
        roe_pct="31.8",
    ),
    case(
        ("✅ ROE: 31.8% (>15%) PASS\n❌ P/E: 45.2 (<25) FAIL\n✅ D/E: 0.10 (<1.0) PASS"),
        "INFY",
        roe_pct="31.8",
        pe="45.2",
        debt_to_equity="0.1",
    ),
    case(("ROE > 15%: PASS (31.8%)\nP/E < 25: FAIL (45.2)"), "INFY"),
    case(("PE Ratio: 22.1\nPE Ratio: 22.1"), "INFY", pe="22.1"),
    case(
        (
            "Key RatiosFY23FY24FY25\n"
            "ROE (%)18.519.216.4\n"
            "ROCE (%)20.121.319.9\n"
            "Debt/Equity0.120.150.10\n"
            "Dividend Yield (%)1.521.481.75\n"
        ),
        "ABCD",
        roe_pct="16.4",
        roce_pct="19.9",
        debt_to_equity="0.1",
        dividend_yield_pct="1.75",
    ),
    case(
        ("KPI Values\nROE 52.3%\nROCE 42.0%\nDebt/Equity 0.9\nPAT Margin 9%\nPrice to Book Value 8.2\n"),
        "ABCD",
        roe_pct="52.3",
        roce_pct="42",
        debt_to_equity="0.9",
        pb="8.2",
    ),
    case(
        ("Promoter holding (%)\n- Dec 2025: 50.1\n- Sep 2025: 50.3\n- Jun 2025: 50.5\n"),
        "ABCD",
        promoter_holding_pct="50.1",
    ),
    case(
        ("Market capitalisation: $12.4bn / ₹1.03 lakh crore\nEPS (TTM): ₹102.3 ($1.2)\nBook value: ₹560"),
        "DIXON",
        market_cap_inr="1030000000000",
        eps_ttm_inr="102.3",
        book_value_inr="560",
    ),
    case(("Market cap is US$12.4 bn.\nP/E 95x"), "DIXON", pe="95"),
    case(("Mcap (Rs mn)  91,234\nP/E (x)  45.2  38.1  30.0\n"), "ABCD", market_cap_inr="91234000000"),
    case(
        (
            "Valuation parameter: Value\n"
            "P/E Ratio (TTM): 22.10 times\n"
            "P/B Ratio: 6.50 times\n"
            "Earnings per share (TTM): Rs. 68.20"
        ),
        "ABCD",
        pe="22.1",
        pb="6.5",
        eps_ttm_inr="68.2",
    ),
    case(
        ("Sales growth: 12% (5Y CAGR), 6% (TTM)\nProfit growth: 14% (5Y CAGR), 2% (TTM)"),
        "ABCD",
        sales_growth_pct="6",
        profit_growth_pct="2",
    ),
    case(("P/E (FY25A): 22.1\nP/E (FY26E): 19.0\nP/E (FY27E): 16.5"), "ABCD", pe="22.1"),
    case(("HDFC Asset Management Company (HDFCAMC)\nP/E: 38\nROE: 30%"), "HDFCBANK"),
    case(
        ("Here are the key ratios for Granules India:\n- Debt/Equity: 0.3\n- Book value: ₹120\n- P/E: 20"), "GLENMARK"
    ),
    case(("**Granules India Ltd** key ratios\n- Debt/Equity: 0.3\n- Book value: ₹120\n- P/E: 20"), "GLENMARK"),
    case(
        (
            "Price/Earnings 24.5\n"
            "Price/Book 3.1\n"
            "Price/Sales 2.2\n"
            "Price/Cash flow 12\n"
            "Return on Equity 18.4%\n"
            "Return on Assets 9.1%\n"
            "Debt/Equity 0.35"
        ),
        "ABCD",
        pe="24.5",
        pb="3.1",
        roe_pct="18.4",
        roa_pct="9.1",
        debt_to_equity="0.35",
    ),
    case(
        (
            "Return Ratios (%)\n"
            "RoE 18.4\n"
            "RoCE 22.6\n"
            "RoA 9.1\n"
            "Leverage (x)\n"
            "Debt/Equity 0.35\n"
            "Valuation (x)\n"
            "P/E 24.5\n"
            "P/B 3.1"
        ),
        "ABCD",
        roe_pct="18.4",
        roce_pct="22.6",
        roa_pct="9.1",
        debt_to_equity="0.35",
        pe="24.5",
        pb="3.1",
    ),
    case(
        (
            "Stock info\n"
            "Market cap (Rs. in Crs) 12,345\n"
            "P/E 24.5\n"
            "Dividend yield (%) 1.2\n"
            "BV (Rs.) 640\n"
            "Promoters 55.5%\n"
            "FIIs 20.1%"
        ),
        "ABCD",
        market_cap_inr="123450000000",
        pe="24.5",
        dividend_yield_pct="1.2",
        book_value_inr="640",
        promoter_holding_pct="55.5",
    ),
    case(("Arman\nP/E 24.5\nROE 18.4%\n\nBeta Wires\nP/E 14\nROE 12%"), "BETAWIRES", pe="14", roe_pct="12"),
    case(("Arman\nP/E 24.5\nROE 18.4%\n\nBeta Wires\nP/E 14\nROE 12%"), "ARMAN", pe="24.5", roe_pct="18.4"),
    case(
        ("Market Cap₹12,345 Cr\nStock P/E11.5\nROE15.2%\n"),
        "ABCD",
        market_cap_inr="123450000000",
        pe="11.5",
        roe_pct="15.2",
    ),
    case(
        ("Mar-22 Mar-23 Mar-24\nP/E (x) 15.2 11.3 10.1\nP/BV (x) 2.1 1.9 1.8\nRoE (%) 14.1 16.9 17.8"),
        "ABCD",
        pe="10.1",
        pb="1.8",
        roe_pct="17.8",
    ),
    case(("FY22 FY23 FY24E\nP/E (x) 15.2 11.3 10.1\nRoE (%) 14.1 16.9 17.8"), "ABCD", pe="11.3", roe_pct="16.9"),
    case(
        ("Y/E MarchFY22FY23FY24EFY25E\nP/E (x)15.211.310.19.2\nRoE (%)14.116.917.818.2"),
        "ABCD",
        pe="11.3",
        roe_pct="16.9",
    ),
    case(
        (
            "<li>\n"
            '  <span class="name">\n'
            "    Stock P/E\n"
            "  </span>\n"
            '  <span class="nowrap value">\n'
            '    <span class="number">30.1</span>\n'
            "  </span>\n"
            "</li>\n"
            "<li>\n"
            '  <span class="name">Market Cap</span>\n'
            '  <span class="nowrap value">&#8377; <span class="number">37,000</span> Cr.</span>\n'
            "</li>"
        ),
        "ESCORTS",
        pe="30.1",
        market_cap_inr="370000000000",
    ),
    case(
        (
            "*1. Kaynes Technology* - P/E 90x, P/B 12x, ROE 15%, dividend yield 0.1%\n"
            "*2. Syrma SGS* - P/E 60x, P/B 5x, ROE 9%, dividend yield 0.4%"
        ),
        "SYRMA",
        pe="60",
        pb="5",
        roe_pct="9",
        dividend_yield_pct="0.4",
    ),
    case(
        (
            "KAYNES TECHNOLOGY\n"
            "The stock has run up and trades at a P/E of 90x. ROE is 15%.\n"
            "\n"
            "SYRMA SGS\n"
            "At a P/E of 60x this one is cheaper. ROE is 9%."
        ),
        "SYRMA",
        pe="60",
        roe_pct="9",
    ),
]


@pytest.mark.parametrize("given", CASES, ids=str)
def test_lines(given: Case) -> None:
    assert read(given) == given.fields
