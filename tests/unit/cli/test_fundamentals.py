"""``fundamentals``, ``compare``, ``earnings --upcoming`` and what ``parse`` and ``why`` show of the newer datasets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from robotrader.cli import render
from robotrader.cli.screens import trail
from robotrader.core.background_scheduler.models import RunReport, TaskOutcome, TaskStatus, TaskType
from robotrader.core.background_scheduler.records import Fundamentals, NewsItem, ParseResult, Provenance
from robotrader.core.errors import NoDataError
from robotrader.core.services.views import UpcomingRow

LOOK = render.Look(datetime(2026, 11, 21, 11, 0, tzinfo=UTC))
DOUBT = "? P/E 11.7 x EPS ₹54 gives ₹632, but market cap and book value give ₹960"


def flat(text: str) -> str:
    """The words of a screen without its lines."""
    return " ".join(text.replace("│", " ").split())


def shown(capsys: Any, *parts: Any) -> str:
    render.show(*parts)
    return str(capsys.readouterr().out)


def test_a_reading_by_group(cli: Any, double: Any) -> None:
    ran = cli("fundamentals", "SBIN", "-n", "3")
    assert ran.code == 0
    assert double.asked == [("fundamentals", "SBIN", 3)]
    assert ran.out.startswith("SBIN · Fundamentals · as of 2026-09-30 · SANDBOX\n")
    words = flat(ran.out)
    for each in (
        "Valuation P/E ? 11.7 P/B 1.52 Market cap ₹8,56,789.12 crore EPS (TTM) ₹54 Book value ₹524.30",
        "Returns ROE 17.2% ROA 1.1% Growth Sales growth +7.5% Profit growth -3.25% Debt Debt to equity 0",
        "Holdings Promoter holding 55.5%",
        "not stated: ROCE, Current ratio",
        DOUBT,
        "Recommendation: Buy Fair value: ₹950 (these are the words of the sandbox's answer, no advice of robotrader)",
        "Strengths: - Largest branch network in India - Low cost of deposits",
        "Weaknesses: - Slippages in farm loans",
        "fetched 3 h ago (21 Nov 2026 13:30 IST) · read by the structured layer",
        "https://example.com/sbi-q2",
    ):
        assert each in words
    assert "Opportunities" not in ran.out
    assert "Threats" not in ran.out


def test_the_history_of_readings(cli: Any, double: Any, make: Any) -> None:
    older = make.reading(
        fetched_at=LOOK.now - timedelta(days=30), record={**make.reading().record, "pe": Decimal("12.25")}, doubts=()
    )
    double.readings = (make.reading(), older)
    words = flat(cli("fundamentals", "SBIN").out)
    assert "History · SANDBOX Fetched P/E P/B ROE D/E EPS Market cap" in words
    assert "21 Nov 2026 ? 11.7 1.52 17.2% 0 ₹54 ₹8,56,789.12 crore" in words
    assert "22 Oct 2026 12.25 1.52" in words
    assert "History" not in cli("fundamentals", "SBIN", "-n", "1").out


def test_words_alone_are_shown_too(cli: Any, double: Any, make: Any) -> None:
    record = {**dict.fromkeys(make.reading().record), "strengths": ("A known name",)}
    double.readings = (make.reading(record=record, doubts=(), provider="perplexity"),)
    out = cli("fundamentals", "SBIN").out
    assert out.startswith("SBIN · Fundamentals\nno ratio is stated\nStrengths:\n- A known name\n")
    assert "not stated" not in out


def test_whose_words_a_recommendation_is(cli: Any, double: Any, make: Any) -> None:
    double.readings = (make.reading(provider="perplexity"),)
    out = cli("fundamentals", "SBIN").out
    assert "SANDBOX" not in out
    assert "(these are the words of the answer, no advice of robotrader)" in out
    silent = {**make.reading().record, "recommendation": None, "fair_value_inr": None}
    double.readings = (make.reading(record=silent),)
    assert "advice" not in cli("fundamentals", "SBIN").out


def test_a_doubt_without_words_still_shows(cli: Any, double: Any, make: Any) -> None:
    double.readings = (make.reading(doubts=({"field": "roe_pct", "check": "bounds", "message": None},)),)
    out = cli("fundamentals", "SBIN").out
    assert "? 17.2%" in out
    assert "? ROE is doubtful (bounds)" in out


def test_fundamentals_as_json(cli: Any, double: Any) -> None:
    document = cli("fundamentals", "SBIN", "--json").json
    assert list(document) == ["symbol", "readings"]
    assert list(document["readings"][0]) == [
        "symbol", "record", "doubts", "provider", "document_id", "fetched_at", "strategy", "sources",
    ]  # fmt: skip
    assert document["readings"][0]["record"]["pe"] == Decimal("11.7")
    assert document["readings"][0]["record"]["threats"] == []
    assert document["readings"][0]["record"]["opportunities"] is None
    assert list(document["readings"][0]["doubts"][0]) == ["field", "check", "message"]


@pytest.mark.parametrize(
    ("arguments", "empty"),
    [
        (("fundamentals", "M&M"), {"symbol": "M&M", "readings": []}),
        (
            ("compare", "M&M", "TCS"),
            {
                "companies": [
                    {
                        "symbol": symbol,
                        **dict.fromkeys(
                            ["record", "doubts", "provider", "document_id", "fetched_at", "strategy", "sources"]
                        ),
                    }
                    for symbol in ("M&M", "TCS")
                ]
            },
        ),
    ],
)
def test_nothing_stored_ends_with_5(cli: Any, double: Any, arguments: tuple[str, ...], empty: Any) -> None:
    double.error = NoDataError("nothing is stored of M&M", remedy="robotrader run-task fundamentals M&M")
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (5, "")
    assert "run-task fundamentals M&M" in ran.err
    ran = cli(*arguments, "--json")
    assert ran.code == 5
    assert ran.json == empty


def test_companies_side_by_side(cli: Any, double: Any) -> None:
    ran = cli("compare", "SBIN", "TCS", "NSE:SBIN")
    assert ran.code == 0
    assert double.asked == [("compare", ["SBIN", "TCS"])]
    words = flat(ran.out)
    for each in (
        "Side by side · SANDBOX SBIN TCS",
        "From SANDBOX SANDBOX Fetched 3 h ago 3 h ago",
        "P/E ? 11.7 11.7",
        "P/B 1.52 - Market cap",
        "ROCE - 64%",
        "Doubts 1 -",
        "stated of none: Current ratio",
        f"? SBIN: {DOUBT[2:]}",
        "no advice of robotrader",
    ):
        assert each in words
    assert "nothing is stored" not in words


def test_whose_figures_stand_in_a_column(cli: Any, double: Any, make: Any) -> None:
    live = make.reading(symbol="TCS", provider="perplexity")
    double.readings = (make.reading(), live)
    assert "From SANDBOX perplexity - Fetched" in flat(cli("compare", "SBIN", "TCS", "M&M").out)
    double.readings = (live, live)
    assert "From" not in cli("compare", "SBIN", "TCS").out


def test_a_company_of_which_nothing_is_stored(cli: Any, double: Any) -> None:
    ran = cli("compare", "SBIN", "TCS", "M&M", "INFY")
    assert ran.code == 0
    assert "Fetched 3 h ago 3 h ago - -" in flat(ran.out)
    assert "nothing is stored of M&M, INFY: robotrader run-task fundamentals M&M INFY" in flat(ran.out)
    companies = cli("compare", "SBIN", "TCS", "M&M", "--json").json["companies"]
    assert [found["symbol"] for found in companies] == ["SBIN", "TCS", "M&M"]
    assert [found["record"] is None for found in companies] == [False, False, True]


@pytest.mark.parametrize(("width", "blocks"), [(80, [3, 3, 1]), (120, [5, 2]), (40, [1] * 7), (20, [1] * 7)])
def test_more_companies_than_fit_are_set_in_blocks(
    cli: Any, double: Any, make: Any, monkeypatch: Any, width: int, blocks: list[int]
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    names = ["SBIN", "TCS", "INFY", "HDFCBANK", "ICICIBANK", "M&M", "BAJAJ-AUTO"]
    double.readings = tuple(make.reading(symbol=name, doubts=()) for name in names)
    out = cli("compare", *names).out
    headers = [line.split() for line in out.splitlines() if line.split() and set(line.split()) <= set(names)]
    assert [name for header in headers for name in header] == names or width < 40
    if width >= 40:
        assert [len(header) for header in headers] == blocks
    assert max(map(len, out.splitlines())) <= width


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("SBIN",), "robotrader fundamentals SBIN"),
        (("SBIN", "NSE:SBIN"), "nothing to compare SBIN with"),
        ((), "Missing argument"),
        (("SBIN", "tcs"), "did you mean TCS?"),
        (("SBIN", "[red]"), "not a trading symbol"),
        (tuple(f"S{number}" for number in range(201)), "more than 200 symbols"),
    ],
)
def test_comparisons_that_cannot_be_meant(cli: Any, double: Any, arguments: tuple[str, ...], message: str) -> None:
    ran = cli("compare", *arguments)
    assert (ran.code, ran.out, double.asked) == (2, "", [])
    assert message in ran.err
    assert [line.split(":")[0] for line in ran.err.splitlines()] == ["error", "hint"]


def found(make: Any, record: Any, **changes: Any) -> TaskOutcome:
    """A task for fundamentals that ended with a record."""
    return TaskOutcome(make.task(type=TaskType.FUNDAMENTAL_ANALYSIS, **changes), record=record)


def test_a_run_shows_its_reading_with_the_doubts(cli: Any, double: Any, make: Any) -> None:
    double.report = RunReport((found(make, make.reading().record),))
    out = cli("run-task", "fundamentals", "SBIN").out
    for words in ("SANDBOX", "? 11.7", DOUBT, "https://example.com/sbi-q2", "1 paid call", "$0.0061"):
        assert words in out
    double.readings = ()
    assert "11.7" in cli("run-task", "fundamentals", "SBIN").out


@pytest.mark.parametrize("command", [("tick",), ("tasks", "retry", "x")])
def test_a_tick_or_a_retry_of_one_reading_shows_its_doubts(
    cli: Any, double: Any, make: Any, command: tuple[str, ...]
) -> None:
    double.report = RunReport((found(make, make.reading().record),))
    out = cli(*command).out
    for words in ("? 11.7", DOUBT, "https://example.com/sbi-q2"):
        assert words in out


def test_a_fresh_reading_is_shown_as_stored(cli: Any, double: Any, make: Any) -> None:
    task = make.task(type=TaskType.FUNDAMENTAL_ANALYSIS, status=TaskStatus.SKIPPED, reason="fresh: fetched 3 h ago")
    double.report = RunReport((TaskOutcome(task),))
    out = cli("run-task", "fundamentals", "SBIN").out
    assert "Promoter holding" in out
    assert out.endswith("skipped: fresh: fetched 3 h ago\n")


def test_several_readings_are_a_line_each(cli: Any, double: Any, make: Any) -> None:
    record = make.reading().record
    words_only = {**dict.fromkeys(record), "threats": ("x",)}
    late = {**dict.fromkeys(record), "promoter_holding_pct": Decimal("55.5")}
    double.report = RunReport(
        (found(make, record), found(make, words_only, symbol="TCS"), found(make, late, symbol="INFY"))
    )
    words = flat(cli("run-task", "fundamentals", "SBIN", "TCS", "INFY").out)
    assert "P/E 11.7, P/B 1.52, ROE 17.2%, Debt" in words
    assert "strengths and weaknesses in" in words
    assert "Promoter holding 55.5%" in words


def test_what_comes_next(cli: Any, double: Any) -> None:
    ran = cli("earnings", "--upcoming")
    assert (ran.code, double.asked) == (0, [("upcoming",)])
    assert ran.out.startswith("Next results · SANDBOX\n")
    words = flat(ran.out)
    assert "SBIN 22 Nov 2026 tomorrow sandbox, 2 days ago" in words
    assert "M&M 3 Dec 2026 in 12 days perplexity, 2 days ago" in words
    assert "no date is known of: TCS, INFY" in words
    document = cli("earnings", "--upcoming", "--json").json
    assert list(document) == ["upcoming"]
    assert list(document["upcoming"][0]) == ["symbol", "date", "days", "fetched_at", "document_id", "provider"]
    assert document["upcoming"][2]["date"] is None


def test_nothing_comes_next(cli: Any, double: Any) -> None:
    double.upcoming_rows = (UpcomingRow("TCS", None, None, None, None, None),)
    assert cli("earnings", "--upcoming").out == "no date is known of: TCS\n"
    double.upcoming_rows = ()
    assert "the watchlist is empty" in cli("earnings", "--upcoming").out
    assert cli("earnings", "--upcoming", "--json").json == {"upcoming": []}


@pytest.mark.parametrize("arguments", [(), ("SBIN", "--upcoming")])
def test_results_of_one_or_of_all(cli: Any, double: Any, arguments: tuple[str, ...]) -> None:
    ran = cli("earnings", *arguments)
    assert (ran.code, ran.out, double.asked) == (2, "", [])
    assert "robotrader earnings --upcoming" in ran.err


def test_a_parsed_text_of_fundamentals(capsys: Any) -> None:
    words = Provenance("regex", "P/E of 11.7", 3)
    record = Fundamentals(
        pe=Decimal("11.70"), market_cap_inr=Decimal(10**13), strengths=("a", "b"), threats=(), sources={"pe": words}
    )
    out = shown(capsys, *trail.parsed(ParseResult("fundamentals", "regex", ("cut",), record), LOOK))
    assert out.startswith("fundamentals: read by the regex layer\n")
    assert "P/E 11.7 regex P/E of 11.7" in flat(out)
    assert "Market cap ₹10,00,000 crore" in flat(out)
    assert "Strengths a; b" in flat(out)
    assert "Threats" not in out
    assert "warning: cut" in out


def test_a_parsed_text_of_news(capsys: Any) -> None:
    words = {"headline": Provenance("structured", "SBI wins", 0)}
    words["published_at"] = Provenance("regex", "2 Nov", 9)
    link = "https://example.com/" + "a" * 100
    known = {"category": "m_and_a", "key_figures": ("₹5 crore",), "published_at": "2026-11-02", "url": link}
    items = (NewsItem("SBI wins", **known, sources=words), NewsItem("B"))
    out = shown(capsys, *trail.parsed(ParseResult("news", "structured", (), items), LOOK))
    assert out.startswith("news: read by the structured layer, 2 stories\n")
    assert "Story 1 Field Value Layer Words" in flat(out)
    assert "Headline SBI wins structured Published 2026-11-02 regex 2 Nov" in flat(out)
    assert link in out.splitlines()
    assert "Story 2" in out
    assert "Summary" not in out


@pytest.mark.parametrize("record", [Fundamentals(), ()])
def test_a_text_without_data(capsys: Any, record: Any) -> None:
    out = shown(capsys, *trail.parsed(ParseResult("x", "none", ("a refusal",), record), LOOK))
    assert out == "warning: a refusal\nno usable data in this text\n"


@pytest.mark.parametrize(
    ("field", "value", "label", "words"),
    [
        ("pe", Decimal("11.7"), "P/E", "11.7"),
        ("fundamentals.roe_pct", Decimal("17.2"), "ROE", "17.2%"),
        ("fundamentals.sales_growth_pct", Decimal(7), "Sales growth", "+7%"),
        ("earnings.eps_inr", Decimal("22.83"), "EPS", "₹22.83"),
        ("news.4f2a.headline", "SBI wins", "Headline", "SBI wins"),
        ("strengths", ["a", "b"], "Strengths", "a; b"),
    ],
)
def test_the_trail_of_any_field(cli: Any, double: Any, field: str, value: Any, label: str, words: str) -> None:
    double.why_view = double.why_view._replace(field=field, value=value)
    ran = cli("why", "SBIN", field)
    assert double.asked == [("why", "SBIN", field)]
    assert ran.out.startswith(f"SBIN · {label} · SANDBOX\n")
    exactly = "" if words == "a; b" or words == str(value) else f"Exactly {value} "
    assert f'Value {words} {exactly}Words "eps_inr": 22.83 Offset' in flat(ran.out)


def test_the_trail_of_a_link_keeps_it_whole(cli: Any, double: Any) -> None:
    link = "https://example.com/" + "a" * 100
    double.why_view = double.why_view._replace(field="url", value=link, words=link)
    out = cli("why", "SBIN", "news.4f2a.url").out
    assert out.startswith("SBIN · Link · SANDBOX\n")
    assert link in out.splitlines()
    assert "Value the link below Words the same Offset" in flat(out)


def test_changes_of_any_dataset(cli: Any, double: Any) -> None:
    changes = (
        {"symbol": "SBIN", "before": {"pe": None}, "after": {"pe": Decimal("11.7")}},
        {"symbol": "TCS", "before": {}, "after": {"strengths": ["a", "b"]}},
        {"symbol": "INFY", "before": {"headlines": ["gone"]}, "after": {}},
        {"symbol": "LT", "before": {}, "after": {"L&T wins Rs. 5 crore: m_and_a: key_figures": ["Rs. 5 crore"]}},
    )
    double.reparse_view = double.reparse_view._replace(documents=1, changes=changes)
    words = flat(cli("reparse", "fundamentals").out)
    assert double.asked == [("reparse", "fundamentals", None)]
    for each in (
        "SBIN P/E - 11.7",
        "TCS Strengths - a; b",
        "INFY Headlines gone -",
        "Key figures - Rs. 5 crore",
        "1 document read again",
    ):
        assert each in words
