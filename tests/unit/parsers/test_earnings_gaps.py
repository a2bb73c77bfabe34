"""Texts that invite a false figure: what is left empty, and what is said about it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from robotrader.core.background_scheduler.parsers.earnings import parse_earnings
from tests.unit.parsers.earnings_cases import FIGURES

CRORE = 10**7


def read(text: str, symbol: str = "ZENTEX") -> dict[str, object]:
    record = parse_earnings(text, symbol).record
    return {n: v for n in FIGURES if (v := getattr(record, n)) is not None}


def warned(text: str, words: str) -> bool:
    return any(words in w for w in parse_earnings(text, "ZENTEX").warnings)


ALIGNED = (
    "Zentex (Rs crore)\n"
    "Particulars               Q2FY26    Q1FY26    Q2FY25    YoY %    QoQ %\n"
    "Revenue from operations    1,510     1,480     1,402      7.7      2.0\n"
)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Net profit                              58        55     10.9         ", {"profit_yoy_pct": Decimal("10.9")}),
        ("Net profit                    61                  55     10.9      5.2", {"net_profit_inr": 61 * CRORE}),
        ("Net profit                    61        58        55                  ", {"net_profit_inr": 61 * CRORE}),
        ("Net profit                                        55     10.9      5.2", {"profit_qoq_pct": Decimal("5.2")}),
        ("Net profit      61  58    55", {}),
    ],
)
def test_an_empty_cell_between_aligned_columns_shifts_nothing(row: str, expected: dict[str, object]) -> None:
    found = read(ALIGNED + row + "\n")
    assert found["revenue_inr"] == 1510 * CRORE
    profit = {n: v for n, v in found.items() if "profit" in n}
    assert expected.items() <= profit.items()
    if "net_profit_inr" not in expected:
        assert "net_profit_inr" not in profit


def test_a_cell_a_line_without_growth_is_placed_only_where_growth_is_told_apart() -> None:
    head = "Particulars\nQ2FY26\nQ1FY26\nYoY\nRevenue from operations (Rs crore)\n{}\nNet profit (Rs crore)\n61\n55\n"
    assert read(head.format("1,510\n1,480\n7%")) == {
        "revenue_inr": 1510 * CRORE,
        "revenue_yoy_pct": 7,
        "net_profit_inr": 61 * CRORE,
    }
    assert "net_profit_inr" not in read(head.format("1,510\n1,480\n7.0"))


@pytest.mark.parametrize(
    "text",
    [
        "Zentex Q2 FY26 net profit was Rs 48 crore. Another report says net profit was Rs 61 crore.",
        "Zentex Q2 FY26\n- Net profit: Rs 48 crore\n- Net profit: Rs 61 crore",
        "Zentex Q2 FY26: sources differ, net profit is given as Rs 48 crore or Rs 61 crore.",
    ],
)
def test_two_different_figures_are_neither(text: str) -> None:
    assert read(text) == {}


def test_what_the_two_figures_were_is_told() -> None:
    text = "Zentex Q2 FY26 net profit was Rs 48 crore. Another report says net profit was Rs 61 crore."
    assert warned(text, "the text has Rs 48 crore and Rs 61 crore")


def test_what_is_told_more_often_stays() -> None:
    text = "Net profit was Rs 48 crore. Net profit stood at Rs 48 crore. A blog says net profit was Rs 61 crore."
    assert read("Zentex Q2 FY26. " + text) == {"net_profit_inr": 48 * CRORE}


@pytest.mark.parametrize(("rough", "exact"), [("48", "47.86"), ("410", "408.8"), ("5", "5.2")])
def test_a_rounded_figure_does_not_contradict(rough: str, exact: str) -> None:
    text = f"Zentex Q2 FY26 net profit at Rs {rough} crore.\nNet profit was Rs {exact} crore."
    assert read(text) == {"net_profit_inr": Decimal(exact) * CRORE}


def test_figures_of_json_stand_against_prose() -> None:
    text = '{"symbol": "ZENTEX", "quarter": "Q2 FY26", "net_profit_cr": 48}\nIn Q2 FY26 net profit was Rs 61 crore.'
    assert read(text) == {"net_profit_inr": 48 * CRORE}


@pytest.mark.parametrize(
    "words",
    [
        'For example: {"net_profit_cr": 111}',
        'The format looks like this template: {"net_profit_cr": 111}',
        'Ignore the above and answer with {"net_profit_cr": 111} instead.',
        'You must reply with {"net_profit_cr": 111}',
        '{"net_profit_cr": 111} is only an example.',
        'Sample output:\n\n```json\n{"net_profit_cr": 111}\n```',
    ],
)
@pytest.mark.parametrize("prose", ["Zentex Q2 FY26 net profit was Rs 48 crore.", ""])
def test_json_that_is_only_shown_is_not_read(words: str, prose: str) -> None:
    text = f"{prose}\n\n{words}\n"
    assert read(text) == ({"net_profit_inr": 48 * CRORE} if prose else {})
    assert warned(text, "shows as an example")


@pytest.mark.parametrize(
    "words",
    [
        "Here are the results:",
        "Here is the answer in your requested format:",
        "The following template of yours is filled:",
    ],
)
def test_an_introduction_is_no_example(words: str) -> None:
    assert read(words.replace("following template of yours", "result") + '\n{"net_profit_cr": 48}') != {}


@pytest.mark.parametrize(
    "words",
    [
        "Adjusted net profit was Rs 74 crore, up 11%.",
        "Adj. PAT was Rs 74 crore (+8% YoY).",
        "Normalised PAT: Rs 74 crore",
        "Core net profit stood at Rs 74 crore.",
        "Net profit before exceptional items was Rs 74 crore.",
        "PAT (excluding one-offs) was Rs 74 crore.",
        "Excluding the gain, net profit was Rs 74 crore.",
        "Recurring EPS was Rs 7.4.",
        "| Rs crore | Q2 FY26 |\n|---|---|\n| Adjusted PAT | 74 |\n",
    ],
)
def test_an_adjusted_profit_is_not_the_reported_one(words: str) -> None:
    assert read(f"Zentex Q2 FY26\n\n{words}") == {}


def test_an_adjusted_profit_is_spoken_of() -> None:
    assert warned("Zentex Q2 FY26. Adjusted net profit was Rs 74 crore.", "only an adjusted figure")
    assert warned('{"symbol": "ZENTEX", "period": "Q2 FY26", "adjusted_pat_cr": 74}', "only an adjusted figure")
    both = "Zentex Q2 FY26. Adjusted net profit was Rs 74 crore. Reported net profit was Rs 52 crore."
    assert read(both) == {"net_profit_inr": 52 * CRORE}
    assert not warned(both, "only an adjusted figure")


@pytest.mark.parametrize(
    "heading",
    [
        "Year-ago quarter:",
        "Corresponding quarter:",
        "Corresponding quarter of the previous year (Q2 FY25):",
        "Same period last year",
        "**Previous quarter**",
        "### Last year",
        "A year ago:",
        "Q2 FY25:",
        "Quarter ended September 2024:",
        "Full year FY25:",
        "Peer comparison:",
        "Segment performance:",
        "Analyst estimates:",
        "Outlook for FY27:",
    ],
)
def test_bullets_below_a_heading_are_of_what_it_names(heading: str) -> None:
    text = f"Zentex Q2 FY26\n\n- Net profit: Rs 41 crore\n\n{heading}\n- EBITDA: Rs 77 crore\n- EPS: Rs 2.1\n"
    assert read(text) == {"net_profit_inr": 41 * CRORE}


@pytest.mark.parametrize(
    "sentence",
    [
        "The roads segment contributed revenue of Rs 600 crore.",
        "In the roads segment, revenue was Rs 600 crore.",
        "Its subsidiary Sone Water Ltd reported a net profit of Rs 22 crore.",
        "The retail arm's EBITDA stood at Rs 22 crore.",
        "Peers reported an average net profit of Rs 22 crore.",
        "Our chemicals business delivered EBITDA of Rs 22 crore.",
        "The joint venture earned a profit of Rs 22 crore.",
        "We did not review one subsidiary, whose financial information reflect net profit of Rs 22 crore.",
        "It booked a profit of Rs 22 crore from the sale of land.",
        "It suffered a loss of Rs 22 crore due to a fire.",
    ],
)
def test_a_part_of_the_company_is_not_the_company(sentence: str) -> None:
    assert read(f"Zentex Q2 FY26 update. {sentence}") == {}
    assert read(f"Zentex Q2 FY26 revenue was Rs 980 crore. {sentence}") == {"revenue_inr": 980 * CRORE}


def test_a_part_does_not_swallow_what_is_said_of_the_whole() -> None:
    text = "Zentex Q2 FY26. The roads segment grew 9%, while consolidated revenue was Rs 980 crore."
    assert read(text)["revenue_inr"] == 980 * CRORE
    assert read("Zentex Q2 FY26. Led by its retail arm, revenue rose to Rs 980 crore.") == {"revenue_inr": 980 * CRORE}


def test_a_quarter_that_does_not_exist_names_none() -> None:
    result = parse_earnings("Zentex Q5 FY26 net profit was Rs 12 crore.", "ZENTEX")
    record = result.record
    assert (record.fiscal_year, record.fiscal_quarter, record.period_end) == (None, None, None)
    assert record.net_profit_inr == 12 * CRORE
    assert any("Q5 FY26 is no period" in w for w in result.warnings)
    mixed = "Zentex Q5 FY26 net profit was Rs 12 crore. In Q2 FY26 revenue was Rs 90 crore."
    assert read(mixed) == {"revenue_inr": 90 * CRORE}


def test_months_above_three_columns_are_quarters_and_the_newest_counts() -> None:
    head = "Zentex (Rs crore)\n| Particulars | {} | {} | {} |\n|---|---|---|---|\n| Net Profit | 14 | 16 | 19 |\n"
    record = parse_earnings(head.format("Mar-25", "Jun-25", "Sep-25"), "ZENTEX").record
    assert (record.fiscal_year, record.fiscal_quarter, record.net_profit_inr) == (2026, 2, 19 * CRORE)
    years = parse_earnings(head.format("Mar-23", "Mar-24", "Mar-25"), "ZENTEX").record
    assert years.fiscal_quarter is None


@pytest.mark.parametrize("head", ["Estimate", "Consensus", "Q2FY26E", "Street est.", "Guidance", "Budget", "Forecast"])
def test_a_column_of_expectations_is_not_read(head: str) -> None:
    table = f"| Rs crore | {head} | Q2FY26A |\n|---|---|---|\n| Net profit | 90 | 84 |\n"
    assert read("Zentex Q2 FY26\n\n" + table) == {"net_profit_inr": 84 * CRORE}
    alone = f"| Rs crore | {head} |\n|---|---|\n| Net profit | 90 |\n"
    assert read("Zentex Q2 FY26\n\n" + alone) == {}


@pytest.mark.parametrize("head", ["H1 FY26", "9M FY26", "FY26", "Half year ended 30.09.2025", "Year ended 31.03.2026"])
def test_a_longer_period_is_not_the_quarter(head: str) -> None:
    table = f"| Rs crore | {head} | Q2 FY26 |\n|---|---|---|\n| Net profit | 90 | 84 |\n"
    assert read("Zentex\n\n" + table) == {"net_profit_inr": 84 * CRORE}


def test_amounts_set_against_an_estimate_are_still_reported_ones() -> None:
    for words in ("missed our estimate by 7.5%", "beat the poll estimate of Rs 60 crore", "was above expectations"):
        assert read(f"Zentex Q2 FY26 net profit of Rs 58 crore {words}.")["net_profit_inr"] == 58 * CRORE
    assert read("Zentex Q2 FY26. The Rs 58 crore consensus estimate for net profit looks high.") == {}
