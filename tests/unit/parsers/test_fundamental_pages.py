"""Pages of portals as they are copied: every figure set apart, tables run together, lists of several companies."""

from __future__ import annotations

import pytest

from tests.unit.parsers.fundamental_cases import Case, case, read

APART = (
    "Arman Tubes Limited\n\nMarket Cap\n2.34K (Cr)\n\nProfitability\n\nPoor\n\nReturn on Equity\n\n12.41%\n\nGood\n\n"
    "Valuation\n\nPrice to Earnings\n\n27.63x\n\nIndustry P/E\n\n19.12x\n\nOwnership Structure\n\nPromoter Holding\n\n"
    "41.87%\n\nFundamental Score\n\n63\n\nDebt to Equity\n\n0.27x\n"
)
TWO_CARDS = (
    "Arman Tubes\n\nP/E\n21.4\nROE\n13.2%\n\nZenlit\n\nP/E\n33.9\nROE\n9.8%\n\nOmkar Plasto\n\nP/E\n17.6\nROE\n11.1%\n"
)
RUN_IN = (
    "Particulars Mar 2025Mar 2024Mar 2023\n   Book NAV/Share(Rs)88.40  79.12  70.03  \n   ROE(%)14.62  13.21  12.94  \n"
    "   ROCE(%)17.15  16.62  15.35  \n"
)
MINUS = "ParticularsMar2024Mar2023Mar2022Mar2021\n   ROE(%)9.487.15-3.84-7.29\n   ROCE(%)11.238.062.19-5.61\n"
NOTES = (
    "Ratios\n2025\n2024\n(a)\nCurrent ratio\nCurrent assets\nCurrent liabilities\n1.72\n1.45\n(b)\nDebt equity ratio\n"
    "Higher because of new long-term loans\nTotal debt\nShareholders' equity\n0.31\n0.18\n(c)\nReturn on equity ratio\n"
    "Profit after tax\nAverage equity\n15.6%\n17.3%\n"
)
ONE_LINE = (
    "| Years | Mar 2025 | Mar 2024 | | Debt-Equity Ratio | 0.42 | 0.51 | | Long Term Debt-Equity Ratio | 0.11 | 0.17 | "
    "| Current Ratio | 1.38 | 1.29 | | ROCE (%) | 12.60 | 11.40 | | RONW (%) | 9.70 | 8.80 |"
)
HEADS_ON = (
    "| 4 | BETA WIRES LIMITED | Cables | 5120 | 4880 |\nHistory of BETA WIRES LIMITED | Sector | P/E FY25 | P/E FY26 |"
    " P/BV FY25 | Dividend yield % | 4.1 | BETA WIRES LIMITED | Cables |\n"
)
OF_THE_OTHER = (
    "Coal India Ltd has high returns. Beta Zinc Ltd (BZL) has a low debt-to-equity ratio of 0.04. The company's market"
    " cap is 31,240.00 Cr with a P/E ratio of 9.62.\n"
)
PICKS = (
    "Arman Tubes ROCE 3yr > 20 debt to equity = 0.03 Highest ever sales\nZENLIT FOODS PROS ROCE:- 26.1 Cons:- Debt to"
    " equity- 0.71\nOmkar Good level to buy ROCE :- -5.4 Debt to Equity:- 0.12 PE :- 212 forward PE :- 64\n"
)
UNHEADED = (
    "Key Ratios | Absolute | |\n---|---|---|\nFY25 | FY24 | |\nBook Value per share (in Rs) | 612 | 534 |\n"
    "ROE (%) | 14.31 | 15.92 |\n"
)
OF_MILLIONS = "PE Ratio 6.40\nMarket Cap412.36M\nEnterprise Value 488.15M\n"
CASES = [
    case(PICKS, "ARMANTUBE", debt_to_equity="0.03"),
    case(UNHEADED, "ARMANTUBE", book_value_inr="612", roe_pct="14.31"),
    case(OF_MILLIONS, "ARMANTUBE", pe="6.40", market_cap_inr="412360000"),
    case(
        APART,
        "ARMANTUBE",
        market_cap_inr="23400000000",
        roe_pct="12.41",
        pe="27.63",
        promoter_holding_pct="41.87",
        debt_to_equity="0.27",
    ),
    case(TWO_CARDS, "ARMANTUBE", pe="21.4", roe_pct="13.2"),
    case(RUN_IN, "ARMANTUBE", book_value_inr="88.40", roe_pct="14.62", roce_pct="17.15"),
    case(MINUS, "ARMANTUBE", roe_pct="9.48", roce_pct="11.23"),
    case(NOTES, "ARMANTUBE", current_ratio="1.72", debt_to_equity="0.31", roe_pct="15.6"),
    case(ONE_LINE, "ARMANTUBE", debt_to_equity="0.42", current_ratio="1.38", roce_pct="12.60", roe_pct="9.70"),
    case(HEADS_ON, "BETAWIRES"),
    case(OF_THE_OTHER, "COALINDIA"),
    case("ROE 12.5 %\nFree Float Mkt Cap \u20b9 412 Cr.\n", "ARMANTUBE", roe_pct="12.5"),
    case("Market Cap: 1.6T Avg Daily Volume: 310.2K\n", "ARMANTUBE", market_cap_inr="1600000000000"),
    case("The stock is trading at a P/B of 2.41953813606583.\n", "ARMANTUBE", pb="2.41953813606583"),
    case(
        "It has a high ROE of 24.3 percent and an ideal debt-to-equity ratio of 0.17.\n",
        "ARMANTUBE",
        roe_pct="24.3",
        debt_to_equity="0.17",
    ),
    case("The ideal debt-to-equity ratio is 0.5.\n", "ARMANTUBE"),
    case("PE ratio (TTM)24.12\nBasic EPS (TTM)\u20b919.36\n", "ARMANTUBE", pe="24.12", eps_ttm_inr="19.36"),
]


@pytest.mark.parametrize("given", CASES, ids=str)
def test_pages(given: Case) -> None:
    assert read(given) == given.fields
