"""The report: trends that are true to their figures, and a page that nothing from outside can take over."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.cli import charts, page, render, series
from robotrader.cli.render import Look
from robotrader.cli.screens import report as screen
from robotrader.cli.series import Point
from robotrader.cli.sparkline import LEVELS, sparkline
from robotrader.core.services.views import (
    EarningsView,
    FundamentalsView,
    NewsView,
    ReportView,
    SymbolReport,
    UpcomingRow,
)

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
LOOK = Look(NOW)
HOSTILE = '</title><script>alert("1")</script><img src=x onerror=alert(2)>\x1b[31m&amp;\u202e'
FIGURES = st.one_of(
    st.none(), st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15)
)


def quarter(year: int, number: int, *, basis: str = "consolidated", **more: Any) -> EarningsView:
    record = {"fiscal_year": year, "fiscal_quarter": number, "basis": basis, "company": "Example", **more}
    return EarningsView(record, "perplexity", f"doc-{year}-{number}-{basis}", NOW, "structured", ())


def reading(day: str, doubts: tuple[dict[str, Any], ...] = (), **more: Any) -> FundamentalsView:
    return FundamentalsView("SBIN", {"as_of": day, **more}, doubts, "perplexity", f"doc-{day}", NOW, "structured", ())


def story(headline: str = "A headline", **more: Any) -> NewsView:
    return NewsView("id", "SBIN", {"headline": headline, **more}, "perplexity", NOW, NOW, "structured", ("doc",))


def one(
    quarters: tuple[EarningsView, ...] = (),
    fundamentals: tuple[FundamentalsView, ...] = (),
    news: tuple[NewsView, ...] = (),
    upcoming: UpcomingRow | None = None,
) -> ReportView:
    return ReportView(NOW, "perplexity", (SymbolReport("SBIN", quarters, fundamentals, news, upcoming),))


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ""),
        ([5], ""),
        ([5, None], ""),
        ([5, 5], "██"),
        ([0, 0], "▁▁"),
        ([0, 7], "▁█"),
        ([99, 100], "██"),  # standing on zero, one percent is no rise worth a step
        ([-7, 0], "−▁"),
        ([-7, -100], "−−"),  # a loss has a mark and no height
        ([-1, None, None, 1], "−··█"),
        ([-1000, 5, 10], "−▅█"),  # a great loss does not lift what was earned
        ([1, 2, 3, 4, 5, 6, 7, 8], "▂▃▄▅▅▆▇█"),
    ],
)
def test_a_sparkline_stands_on_zero(values: list[int | None], drawn: str) -> None:
    assert sparkline([None if value is None else Decimal(value) for value in values]) == drawn


def test_a_sparkline_in_ascii() -> None:
    values = [Decimal(-3), None, *map(Decimal, range(8))]
    assert sparkline(values, plain=True) == "-.12345678"


@given(st.lists(FIGURES))
def test_a_sparkline_has_a_place_for_each_figure_and_keeps_their_order(values: list[Decimal | None]) -> None:
    drawn = sparkline(values)
    assert drawn == "" or len(drawn) == len(values)
    pairs = list(zip(values, drawn, strict=False))
    assert all((mark == "·") == (value is None) for value, mark in pairs)
    assert all((mark == "−") == (value < 0) for value, mark in pairs if value is not None)
    known = sorted((value, LEVELS.index(mark)) for value, mark in pairs if value is not None and value >= 0)
    assert [height for _, height in known] == sorted(height for _, height in known)


def test_quarters_are_of_one_basis_and_show_their_gaps() -> None:
    views = (
        quarter(2026, 2, revenue_inr=Decimal(40)),
        quarter(2026, 2, basis="standalone", revenue_inr=Decimal(30)),
        quarter(2025, 4, revenue_inr=Decimal(20)),
        quarter(2025, 3, basis="standalone", revenue_inr=Decimal(10)),
    )
    assert series.quarters(views, "revenue_inr") == [
        Point("Q4 FY25", Decimal(20)),
        Point("Q1 FY26", None),
        Point("Q2 FY26", Decimal(40)),
    ]


def test_years_long_past_do_not_stretch_the_trend() -> None:
    views = (quarter(2026, 2, eps_inr=Decimal(4)), quarter(2001, 1, eps_inr=Decimal(1)))
    points = series.quarters(views, "eps_inr")
    assert len(points) == series.MOST
    assert points[-1] == Point("Q2 FY26", Decimal(4))
    assert {point.value for point in points[:-1]} == {None}


def test_records_without_a_quarter_make_no_trend() -> None:
    view = EarningsView({"fiscal_year": 2026, "fiscal_quarter": None}, "sandbox", "d", NOW, "regex", ())
    assert series.quarters((view,), "revenue_inr") == []


def test_a_chart_draws_every_known_figure_once() -> None:
    points = [Point("Q1", Decimal(10)), Point("Q2", None), Point("Q3", Decimal(-5)), Point("Q4", Decimal(20))]
    drawn = charts.bars("Profit", points, lambda value: f"Rs {value}")
    assert re.findall(r"<title>([^<]*)</title>", drawn) == ["Q1: Rs 10", "Q3: Rs -5", "Q4: Rs 20"]
    heights = [float(found) for found in re.findall(r'height="([\d.]+)"', drawn)]
    assert heights == pytest.approx([38.4, 19.2, 76.8])  # 96 units for 25, so 3.84 for 1
    assert drawn.count('class="loss"') == 1


@pytest.mark.parametrize("points", [[], [Point("Q1", Decimal(1))], [Point("Q1", None), Point("Q2", Decimal(1))]])
def test_one_figure_is_no_chart(points: list[Point]) -> None:
    assert charts.bars("Profit", points, str) == charts.line("P/E", points, str) == ""


@given(st.lists(FIGURES, min_size=2, max_size=12))
def test_no_figure_leaves_the_drawing(values: list[Decimal | None]) -> None:
    points = [Point(str(number), value) for number, value in enumerate(values)]
    for drawn in (charts.bars("x", points, str), charts.line("x", points, str)):
        tops = [float(found) for found in re.findall(r' (?:y|cy)="(-?[\d.]+)"', drawn)]
        assert all(-1 <= top <= charts.HEIGHT + charts.FOOT for top in tops)


def everything(word: str) -> ReportView:
    """A report in which every field from outside is ``word``."""
    sources = ({"title": word, "url": word}, {"title": word, "url": "javascript:alert(3)"})
    earnings = quarter(2026, 2, company=word, revenue_inr=Decimal(10), basis=word, guidance=word)._replace(
        sources=sources
    )
    doubts = ({"field": "pe", "check": "bounds", "message": word},)
    swot = {"strengths": [word], "weaknesses": [word], "threats": [word], "recommendation": word}
    fundamentals = reading(word, doubts, pe=Decimal(10), **swot)._replace(sources=sources)
    news = story(word, summary=word, source=word, url="javascript:alert(4)", category=word, impact=word)
    return one((earnings, quarter(2026, 1, basis=word, revenue_inr=Decimal(5))), (fundamentals,), (news,))


class Seen(HTMLParser):
    """What a browser would make of a page: its tags and where it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.mark.parametrize("word", [HOSTILE, '" onmouseover="alert(5)', "<!--", "]]>", "&#60;script&#62;", "\ud800"])
def test_nothing_from_outside_becomes_markup(word: str) -> None:
    made = page.page(everything(word), LOOK, "1.0")
    seen = Seen()
    seen.feed(made)
    assert seen.tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "nav", "a", "section", "p", "div", "figure",
        "figcaption", "svg", "rect", "line", "text", "polyline", "circle", "table", "thead", "tbody", "tr", "th", "td",
        "ul", "li", "span", "br", "footer",
    }  # fmt: skip
    assert not [name for name in seen.attributes if name.startswith("on")]
    assert [link for link in seen.links if not link.startswith("#")] == []
    assert "\x1b" not in made
    made.encode("utf-8")


def test_a_link_of_the_web_is_one() -> None:
    url = "https://example.com/a?b=1&c=2"
    made = page.page(one(news=(story(url=url, source="Example"),)), LOOK, "1.0")
    seen = Seen()
    seen.feed(made)
    assert [link for link in seen.links if not link.startswith("#")] == [url, url]  # at the story, and as a source


def test_the_page_asks_for_nothing_and_says_where_it_comes_from() -> None:
    made = page.page(one((quarter(2026, 2, revenue_inr=Decimal(10)),)), LOOK, "1.0")
    assert page.POLICY in made
    assert "SANDBOX" not in made
    assert "SANDBOX" in page.page(one((quarter(2026, 2)._replace(provider="sandbox"),)), LOOK, "1.0")


def test_the_screen_shows_figures_with_trend_news_doubts_and_the_next_results() -> None:
    found = one(
        (
            quarter(2026, 2, revenue_inr=Decimal(20), revenue_yoy_pct=Decimal("4.5")),
            quarter(2026, 1, revenue_inr=Decimal(10)),
        ),
        (reading("2026-11-19", ({"message": "P/E x EPS is not the price"},), pe=Decimal("11.7")),),
        (story("SBIN opens a branch", source="Example"),),
        UpcomingRow("SBIN", "2026-11-27", 7, NOW, "doc", "perplexity"),
    ).symbols[0]
    shown = [str(part) for part in screen.symbol(found, LOOK, plain=False) if isinstance(part, str)]
    assert "? P/E x EPS is not the price" in shown
    assert "earnings just now · news just now · fundamentals just now" in shown
    assert screen.next_results(found) == "27 Nov 2026 (in 7 days)"
    rows = list(screen._quarterly(found, LOOK, plain=False))
    assert rows == [("Revenue", "₹20", "Q2 FY26, +4.5% YoY", "▅█")]


def told(found: ReportView, capsys: Any, *, plain: bool = False) -> str:
    """The words of a report on the terminal."""
    render.show(*screen.report(found, LOOK, plain=plain))
    return " ".join(capsys.readouterr().out.split())


def test_a_symbol_nothing_is_known_of_says_so() -> None:
    shown = screen.symbol(one().symbols[0], LOOK, plain=True)
    assert shown[-1] == "nothing is stored of SBIN yet: robotrader run-task earnings SBIN"


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        (None, "no date; seen 2 h ago"),
        ("2026-11-18", "18 Nov 2026"),
        ("2026-11-18T20:00:00+00:00", "19 Nov 2026"),  # already the next day in India
        ("last week", "last week"),
    ],
)
def test_a_story_has_the_date_it_states(capsys: Any, stated: str | None, shown: str) -> None:
    found = one(news=(story(published_at=stated)._replace(first_seen=NOW - timedelta(hours=2)),))
    assert f"- {shown}: A headline" in told(found, capsys)
    made = page.page(found, LOOK, "1.0")
    assert f'A headline <span class="faint">{shown}</span>' in made


def test_a_page_says_what_has_which_impact() -> None:
    made = page.page(one(news=(story(published_at="2026-11-18", category="m_and_a", impact="low"),)), LOOK, "1.0")
    assert '<span class="faint">18 Nov 2026 · M&amp;A · low impact</span>' in made


def test_what_is_missing_keeps_its_place_on_the_screen(capsys: Any) -> None:
    views = (
        quarter(2026, 2, net_profit_inr=Decimal(8)),
        quarter(2025, 3, net_profit_inr=Decimal(-9)),
        quarter(2025, 2, net_profit_inr=Decimal(4)),
    )
    assert told(one(views), capsys).count("▅−··█") == 1
    assert "5-..8" in told(one(views), capsys, plain=True)


def test_what_is_of_the_sandbox_is_marked_part_by_part(capsys: Any) -> None:
    mixed = one(
        (quarter(2026, 2, revenue_inr=Decimal(10)),),
        (reading("2026-11-19", pe=Decimal(10))._replace(provider="sandbox"),),
        (story(),),
    )
    assert "earnings just now · news just now · fundamentals just now, SANDBOX" in told(mixed, capsys)
    live = SymbolReport("TCS", (quarter(2026, 2),), (), (), UpcomingRow("TCS", "2026-11-27", 7, NOW, "doc", "sandbox"))
    made = page.page(mixed._replace(symbols=(*mixed.symbols, live._replace(upcoming=None))), LOOK, "1.0")
    mark = ' <span class="sandbox">SANDBOX</span>'
    assert f"<h2>SBIN · Example{mark}</h2>" in made
    assert f"<h3>Fundamentals{mark}</h3>" in made
    assert "<h3>Results</h3>" in made
    assert "<h3>News</h3>" in made
    assert "<h2>TCS · Example</h2>" in made
    assert "fundamentals just now, SANDBOX" in made
    assert screen.next_results(live) == "27 Nov 2026 (in 7 days), SANDBOX"
    assert screen.provider_of(live) == "sandbox"


OTHERS = {
    "roa_pct": Decimal("1.1"),
    "debt_to_equity": Decimal("0.5"),
    "current_ratio": Decimal("1.2"),
    "eps_ttm_inr": Decimal(54),
    "book_value_inr": Decimal(524),
    "sales_growth_pct": Decimal("7.5"),
    "profit_growth_pct": Decimal("-3.25"),
}
SAID = (
    "ROA 1.1%", "Debt to equity 0.5", "Current ratio 1.2", "EPS (TTM) ₹54", "Book value ₹524", "Sales growth +7.5%",
    "Profit growth ? -3.25%",
)  # fmt: skip


def test_every_figure_of_a_reading_is_shown_and_a_doubtful_one_marked(capsys: Any) -> None:
    doubt = {"field": "profit_growth_pct", "check": "bounds", "message": ""}
    found = one(fundamentals=(reading("2026-11-19", (doubt,), **OTHERS),))
    words = told(found, capsys)
    assert "nothing is stored" not in words
    made = page.page(found, LOOK, "1.0")
    cells = " ".join(re.sub(r"<[^>]*>", " ", made).split())
    for each in (*SAID, "? Profit growth is doubtful (bounds)"):
        assert each in words
        assert each in cells


def test_words_alone_are_something_that_is_stored(capsys: Any) -> None:
    words = told(one(fundamentals=(reading("2026-11-19", strengths=("A known name",)),)), capsys)
    assert "nothing is stored" not in words
    assert "fundamentals just now" in words
