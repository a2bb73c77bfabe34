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
