"""Texts of several companies, and of another company than the one asked for."""

from __future__ import annotations

import pytest

from tests.unit.parsers.fundamental_cases import Case, case, read

CASES = [
    case(("| Metric | SBIN | HDFCBANK |\n|---|---|---|\n| P/E | 10.9 | 19.5 |"), None),
    case("Infosys reported an ROE of 31.8% while TCS has an ROE of 47%.", "INFY", roe_pct="31.8"),
    case("Infosys reported an ROE of 31.8% while TCS has an ROE of 47%.", "TCS", roe_pct="47"),
    case(
        (
            "# Comparison\n"
            "## Infosys (INFY)\n"
            "- P/E: 22.1x\n"
            "- ROE: 31.8%\n"
            "**Recommendation:** BUY\n"
            "\n"
            "## TCS (TCS)\n"
            "- P/E: 28.3x\n"
            "- ROE: 47%\n"
            "**Recommendation:** HOLD\n"
            "\n"
            "## Conclusion\n"
            "A P/E of 25x is fair for the sector.\n"
        ),
        "INFY",
        pe="22.1",
        roe_pct="31.8",
        recommendation="BUY",
    ),
    case(
        (
            "# Comparison\n"
            "## Infosys (INFY)\n"
            "- P/E: 22.1x\n"
            "- ROE: 31.8%\n"
            "**Recommendation:** BUY\n"
            "\n"
            "## TCS (TCS)\n"
            "- P/E: 28.3x\n"
            "- ROE: 47%\n"
            "**Recommendation:** HOLD\n"
            "\n"
            "## Conclusion\n"
            "A P/E of 25x is fair for the sector.\n"
        ),
        "TCS",
        pe="28.3",
        roe_pct="47",
        recommendation="HOLD",
    ),
    case(
        (
            "# Comparison\n"
            "## Infosys (INFY)\n"
            "- P/E: 22.1x\n"
            "- ROE: 31.8%\n"
            "**Recommendation:** BUY\n"
            "\n"
            "## TCS (TCS)\n"
            "- P/E: 28.3x\n"
            "- ROE: 47%\n"
            "**Recommendation:** HOLD\n"
            "\n"
            "## Conclusion\n"
            "A P/E of 25x is fair for the sector.\n"
        ),
        None,
    ),
    case(
        (
            "# Comparison\n"
            "## Infosys (INFY)\n"
            "- P/E: 22.1x\n"
            "- ROE: 31.8%\n"
            "**Recommendation:** BUY\n"
            "\n"
            "## TCS (TCS)\n"
            "- P/E: 28.3x\n"
            "- ROE: 47%\n"
            "**Recommendation:** HOLD\n"
            "\n"
            "## Conclusion\n"
            "A P/E of 25x is fair for the sector.\n"
        ),
        "WIPRO",
    ),
    case(
        ("1. Infosys: P/E 22.1x, ROE 31.8%\n2. TCS: P/E 28.3x, ROE 47%\n3. Wipro: P/E 19x, ROE 16%"),
        "TCS",
        pe="28.3",
        roe_pct="47",
    ),
    case(("- **Infosys**: P/E 22.1x\n- **TCS**: P/E 28.3x\n"), None),
    case(("Yes Bank Limited (NSE: YESBANK)\nP/E: 25.1\nROE: 6%"), "TCS"),
    case("Deepak Fertilisers Limited has a P/E of 18.2 and an ROE of 14%.", "TCS"),
    case(
        (
            "## Stock 1: Infosys\n"
            "The P/E is 22.1 and the ROE 31.8%.\n"
            "\n"
            "## Stock 2: Wipro\n"
            "The P/E is 19 and the ROE 16%."
        ),
        "WIPRO",
        pe="19",
        roe_pct="16",
    ),
    case(("**Infosys** — P/E 22.1x, ROE 31.8%.\n\n**Wipro** — P/E 19x, ROE 16%."), "INFY", pe="22.1", roe_pct="31.8"),
    case("Infosys: PE 22.1, ROE 31.8. TCS: PE 28.3, ROE 47.", "TCS", pe="28.3", roe_pct="47"),
    case(
        (
            "Shakti Pumps (SHAKTIPUMP) trades at a P/E of 24x with an ROE of 30%. KPI Green Energy "
            "(KPIGREEN) trades at a P/E of 35x with an ROE of 19%."
        ),
        "KPIGREEN",
        pe="35",
        roe_pct="19",
    ),
    case(
        (
            "Shakti Pumps (SHAKTIPUMP) trades at a P/E of 24x with an ROE of 30%. KPI Green Energy "
            "(KPIGREEN) trades at a P/E of 35x with an ROE of 19%."
        ),
        "SHAKTIPUMP",
        pe="24",
        roe_pct="30",
    ),
    case(
        ("Pick 1: Shakti Pumps\nP/E 24x, ROE 30%.\n\nPick 2: KPI Green Energy\nP/E 35x, ROE 19%."),
        "KPIGREEN",
        pe="35",
        roe_pct="19",
    ),
    case(
        ("Shakti Pumps\nThe stock is at a P/E of 24x.\n\nKPI Green\nThe stock is at a P/E of 35x."), "KPIGREEN", pe="35"
    ),
    case(
        (
            "Our first pick this week is Shakti Pumps. It trades at a P/E of 24x.\n"
            "\n"
            "The second is KPI Green Energy. It trades at a P/E of 35x."
        ),
        "KPIGREEN",
        pe="35",
    ),
    case(
        (
            "Our first pick this week is Shakti Pumps. It trades at a P/E of 24x.\n"
            "\n"
            "The second is KPI Green Energy. It trades at a P/E of 35x."
        ),
        "SHAKTIPUMP",
        pe="24",
    ),
    case(
        "The P/E multiple of 22.1 looks fair. Peers such as TCS (28.3x) and Wipro (19x) are close.", "INFY", pe="22.1"
    ),
    case("Among peers, TCS trades at 28.3x and Wipro at 19x, while Infosys is at 22.1x earnings.", "INFY", pe="22.1"),
    case(("Name: Infosys Ltd\nSymbol: INFY\nPE: 22.1\nName: TCS Ltd\nSymbol: TCS\nPE: 28.3"), "TCS", pe="28.3"),
    case(("INFY: PE=22.1, PB=6.5\nTCS: PE=28.3, PB=12.6"), "TCS", pe="28.3", pb="12.6"),
    case(("- TCS — 28.3x P/E, 47% ROE\n- Infosys — 22.1x P/E, 31.8% ROE"), "INFY", pe="22.1", roe_pct="31.8"),
    case(("Consolidated P/E: 22.1\nStandalone P/E: 24.5"), "INFY", pe="22.1"),
    case(
        (
            "1) Supreme Industries (SUPREMEIND)\n"
            "   P/E 40.2, ROE 18%\n"
            "2) Finolex Cables (FINCABLES)\n"
            "   P/E 20.5, ROE 13%\n"
        ),
        "FINCABLES",
        pe="20.5",
        roe_pct="13",
    ),
    case(
        (
            "1) Supreme Industries (SUPREMEIND)\n"
            "   P/E 40.2, ROE 18%\n"
            "2) Finolex Cables (FINCABLES)\n"
            "   P/E 20.5, ROE 13%\n"
        ),
        "SUPREMEIND",
        pe="40.2",
        roe_pct="18",
    ),
    case(
        (
            "You asked about Finolex Cables. I could only find Supreme Industries Ltd (NSE: SUPREMEIND): "
            "P/E 40.2, ROE 18%, book value ₹450."
        ),
        "FINCABLES",
    ),
]


@pytest.mark.parametrize("given", CASES, ids=str)
def test_companies(given: Case) -> None:
    assert read(given) == given.fields


SET_AGAINST = "P/E: 42.7x vs. Delta Looms 39.1x, Surya Fab 27.3x\nROE: 10.3% vs. Delta Looms 10.7%, Surya Fab 15.1%\n"
IN_BRACKETS = (
    "Kiran Mills Ltd. P/E of 28.6 (DELTALOOMS 51, Surya Fab 56). ROE of 31.4% (DELTALOOMS 17%). ROCE of 34.6%.\n"
)
OWNED = "Surya Life Insurance Company Ltd\nPromoter (Delta Bank) 55.4% | P/E 81.9 | ROE 14.9%\n"
AGAINST_LINE = "KIRAN MILLS\nPE 35.6 | PB 8.2 | D/E 0.05\nvs Delta Looms: PE 25.1 | PB 7.1\n"
PEERS_ASIDE = (
    "Delta Looms has an ROE of 41%. Peers like Kiran Mills Ltd (55 times, 12 times) look no cheaper. "
    "Promoters have held a steady 58.9%."
)


@pytest.mark.parametrize(
    "given",
    [
        case(SET_AGAINST, "DELTALOOMS", pe="39.1", roe_pct="10.7"),
        case(IN_BRACKETS, "DELTALOOMS", roe_pct="17"),
        case(AGAINST_LINE, "DELTALOOMS", pe="25.1", pb="7.1"),
        case(AGAINST_LINE, "KIRANMILLS", pe="35.6", pb="8.2", debt_to_equity="0.05"),
        case(OWNED, "DELTABANK"),
        case("Surya Fab. ROCE 8.3%. P/E: 61.9 TTM vs 38 for DELTALOOMS. P/B 2.3.", "DELTALOOMS"),
        case(PEERS_ASIDE, "DELTALOOMS", roe_pct="41", promoter_holding_pct="58.9"),
        case("ITC Hotels - P/E: 62.4, P/B: 4.1\nPromoter: ITC Ltd 39.88%", "ITC"),
        case("L&T Finance Ltd\nP/E 27.2\nROE 11.3%", "LT"),
        case(
            "Surya Fab (P/E 68, ROE 28%) is pricier than DELTALOOMS (P/E 54, ROE 19%).",
            "DELTALOOMS",
            pe="54",
            roe_pct="19",
        ),
        case(
            "If the two merged, the combined entity would have an ROCE of 21%. Now its ROCE is 11.7%.",
            "ABCD",
            roce_pct="11.7",
        ),
        case("The Nifty 50 trades at a P/E of 22.6, P/B of 3.5 and dividend yield of 1.3%.", "ABCD"),
    ],
    ids=str,
)
def test_a_company_that_is_only_set_beside_another_has_its_own_figures_or_none(given: Case) -> None:
    assert read(given) == given.fields
