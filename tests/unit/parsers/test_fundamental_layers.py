"""Each layer alone, its parts, and how the layers are put together."""

from __future__ import annotations

from decimal import Decimal

import pytest

from robotrader.core.background_scheduler.parsers.fundamental_analysis import clean_view, parse_fundamentals
from robotrader.core.background_scheduler.parsers.fundamental_basic import read_basic
from robotrader.core.background_scheduler.parsers.fundamental_cells import lead_figure, read_label
from robotrader.core.background_scheduler.parsers.fundamental_companies import best_like, likeness, told_names
from robotrader.core.background_scheduler.parsers.fundamental_facts import NOW, Fact, choose
from robotrader.core.background_scheduler.parsers.fundamental_keys import meaning
from robotrader.core.background_scheduler.parsers.fundamental_prose import read_span
from robotrader.core.background_scheduler.parsers.fundamental_regex import Body, read_regex
from robotrader.core.background_scheduler.parsers.fundamental_structured import read_structured
from robotrader.core.background_scheduler.parsers.fundamental_terms import terms
from robotrader.core.background_scheduler.parsers.fundamental_times import head_time, time_of
from robotrader.core.background_scheduler.parsers.fundamental_values import figures
from robotrader.core.background_scheduler.parsers.fundamental_words import iso
from robotrader.core.background_scheduler.parsers.json_text import find_json
from robotrader.core.background_scheduler.parsers.text import READ_LIMIT, json_view, raw_view
from robotrader.core.background_scheduler.records import Fundamentals, Provenance


def structured(text: str, symbol: str | None = None) -> dict[str, object]:
    marks = raw_view(text)
    reading, _ = read_structured(find_json(json_view(text), marks), clean_view(marks), symbol)
    return {k: f.value for k, f in reading.fields.items()}


def regex(text: str, symbol: str | None = None) -> dict[str, object]:
    marks = raw_view(text)
    return {k: f.value for k, f in read_regex(Body(clean_view(marks), marks), symbol).fields.items()}


def basic(text: str) -> dict[str, object]:
    marks = raw_view(text)
    return {k: f.value for k, f in read_basic(clean_view(marks), marks).fields.items()}


def test_the_structured_layer_reads_json_and_nothing_else() -> None:
    assert structured('P/E: 30\n{"pe": 21.5, "roe": "18%"}\nROCE: 20%') == {
        "pe": Decimal("21.5"),
        "roe_pct": Decimal(18),
    }
    assert structured("P/E: 30") == {}


def test_the_regex_layer_reads_lines_tables_and_prose() -> None:
    text = "P/E: 30\n\n| Ratio | Value |\n|--|--|\n| ROCE | 20% |\n\nThe stock yields little, with an ROE of 18%."
    assert regex(text) == {"pe": Decimal(30), "roce_pct": Decimal(20), "roe_pct": Decimal(18)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Quite simply the ROE that everybody keeps talking of nowadays in Mumbai is 18%.", {"roe_pct": Decimal(18)}),
        (
            "The market cap that Dalal Street so generously grants it is Rs 500 crore.",
            {"market_cap_inr": Decimal(5 * 10**9)},
        ),
        ("The P/E is 30x.", {"pe": Decimal(30)}),
        ("The P/E is 30x. The P/E is 35x.", {}),
        ("The P/E is 30x and the P/B 3x.", {}),
        ("The sector P/E is 30x.", {}),
        ("The P/E was 30x.", {}),
        ("The P/E is 20-30x.", {}),
        ("The P/E is about 30x.", {}),
        ("The P/E is 30.", {}),
        ("Sales growth is 12%.", {}),
        ("The market cap is 500.", {}),
    ],
)
def test_the_basic_layer_takes_only_what_cannot_be_mistaken(text: str, told: dict[str, object]) -> None:
    assert basic(text) == told


def test_each_layer_fills_what_a_stricter_one_left_empty() -> None:
    text = (
        '{"symbol": "ABCD", "pe": 21.5}\n\nROE: 18%\n\n'
        "The market cap that Dalal Street so generously grants it is Rs 500 crore."
    )
    result = parse_fundamentals(text, "ABCD")
    layers = {name: source.layer for name, source in result.record.sources.items()}
    assert layers == {"symbol": "structured", "pe": "structured", "roe_pct": "regex", "market_cap_inr": "basic"}
    assert result.strategy == "structured"
    assert result.record.sources["roe_pct"] == Provenance("regex", "18%", text.index("18%"))


def test_a_stricter_layer_is_not_overruled() -> None:
    record = parse_fundamentals('{"pe": 21.5}\nP/E: 30', "ABCD").record
    assert record.pe == Decimal("21.5")


def test_the_strategy_is_the_strictest_layer_that_read() -> None:
    assert parse_fundamentals("P/E: 30").strategy == "regex"
    assert parse_fundamentals("The ROE that everybody keeps talking of nowadays in Mumbai is 18%.").strategy == "basic"
    assert parse_fundamentals("The shop opens at nine.").strategy == "none"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "I'm sorry, but I cannot provide the P/E ratio or the ROE of this company.",
        "No data is available for ABCD.",
        '{"pe": null, "roe": "N/A", "market_cap": "-"}',
        '{"symbol": "ABCD", "as_of": "2026-01-01"}',
        "{}",
        "P/E: N/A\nROE: not disclosed\nP/B: -",
        "<think>The P/E is 30x.</think>",
        "52-week high 1,200, low 800, price 1,000, face value 10.",
    ],
)
def test_a_refusal_or_an_empty_answer_is_no_data(text: str) -> None:
    result = parse_fundamentals(text, "ABCD")
    assert (result.strategy, result.record) == ("none", Fundamentals())


def test_a_long_text_is_read_to_the_limit_and_says_so() -> None:
    result = parse_fundamentals("P/E: 30\n" + "x" * READ_LIMIT + "\nROE: 18%", "ABCD")
    assert result.record.pe == Decimal(30)
    assert result.record.roe_pct is None
    assert any("long" in w for w in result.warnings)
    padded = parse_fundamentals(" " * READ_LIMIT + "P/E: 30", "ABCD")
    assert padded.record.sources["pe"] == Provenance("regex", "30", READ_LIMIT + 5)


@pytest.mark.parametrize(
    ("text", "symbol", "word"),
    [
        ("P/E: 20-25x", "ABCD", "range"),
        ("ROE: over 20%", "ABCD", "bound"),
        ("ROE: ~20%", "ABCD", "about"),
        ("Market cap: 12,345", "ABCD", "unit"),
        ('{"market_cap": 12345}', "ABCD", "unit"),
        ("Market cap: $12 billion", "ABCD", "rupees"),
        ('{"returnOnEquity": 0.18}', "ABCD", "fraction"),
        ('{"pe": 21.5, "roe": "18', "ABCD", "cut"),
        ("P/E: 20\nP/E: 31", "ABCD", "gives"),
        ("| Metric | TCS | INFY |\n|--|--|--|\n| P/E | 28 | 22 |", None, "several companies"),
        ("| Metric | TCS | INFY |\n|--|--|--|\n| P/E | 28 | 22 |", "ABCD", "ABCD"),
        ('{"TCS": {"pe": 28}, "INFY": {"pe": 22}}', "ABCD", "ABCD"),
        ("Profit growth (Q3 FY26 YoY): 12%", "ABCD", "year"),
    ],
)
def test_a_reader_is_told_what_was_left_out_and_why(text: str, symbol: str | None, word: str) -> None:
    warnings = parse_fundamentals(text, symbol).warnings
    assert any(word in w for w in warnings), warnings


def test_cut_json_keeps_what_was_whole() -> None:
    text = '{"symbol": "ABCD", "pe": 21.5, "roe": "18.4%", "market_cap": "₹12,345 Cr", "pb": 3.2}'
    for at in range(len(text)):
        record = parse_fundamentals(text[:at], "ABCD").record
        assert record.pe in (None, Decimal("21.5")), text[:at]
        assert record.roe_pct in (None, Decimal("18.4")), text[:at]
        assert record.market_cap_inr in (None, Decimal(123450000000)), text[:at]
        assert record.pb in (None, Decimal("3.2")), text[:at]


def told(text: str) -> list[tuple[str, str, str]]:
    return [(str(f.value), f.kind, f.status) for f in figures(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("23.4x", [("23.4", "times", "exact")]),
        ("23.4×", [("23.4", "times", "exact")]),
        ("23.4 times", [("23.4", "times", "exact")]),
        ("17.2 per cent", [("17.2", "percent", "exact")]),
        ("₹1,23,456 Cr", [("123456", "money", "exact")]),
        ("~0.37", [("0.37", "plain", "about")]),
        ("around 24x", [("24", "times", "about")]),
        ("close to 59.8%", [("59.8", "percent", "about")]),
        ("> 15%", [("15", "percent", "bound")]),
        ("over 15%", [("15", "percent", "bound")]),
        ("15%+", [("15", "percent", "bound")]),
        ("15% or more", [("15", "percent", "bound")]),
        ("under 1", [("1", "plain", "bound")]),
        ("20-25x", [("25", "times", "range")]),
        ("₹1,050-1,125", [("1125", "plain", "range")]),
        ("15% to 18%", [("18", "percent", "range")]),
        ("between 3 and 4", [("4", "plain", "range")]),
        ("from 15% to 18%", [("15", "percent", "exact"), ("18", "percent", "exact")]),
        ("-12.5x", [("-12.5", "times", "exact")]),
        ("(44.3)%", [("-44.3", "percent", "exact")]),
        ("growth: (38.1%)", [("-38.1", "percent", "exact")]),
        ("ROE (28.2%)", [("28.2", "percent", "exact")]),
        ("48 . 6", [("48.6", "plain", "exact")]),
        ("₹18.76T", [("18.76", "money", "exact")]),
        ("FY25", []),
        ("2024-25", []),
        ("31-03-2025", []),
        ("in 2025", []),
        ("March 31", []),
        ("5Y", []),
        ("52-week", []),
        ("200 bps", []),
        ("4/5 stars", []),
        ("15.217.3", []),
        ("12,34", []),
    ],
)
def test_figures(text: str, found: list[tuple[str, str, str]]) -> None:
    assert told(text) == found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("P/E", ["pe"]),
        ("Stock P/E", ["pe"]),
        ("price-to-earnings (P/E) ratio", ["pe"]),
        ("PE Ratio (TTM)", ["pe"]),
        ("PEG ratio", ["other"]),
        ("EV/EBITDA", ["other"]),
        ("Price to sales", ["other"]),
        ("Price/Book", ["pb"]),
        ("P/BV", ["pb"]),
        ("price to book value", ["pb"]),
        ("P/ABV", ["other"]),
        ("Return on Equity (ROE)", ["roe_pct"]),
        ("RoNW", ["roe_pct"]),
        ("ROE/ROCE", ["roe_pct", "roce_pct"]),
        ("ROIC", ["other"]),
        ("Debt-to-equity", ["debt_to_equity"]),
        ("Net debt to equity", ["other"]),
        ("Interest coverage ratio", ["other"]),
        ("Quick ratio", ["other"]),
        ("Div Yld", ["dividend_yield_pct"]),
        ("Earnings yield", ["other"]),
        ("Mar Cap", ["market_cap_inr"]),
        ("Free float market cap", ["other"]),
        ("EPS (TTM)", ["eps_ttm_inr"]),
        ("EPS", ["eps"]),
        ("BVPS", ["book_value_inr"]),
        ("adjusted book value", ["other"]),
        ("Promoter holding", ["promoter_holding_pct"]),
        ("Promoter pledge", ["other"]),
        ("FII holding", ["other"]),
        ("EPS growth", ["other"]),
        ("PAT growth", ["profit_growth_pct"]),
        ("Loan growth", ["other"]),
        ("a PE investor said upper", ["pe"]),
        ("superb pear", []),
    ],
)
def test_names_of_ratios(text: str, names: list[str]) -> None:
    assert [t.field for t in terms(text, 0, len(text))] == names


@pytest.mark.parametrize(
    ("path", "field", "factor"),
    [
        ("pe", "pe", None),
        ("valuation/pe_ratio/value", "pe", None),
        ("trailingPE", "pe", None),
        ("P/E", "pe", None),
        ("pToE", "pe", None),
        ("peTTM", "pe", None),
        ("priceToBook", "pb", None),
        ("marketCapCr", "market_cap_inr", 10**7),
        ("market_cap_inr_crore", "market_cap_inr", 10**7),
        ("market_cap/lakh_crore", "market_cap_inr", 10**12),
        ("salesGrowth1YPct", "sales_growth_pct", None),
        ("profit_growth/ttm", "profit_growth_pct", None),
        ("shareholding/promoters", "promoter_holding_pct", None),
        ("roe/FY25", "roe_pct", None),
        ("fundamentals/FY25/roe", "roe_pct", None),
        ("eps_ttm", "eps_ttm_inr", None),
        ("de_ratio", "debt_to_equity", None),
    ],
)
def test_keys_and_their_meaning(path: str, field: str, factor: int | None) -> None:
    found = meaning(tuple(path.split("/") if path != "P/E" else [path]))
    assert found is not None
    assert (found.field, found.factor) == (field, factor)


@pytest.mark.parametrize(
    "path",
    [
        "forward_pe",
        "forwardPE",
        "sector_pe",
        "peers/pe",
        "pe/industry",
        "pe/5y_median",
        "roe/5y_avg",
        "roe_5yr_avg",
        "sales_growth_5y",
        "salesGrowth5YPct",
        "revenue_cagr",
        "sales_growth/3_years",
        "peg",
        "ev_ebitda",
        "eps",
        "promoter_pledge",
        "pe_comment",
        "book_value_growth",
        "market_cap_category",
        "target/pe",
        "interest_coverage",
        "current_price",
        "net_debt_to_equity",
    ],
)
def test_keys_that_are_no_field(path: str) -> None:
    assert meaning(tuple(path.split("/"))) is None


@pytest.mark.parametrize(
    ("label", "field", "own"),
    [
        ("**P/E (TTM)**", "pe", True),
        ("9. ROE (%)", "roe_pct", True),
        ("P/E (FY27E)", "pe", False),
        ("P/E (10Y Median)", "pe", False),
        ("Sector P/E", "pe", False),
        ("Industry-leading ROE", "roe_pct", True),
        ("Sales growth (5Y)", "sales_growth_pct", False),
        ("Sales growth (1Y)", "sales_growth_pct", True),
        ("Quarterly profit growth", "profit_growth_pct", False),
        ("Promoters", "promoter_holding_pct", True),
        ("Unpledged promoter holding", "promoter_holding_pct", False),
        ("div_yield", "dividend_yield_pct", True),
        ("pb", "pb", True),
    ],
)
def test_labels(label: str, field: str, own: bool) -> None:
    found = read_label(label)
    assert found is not None
    assert (found.field, found.own) == (field, own)


@pytest.mark.parametrize("label", ["", "Moat", "Working capital", "ROE and ROCE", "Net profit", "Revenue"])
def test_labels_that_name_no_one_ratio(label: str) -> None:
    assert read_label(label) is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("11.7", "11.7"),
        ("~58x", "58"),
        ("⚠️ 85.27x", "85.27"),
        ("2.65x (10-year low)", "2.65"),
        ("15% → 17%", "17"),
        ("(12.5)", "-12.5"),
        ("3.09x @ ROE 18%", "3.09"),
        ("$12 bn (₹1 lakh crore)", "1"),
    ],
)
def test_the_figure_a_cell_starts_with(cell: str, value: str) -> None:
    found = lead_figure(cell, 0, len(cell))
    assert found is not None
    assert found.value == Decimal(value)


@pytest.mark.parametrize("cell", ["", "-", "N/A", "Strong", "Better than 15", "17% / 20%", "FY25"])
def test_cells_that_start_with_no_figure(cell: str) -> None:
    assert lead_figure(cell, 0, len(cell)) is None


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("FY25", (2025, 4)),
        ("FY2024-25", (2025, 4)),
        ("Q3 FY26", (2026, 3)),
        ("Q3FY26", (2026, 3)),
        ("H1 FY26", (2026, 2)),
        ("Dec 2025", (2026, 3)),
        ("Mar-25", (2025, 4)),
        ("31.12.2025", (2026, 3)),
        ("2024-25", (2025, 4)),
        ("TTM", NOW),
        ("FY25 (TTM)", NOW),
        ("Current (₹3,605)", NOW),
        ("FY24 and FY25", None),
        ("INFY", None),
        ("₹2025", None),
    ],
)
def test_times(text: str, time: tuple[int, int] | None) -> None:
    assert time_of(text) == time


def test_a_bare_year_is_a_time_at_the_head_of_a_column_only() -> None:
    assert head_time("2025") == (2025, 4)
    assert time_of("2025") is None


@pytest.mark.parametrize(
    ("symbol", "name", "level"),
    [
        ("TCS", "TCS", 3),
        ("TCS", "Tata Consultancy Services (TCS)", 3),
        ("ONGC", "O N G C", 3),
        ("HDFCBANK", "HDFC Bank", 2),
        ("NATIONALUM", "Natl. Aluminium", 2),
        ("KOTAKBANK", "Kotak", 1),
        ("KOTAKBANK", "ICICI", 0),
        ("HDFCAMC", "HDFC Bank", 0),
        ("TCS", "Infosys", 0),
        ("TCS", "", 0),
    ],
)
def test_how_alike_a_name_is(symbol: str, name: str, level: int) -> None:
    assert likeness(symbol, name) == level


def test_the_most_alike_name_wins_unless_two_are_weakly_so() -> None:
    assert best_like("HDFCBANK", ["HDFC AMC", "HDFC Bank", "HDFC Life"]) == 1
    assert best_like("KOTAKBANK", ["Kotak", "ICICI"]) == 0
    assert best_like("WIPRO", ["Kotak", "ICICI"]) is None


def test_names_a_text_uses_as_companies() -> None:
    text = (
        "Shakti Pumps (SHAKTIPUMP) is dear. Arman Tubes trades at 20x. Our pick is Beta Wires Works. ROE (TTM) is 5%."
    )
    assert told_names(text) == {"Shakti Pumps", "Arman Tubes", "Beta Wires Works"}


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("2026-01-26", "2026-01-26"),
        ("26 January 2026", "2026-01-26"),
        ("26.01.2026", "2026-01-26"),
        ("January 2026", "2026-01"),
        ("2026-01", "2026-01"),
        ("yesterday", None),
        ("2026", None),
    ],
)
def test_dates_of_figures(words: str, day: str | None) -> None:
    assert iso(words) == day


def fact(value: str, start: int = 0, rank: int = 0, time: tuple[int, int] = NOW, about: bool = False) -> Fact:
    return Fact("pe", Decimal(value), start, start + 1, rank, time, about)


@pytest.mark.parametrize(
    ("facts", "value"),
    [
        ([fact("20", time=(2024, 4)), fact("30", time=(2025, 4))], "30"),
        ([fact("20", time=(2025, 4)), fact("30")], "30"),
        ([fact("20", rank=2), fact("30", 5)], "30"),
        ([fact("20", about=True), fact("21", 5)], "21"),
        ([fact("20"), fact("20.3", 5)], "20.3"),
        ([fact("20"), fact("31", 5)], "20"),
    ],
)
def test_the_choice_among_readings(facts: list[Fact], value: str) -> None:
    assert choose(facts).fields["pe"].value == Decimal(value)


def test_two_readings_that_differ_are_told() -> None:
    assert choose([fact("20"), fact("31", 5)]).warnings == ("pe: the text gives 20 and 31; the first is taken",)
    assert choose([fact("20"), fact("20.3", 5)]).warnings == ()


def test_one_span_gives_facts_and_notes() -> None:
    text = "P/E of 20-25x and an ROE of 18%"
    found = read_span(text, 0, len(text))
    assert [(f.field, f.value) for f in found.facts] == [("roe_pct", Decimal(18))]
    assert [(n.field, n.reason) for n in found.notes] == [("pe", "is given as a range")]


def test_figures_told_twice_are_told_apart_by_the_name_or_left_out() -> None:
    text = "Arman Tubes: P/E 90x, ROE 15%.\nBeta Wires: P/E 60x, ROE 9%."
    assert regex(text.replace("Arman Tubes", "This").replace("Beta Wires", "That"), "ARMAN") == {}
    assert regex(text.replace("Arman Tubes", "This"), "BETAWIRES") == {"pe": Decimal(60), "roe_pct": Decimal(9)}
    assert regex("P/E: 90x\nP/E: 60x\nROE: 9%", "ARMAN") == {"pe": Decimal(90), "roe_pct": Decimal(9)}


def test_json_that_contradicts_itself_in_several_fields_is_left_out() -> None:
    text = '{"a": {"pe": 90, "roe": 15, "pb": 3}, "b": {"pe": 60, "roe": 9}}'
    assert structured(text, "ARMAN") == {"pb": Decimal(3)}
