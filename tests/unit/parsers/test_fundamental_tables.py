"""Tables: ratios down or across, peers, years, averages, HTML, pipes and CSV."""

from __future__ import annotations

import pytest

from tests.unit.parsers.fundamental_cases import Case, case, read

CASES = [
    case(
        (
            "| Metric | SBIN | HDFCBANK | Industry |\n"
            "|---|---|---|---|\n"
            "| P/E | 10.9 | 19.5 | 15 |\n"
            "| ROE | 16.4% | 14% | 13% |"
        ),
        "SBIN",
        pe="10.9",
        roe_pct="16.4",
    ),
    case(
        ("| Metric | SBIN | HDFCBANK | Industry |\n|---|---|---|---|\n| P/E | 10.9 | 19.5 | 15 |"),
        "HDFCBANK",
        pe="19.5",
    ),
    case(("| Metric | SBIN | HDFCBANK |\n|---|---|---|\n| P/E | 10.9 | 19.5 |"), "TCS"),
    case(
        (
            "| Company | P/E | ROE |\n"
            "|---|---|---|\n"
            "| SBI | 10.9 | 16.4% |\n"
            "| HDFC Bank | 19.5 | 14% |\n"
            "| Industry average | 15 | 13% |"
        ),
        "SBIN",
        pe="10.9",
        roe_pct="16.4",
    ),
    case(
        ("P/E\t28.3\nP/B\t12.6\nROE\t47%\nMarket cap\t₹12,36,000 Cr\n"),
        "TCS",
        pe="28.3",
        pb="12.6",
        roe_pct="47",
        market_cap_inr="12360000000000",
    ),
    case(("Metric,FY23,FY24,FY25\nROE,60,62,47\nROCE,70,74,58\n"), "TCS", roe_pct="47", roce_pct="58"),
    case(
        (
            "| Ratio | Mar 2023 | Mar 2024 | Mar 2025 |\n"
            "|-|-|-|-|\n"
            "| ROE % | 60 | 62 | 47 |\n"
            "| Debt / Equity | 0.1 | 0.09 | 0.08 |"
        ),
        "TCS",
        roe_pct="47",
        debt_to_equity="0.08",
    ),
    case(
        (
            "S.No. | Name | CMP Rs. | P/E | Mar Cap Rs.Cr. | Div Yld % | ROCE %\n"
            "---|---|---|---|---|---|---\n"
            "1. | TCS | 3162 | 28.3 | 1236000 | 1.9 | 58.6\n"
            "2. | Infosys | 1500 | 22.1 | 620000 | 2.5 | 40\n"
            " | Median: 10 Co. | 700 | 30 | 9000 | 0.5 | 20"
        ),
        "TCS",
        pe="28.3",
        market_cap_inr="12360000000000",
        dividend_yield_pct="1.9",
        roce_pct="58.6",
    ),
    case(
        ("| Metric | FY25 | FY26E | FY27E |\n|-|-|-|-|\n| P/E | 28.3 | 21 | 19 |\n| ROE | 47% | 66% | 67% |"),
        "TCS",
        pe="28.3",
        roe_pct="47",
    ),
    case(
        ("| P/E | 28.3 | P/B | 12.6 |\n|-|-|-|-|\n| ROE | 47% | ROCE | 58.6% |"),
        "TCS",
        pe="28.3",
        pb="12.6",
        roe_pct="47",
        roce_pct="58.6",
    ),
    case(
        ("| Metric | Company | Sector Avg | 5Y Median |\n|-|-|-|-|\n| P/E | - | 27 | 28 |\n| ROE | 47% | 30% | 50% |"),
        "TCS",
        roe_pct="47",
    ),
    case(
        (
            "| Year | ROE | ROCE | D/E |\n"
            "|-|-|-|-|\n"
            "| FY23 | 60% | 70% | 0.1 |\n"
            "| FY25 | 47% | 58% | 0.08 |\n"
            "| FY24 | 62% | 75% | 0.09 |"
        ),
        "TCS",
        roe_pct="47",
        roce_pct="58",
        debt_to_equity="0.08",
    ),
    case(("| | P/E | P/B |\n|-|-|-|\n| TCS | 28.3 | 12.6 |\n| Sector | 27 | 8 |"), "TCS", pe="28.3", pb="12.6"),
    case(
        (
            "| Metric | Value |\n"
            "|-|-|\n"
            "| Market Cap | 12,36,000 |\n"
            "| P/E | 28.3 |\n"
            "| Forward P/E | 20 |\n"
            "| PEG | 2.5 |\n"
            "| Promoter Pledge | 1% |\n"
            "| Promoter Holding | 71.8% |\n"
            "| 52-week High/Low | 4,161/3,000 |"
        ),
        "TCS",
        pe="28.3",
        promoter_holding_pct="71.8",
    ),
    case(
        (
            "| Metric | Value |\n"
            "|-|-|\n"
            "| Sales growth (3Y) | 12% |\n"
            "| Sales growth (1Y) | 6% |\n"
            "| Profit growth 5Y CAGR | 11% |\n"
            "| Profit growth (TTM) | 2% |"
        ),
        "TCS",
        sales_growth_pct="6",
        profit_growth_pct="2",
    ),
    case(
        ("| Bank | P/E | ROE |\n|-|-|-|\n| Kotak | 31.7 | 14% |\n| ICICI | 20.1 | 19% |"),
        "KOTAKBANK",
        pe="31.7",
        roe_pct="14",
    ),
    case("P/E: 22.1 | P/B: 6.5 | ROE: 31.8%", "INFY", pe="22.1", pb="6.5", roe_pct="31.8"),
    case(
        (
            "<table><tr><th>Ratio</th><th>Value</th></tr>\n"
            "<tr><td>P/E</td><td>22.1</td></tr>\n"
            "<tr><td>ROE</td><td>31.8%</td></tr></table>"
        ),
        "INFY",
        pe="22.1",
        roe_pct="31.8",
    ),
    case("<tr><td>P/E</td><td>22.1</td></tr><tr><td>ROE</td><td>31.8%</td></tr>", "INFY", pe="22.1", roe_pct="31.8"),
    case(
        "P/E Ratio 22.1 (Sector 27.5) | P/B Ratio 6.5 (Sector 8) | Div Yield 2.5%",
        "INFY",
        pe="22.1",
        pb="6.5",
        dividend_yield_pct="2.5",
    ),
    case(
        "Valuation: PE 22.1x | EV/EBITDA 15x | Mcap Rs 6.2 lakh cr", "INFY", pe="22.1", market_cap_inr="6200000000000"
    ),
    case(
        (
            "| Company | Mcap (₹ Cr) | P/E | P/B | RoE |\n"
            "|--|--|--|--|--|\n"
            "| Infosys | 6,20,000 | 22.1 | 6.5 | 31.8% |\n"
            "| **Wipro** | 2,50,000 | 19 | 3 | 16% |\n"
            "| Peer avg | - | 25 | 5 | 20% |"
        ),
        "WIPRO",
        market_cap_inr="2500000000000",
        pe="19",
        pb="3",
        roe_pct="16",
    ),
    case(
        (
            "Shareholding pattern\n"
            "| Category | Sep 2025 | Jun 2025 |\n"
            "|--|--|--|\n"
            "| Promoters | 14.6% | 14.7% |\n"
            "| FIIs | 33% | 32% |"
        ),
        "INFY",
        promoter_holding_pct="14.6",
    ),
    case(
        "ROCE: 40.1% | ROE: 31.8% (industry: 25%) | D/E: 0.1 (ideal < 1)",
        "INFY",
        roce_pct="40.1",
        roe_pct="31.8",
        debt_to_equity="0.1",
    ),
    case(
        ("Infosys (INFY) vs TCS (TCS)\n\n| | INFY | TCS |\n|--|--|--|\n| P/E | 22.1 | 28.3 |\n| ROE | 31.8% | 47% |"),
        "INFY",
        pe="22.1",
        roe_pct="31.8",
    ),
    case(
        ("| Market Cap | P/E | ROE | Div Yield |\n|--|--|--|--|\n| ₹6,20,000 Cr | 22.1 | 31.8% | 2.5% |"),
        "INFY",
        market_cap_inr="6200000000000",
        pe="22.1",
        roe_pct="31.8",
        dividend_yield_pct="2.5",
    ),
    case(
        "| **Market Cap**<br>₹6,20,000 Cr | **P/E**<br>22.1 | **ROE**<br>31.8% |",
        "INFY",
        market_cap_inr="6200000000000",
        pe="22.1",
        roe_pct="31.8",
    ),
    case(
        (
            "| Particulars | Fiscal 2025 | Fiscal 2024 | Fiscal 2023 |\n"
            "|--|--|--|--|\n"
            "| Return on Net Worth (%) | 25.3 | 20.1 | 15.0 |\n"
            "| Debt-Equity Ratio (times) | 0.5 | 0.7 | 0.9 |\n"
            "| ROCE (%) | 28 | 22 | 18|"
        ),
        "ABCD",
        roe_pct="25.3",
        debt_to_equity="0.5",
        roce_pct="28",
    ),
    case(
        ("<table>\n<tr>\n<td>P/E</td>\n<td>22.1</td>\n</tr>\n<tr>\n<td>ROE</td>\n<td>31.8%</td>\n</tr>\n</table>"),
        "INFY",
        pe="22.1",
        roe_pct="31.8",
    ),
    case(
        (
            "| AMC | P/E | ROE |\n"
            "|--|--|--|\n"
            "| HDFC AMC | 38 | 30% |\n"
            "| Nippon Life AMC | 35 | 29% |\n"
            "| HDFC Bank | 19 | 16% |"
        ),
        "HDFCAMC",
        pe="38",
        roe_pct="30",
    ),
    case(
        "Company: Alpha Pumps Ltd | Sector: Pumps | P/E: 22.1 | ROE: 31.8% | Mcap: 1,200 Cr",
        "ALPHAPUMP",
        pe="22.1",
        roe_pct="31.8",
        market_cap_inr="12000000000",
    ),
    case(
        (
            "| Criterion | Threshold | Actual | Result |\n"
            "|--|--|--|--|\n"
            "| P/E | < 25 | 45.2 | FAIL |\n"
            "| ROE | > 15% | 31.8% | PASS |"
        ),
        "INFY",
        pe="45.2",
        roe_pct="31.8",
    ),
    case(
        (
            "| Parameter | Infosys | TCS | Better |\n"
            "|--|--|--|--|\n"
            "| P/E | 22.1 | 28.3 | Infosys |\n"
            "| ROE | 31.8% | 47% | TCS |"
        ),
        "TCS",
        pe="28.3",
        roe_pct="47",
    ),
    case(
        (
            "| Metric | Q3 FY26 | Q2 FY26 | Q3 FY25 |\n"
            "|--|--|--|--|\n"
            "| ROE (annualised) | 16.1% | 15.8% | 15% |\n"
            "| ROA | 1.2% | 1.1% | 1% |"
        ),
        "ABCD",
        roe_pct="16.1",
        roa_pct="1.2",
    ),
    case(
        (
            "| Metric | FY23 | FY24 | FY25 | TTM |\n"
            "|--|--|--|--|--|\n"
            "| Sales growth | 10% | 12% | 8% | 6% |\n"
            "| ROCE | 20% | 22% | 24% | |"
        ),
        "ABCD",
        sales_growth_pct="6",
        roce_pct="24",
    ),
    case(
        ("Market Cap | P/E | ROE\n₹1,234 Cr | 22.1 | 15%\n"),
        "ABCD",
        market_cap_inr="12340000000",
        pe="22.1",
        roe_pct="15",
    ),
    case(
        ("PE Ratio | 22.1 | PB Ratio | 6.5\nDividend Yield | 2.5% | Sector PE | 28\n"),
        "ABCD",
        pe="22.1",
        pb="6.5",
        dividend_yield_pct="2.5",
    ),
    case(
        (
            "| Shareholder | Dec-25 | Sep-25 | Jun-25 |\n"
            "|--|--|--|--|\n"
            "| Promoters | 50.1 | 50.3 | 50.5 |\n"
            "| FIIs | 20 | 21 | 22 |"
        ),
        "ABCD",
        promoter_holding_pct="50.1",
    ),
    case(
        (
            "| Ratio | Company | Industry |\n"
            "|:--|--:|--:|\n"
            "| Price/Earnings | 22.10 | 28.30 |\n"
            "| Price/Book | 6.50 | 5.10 |\n"
            "| Net Profit Margin | 17% | 12% |\n"
            "| Return on Equity | 31.8% | 20% |\n"
            "| Debt/Equity | 0.10 | 0.40 |\n"
            "| Current Ratio | 2.20 | 1.50 |"
        ),
        "ABCD",
        pe="22.1",
        pb="6.5",
        roe_pct="31.8",
        debt_to_equity="0.1",
        current_ratio="2.2",
    ),
    case(
        ("| Ratio | Industry | Company |\n|--|--|--|\n| P/E | 28.30 | 22.10 |\n| ROE | 20% | 31.8% |"),
        "ABCD",
        pe="22.1",
        roe_pct="31.8",
    ),
    case(
        (
            "| Growth | 1Y | 3Y | 5Y |\n"
            "|--|--|--|--|\n"
            "| Sales growth | 6% | 9% | 12% |\n"
            "| Profit growth | 2% | 8% | 14% |"
        ),
        "ABCD",
        sales_growth_pct="6",
        profit_growth_pct="2",
    ),
    case(
        (
            "Market Cap | ₹ 123 Cr. | Current Price | ₹ 45 | High / Low | ₹ 67 / 34 | Stock P/E | 12.3 | "
            "Book Value | ₹ 56 | Dividend Yield | 0.00 % | ROCE | 10 % | ROE | 12 % | Face Value | ₹ 10"
        ),
        "ABCD",
        market_cap_inr="1230000000",
        pe="12.3",
        book_value_inr="56",
        dividend_yield_pct="0",
        roce_pct="10",
        roe_pct="12",
    ),
    case(
        (
            "| | Pre IPO | Post IPO |\n"
            "|--|--|--|\n"
            "| EPS (Rs) | 20.3 | 18.1 |\n"
            "| P/E (x) | 18.7 | 20.9 |\n"
            "| Market Cap (₹ Cr.) | 740.9 | |\n"
            "\n"
            "| KPI | Values |\n"
            "|--|--|\n"
            "| ROE | 25.3% |\n"
            "| ROCE | 28.1% |\n"
            "| Debt/Equity | 0.5 |\n"
            "| RoNW | 25.3% |\n"
            "| Price to Book Value | 4.5 |"
        ),
        "ABCD",
        roe_pct="25.3",
        roce_pct="28.1",
        debt_to_equity="0.5",
        pb="4.5",
        pe="18.7",
        market_cap_inr="7409000000",
    ),
    case(
        ("Market Cap ₹1,23,456 Cr | P/E 24.5 | P/B 3.1 | ROE 18.4%\nSector: Pumps"),
        "ABCD",
        market_cap_inr="1234560000000",
        pe="24.5",
        pb="3.1",
        roe_pct="18.4",
    ),
    case(
        "M.Cap (Rs cr): 12,345 | TTM PE: 24.5 | Ind PE: 30 | BV: 640",
        "ABCD",
        market_cap_inr="123450000000",
        pe="24.5",
        book_value_inr="640",
    ),
    case(
        (
            "| | Arman | Beta Wires | Gamma |\n"
            "|--|--|--|--|\n"
            "| Mcap (₹ cr) | 12,345 | 2,345 | 345 |\n"
            "| P/E | 24.5 | 14 | 9 |"
        ),
        "BETAWIRES",
        market_cap_inr="23450000000",
        pe="14",
    ),
    case(
        ("Market Cap\n| ₹ 123 Cr. |\nStock P/E\n| 12.3 |\nROE\n| 15 % |"),
        "ABCD",
        market_cap_inr="1230000000",
        pe="12.3",
        roe_pct="15",
    ),
    case(
        ("| P/E | P/B |\n| 12.3 | 1.4 |\n| ROE | ROCE |\n| 15% | 18% |"),
        "ABCD",
        pe="12.3",
        pb="1.4",
        roe_pct="15",
        roce_pct="18",
    ),
    case(
        ("|Market Cap|₹ 123 Cr||P/E|12.3||\n|ROE|15%||ROCE|18%||"),
        "ABCD",
        market_cap_inr="1230000000",
        pe="12.3",
        roe_pct="15",
        roce_pct="18",
    ),
    case(("| | |\n|--|--|\n| Market Cap | ₹ 123 Cr |\n| P/E | 12.3 |"), "ABCD", market_cap_inr="1230000000", pe="12.3"),
    case(
        "ROE (%) FY21: 25.4 FY22: 30.1 FY23: 28.0 | ROCE (%) FY21: 22.4 FY22: 35.1 FY23: 38.0",
        "ABCD",
        roe_pct="28",
        roce_pct="38",
    ),
    case(
        (
            "| Holder | Dec 2025 | Sep 2025 |\n"
            "|--|--|--|\n"
            "| Indian Promoters | 30.1% | 30.2% |\n"
            "| Foreign Promoters | 20.0% | 20.1% |\n"
            "| Promoters | 50.1% | 50.3% |"
        ),
        "ABCD",
        promoter_holding_pct="50.1",
    ),
    case(("| Category | No. of shares | % |\n|--|--|--|\n| Promoters | 12,34,567 | 50.1 |"), "ABCD"),
]


@pytest.mark.parametrize("given", CASES, ids=str)
def test_tables(given: Case) -> None:
    assert read(given) == given.fields
