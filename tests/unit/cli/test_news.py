"""``news``, ``search`` and ``run-task news``: what they ask for, what they show, how they end."""

from __future__ import annotations

import io
import sys
from datetime import timedelta
from typing import Any

import pytest

from robotrader.cli import snippets, spans
from robotrader.core.background_scheduler.models import RunReport, TaskOutcome, TaskStatus, TaskType
from robotrader.core.errors import NoDataError, ValidationError

DOCUMENT_ID = "019ab7f0-2222-7abc-8def-000000000002"
ITEM_KEYS = [
    "headline", "summary", "published_at", "source", "url", "sentiment", "category", "impact", "key_figures", "symbols",
]  # fmt: skip


def found(make: Any, *stories: Any, **changes: Any) -> TaskOutcome:
    """A task for news that ended with these stories."""
    return TaskOutcome(make.task(type=TaskType.NEWS_PROCESSING, **changes), record=list(stories))


def test_the_stories_of_a_company_stand_with_their_links(cli: Any, double: Any, make: Any) -> None:
    double.news_views = tuple(view for view in double.news_views if view.symbol == "SBIN")
    ran = cli("news", "SBIN", "-n", "5")
    assert ran.code == 0
    assert double.asked == [("news", "SBIN", None, 5)]
    link = make.story().record["url"]
    assert ran.out.splitlines() == [
        "SBIN · News · 2 stories · SANDBOX",
        "",
        "SBI raises ₹7,500 crore through tier 2 bonds",
        "3 h ago (21 Nov 2026 13:30 IST) · Business Standard · id 4f2a91c07be1",
        "The bank placed Basel III compliant bonds with a tenor of 15 years.",
        "M&A · high impact · figures: ₹7,500 crore; 6.93 %",
        link,
        "",
        "A third story",
        "no date; seen 2 h ago · id 6c1d",
        "",
        "where a story comes from: robotrader why SBIN news.4f2a91c07be1.headline",
    ]


def test_only_what_a_story_states_is_shown(cli: Any, double: Any) -> None:
    double.news_views = double.news_views[1:2]
    out = cli("news", "SBIN").out
    assert "yesterday (20 Nov 2026) · id 5a0b" in out
    assert not [word for word in ("impact", "neutral", "figures", "None", "http", "00:00") if word in out]


@pytest.mark.parametrize(
    ("published", "words"),
    [
        ("2026-11-21", "today (21 Nov 2026)"),
        ("2026-11-20", "yesterday (20 Nov 2026)"),
        ("2026-11-23", "in 2 days (23 Nov 2026)"),
        ("2026-08-14", "99 days ago (14 Aug 2026)"),
        ("2025-11-21", "11 months ago (21 Nov 2025)"),
        ("2026-11-21T10:58:00Z", "2 min ago (21 Nov 2026 16:28 IST)"),
        ("2026-11-20T23:00:00", "yesterday (20 Nov 2026)"),
        ("last week", "last week · id"),
        ("2026-13-45", "2026-13-45 · id"),
        ("9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59+00:00 · id"),
        ("9999-12-31", "in 7972 years (31 Dec 9999)"),
        (None, "no date; seen 2 h ago · id"),
    ],
)
def test_a_date_is_shown_no_more_exactly_than_it_is_stated(
    cli: Any, double: Any, make: Any, published: str | None, words: str
) -> None:
    record = {**double.news_views[1].record, "published_at": published}
    double.news_views = (make.story(record=record),)
    assert words in cli("news", "SBIN").out


def test_the_headlines_of_the_watchlist(cli: Any, double: Any, make: Any) -> None:
    ran = cli("news", "--all", "--since", "2d")
    assert double.asked == [("news", None, make.task().slot + timedelta(hours=3) - timedelta(days=2), 20)]
    assert ran.out.startswith("News of the watchlist · SANDBOX\n")
    words = " ".join(ran.out.split())
    assert "SBIN SBI raises ₹7,500 crore through tier 2 bonds · Business Standard · M&A · high impact" in words
    assert "yesterday TCS State Bank opens a branch in Leh" in words
    assert "seen 2 h ago SBIN A third story" in words
    assert "https://" not in ran.out
    assert "3 stories; summaries and links: robotrader news SBIN" in words


def test_a_list_that_was_cut_says_so(cli: Any) -> None:
    assert "only the newest 2 are shown; --limit shows more" in cli("news", "SBIN", "-n", "2").out
    assert "only the newest" not in cli("news", "SBIN", "-n", "4").out
    assert "only the newest 2 are shown" in cli("news", "--all", "-n", "2").out


def test_only_the_news_of_the_sandbox_is_marked(cli: Any, double: Any) -> None:
    double.news_views = tuple(view._replace(provider="perplexity") for view in double.news_views)
    assert "SANDBOX" not in cli("news", "SBIN").out + cli("news", "--all").out
    double.news_views = (*double.news_views[:2], double.news_views[2]._replace(provider="sandbox"))
    assert "SANDBOX" in cli("news", "SBIN").out
    assert "SANDBOX" in cli("news", "--all").out


def test_news_as_json(cli: Any, double: Any) -> None:
    document = cli("news", "SBIN", "--since", "6h", "--json").json
    assert list(document) == ["symbol", "since", "items"]
    assert (document["symbol"], document["since"]) == ("SBIN", "2026-11-21T05:00:00Z")
    assert list(document["items"][0]) == [
        "id", "symbol", "record", "provider", "at", "first_seen", "strategy", "document_ids",
    ]  # fmt: skip
    assert list(document["items"][0]["record"]) == ITEM_KEYS
    assert document["items"][0]["record"]["key_figures"] == ["₹7,500 crore", "6.93 %"]
    assert cli("news", "--all", "--json").json["symbol"] is None


def test_nothing_stored_ends_with_5_and_the_remedy(cli: Any, double: Any) -> None:
    double.error = NoDataError("no news of M&M is stored yet", remedy="robotrader run-task news M&M")
    ran = cli("news", "M&M")
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.splitlines() == ["error: no news of M&M is stored yet", "hint: robotrader run-task news M&M"]
    ran = cli("news", "M&M", "--since", "1w", "--json")
    assert ran.code == 5
    assert ran.json == {"symbol": "M&M", "since": "2026-11-14T11:00:00Z", "items": []}


def test_nothing_new_is_no_failure(cli: Any, double: Any) -> None:
    double.news_views = ()
    ran = cli("news", "SBIN", "--since", "30m")
    assert (ran.code, ran.out) == (0, "no news of SBIN since 21 Nov 2026 16:00 IST\n")
    assert cli("news", "--all").out == "no news of the watchlist\n"


@pytest.mark.parametrize(
    "since",
    ["", "-5d", "0d", "5", "d", "2 d", "1.5d", "2y", "٣d", "2d\x1b[31m", "9" * 5000 + "d", "99999999w", "9999w"],
)
def test_a_span_that_cannot_be_meant(cli: Any, double: Any, since: str) -> None:
    ran = cli("news", "SBIN", "--since", since)
    assert (ran.code, ran.out) == (2, "")
    assert [line.split(":")[0] for line in ran.err.splitlines()] == ["error", "hint"]
    assert max(map(len, ran.err.splitlines())) < 120
    assert double.asked == []


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30m", timedelta(minutes=30)),
        ("6h", timedelta(hours=6)),
        ("2D", timedelta(days=2)),
        (" 1w ", timedelta(weeks=1)),
        ("3660d", timedelta(days=3660)),
    ],
)
def test_spans(text: str, span: timedelta) -> None:
    assert spans.parse(text) == span


@pytest.mark.parametrize("text", ["3661d", "523w"])
def test_a_span_ends_somewhere(text: str) -> None:
    with pytest.raises(ValidationError, match="longer than ten years"):
        spans.parse(text)


@pytest.mark.parametrize("arguments", [(), ("SBIN", "--all"), ("--since", "2d")])
def test_news_of_one_or_of_all(cli: Any, double: Any, arguments: tuple[str, ...]) -> None:
    ran = cli("news", *arguments)
    assert (ran.code, ran.out, double.asked) == (2, "", [])
    assert "robotrader news SBIN, or robotrader news --all" in ran.err


def test_a_run_shows_its_stories(cli: Any, double: Any, make: Any) -> None:
    double.report = RunReport((found(make, double.news_views[0].record, double.news_views[1].record),))
    ran = cli("run-task", "news", "SBIN")
    assert ran.code == 0
    assert double.asked[0] == ("run", "news", ["SBIN"], False)
    assert ran.out.startswith("SBIN · News · 2 stories · SANDBOX\n")
    for words in ("SBI raises", "State Bank opens", "Business Standard", "1 paid call", "$0.0061", DOCUMENT_ID):
        assert words in ran.out
    record = cli("run-task", "news", "SBIN", "--json").json["tasks"][0]["record"]
    assert [list(item) for item in record] == [ITEM_KEYS, ITEM_KEYS]


def test_several_runs_are_a_line_each(cli: Any, double: Any, make: Any) -> None:
    story = double.news_views[0].record
    double.report = RunReport((found(make, story, story), found(make, story, symbol="TCS"), found(make, symbol="INFY")))
    words = " ".join(cli("run-task", "news", "SBIN", "TCS", "INFY").out.split())
    assert "SBIN news COMPLETED 2 stories: SBI raises" in words
    assert "TCS news COMPLETED 1 story: SBI raises" in words
    assert "INFY news COMPLETED $0.0061" in words


def test_fresh_news_are_shown_as_stored(cli: Any, double: Any, make: Any) -> None:
    task = make.task(type=TaskType.NEWS_PROCESSING, status=TaskStatus.SKIPPED, reason="fresh: fetched 3 h ago")
    double.report = RunReport((TaskOutcome(task),))
    ran = cli("run-task", "news", "SBIN")
    assert "SBI raises ₹7,500 crore" in ran.out
    assert ran.out.endswith("skipped: fresh: fetched 3 h ago\n")


def test_a_hit_stands_with_its_words(cli: Any, double: Any) -> None:
    ran = cli("search", "bonds")
    assert ran.code == 0
    assert double.asked == [("search", "bonds", None, None, 20)]
    assert ran.out.splitlines() == [
        "Search · bonds · SANDBOX",
        "",
        "SBI raises ₹7,500 crore through tier 2 bonds",
        "news · SBIN · 3 h ago · story 4f2a91c07be1, SANDBOX",
        "… compliant tier 2 bonds with a tenor of 15 years …",
        "",
        "TCS news",
        f"answer · TCS · 3 days ago · document {DOCUMENT_ID}",
        "bonds",
        "",
        "2 hits",
    ]


def test_what_matched_stands_out_on_a_terminal(cli: Any, monkeypatch: Any) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(sys, "stdout", Terminal())
    cli("search", "bonds")
    assert "tier 2 \x1b[1;4mbonds\x1b[0m with" in sys.stdout.getvalue()  # type: ignore[attr-defined]


def test_a_search_as_asked(cli: Any, double: Any) -> None:
    cli("search", "order", "win ", "--symbol", "NSE:M&M", "--kind", "answer", "-n", "3")
    assert double.asked == [("search", "order win", "M&M", "answer", 3)]
    document = cli("search", "bonds", "--json").json
    assert list(document) == ["query", "hits"]
    keys = ["kind", "ref", "symbol", "provider", "at", "title", "snippet", "matched"]
    assert [list(hit) for hit in document["hits"]] == [keys, keys]
    assert document["hits"][0]["matched"] == ["bonds"]
    assert document["hits"][0]["snippet"] == "… compliant tier 2 bonds with a tenor of 15 years …"


def test_nothing_found_is_no_failure(cli: Any, double: Any) -> None:
    double.hits = ()
    ran = cli("search", "no such\x1b[31m word")
    assert (ran.code, ran.out, ran.err) == (0, "nothing found for no such word\n", "")
    assert cli("search", "x", "--json").json == {"query": "x", "hits": []}


def test_a_search_that_was_cut_says_so(cli: Any) -> None:
    assert cli("search", "x", "-n", "1").out.endswith("1 hit; only the best 1 are shown, --limit shows more\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument"),
        (("",), "nothing to search for"),
        (("  ", "\t"), "nothing to search for"),
        (("w" * 10_240,), "longer than 500 characters"),
        (("x", "--kind", "News"), "did you mean news?"),
        (("x", "--kind", "rumours"), "one of: earnings, news, fundamentals, answer"),
        (("x", "--symbol", "sbin"), "did you mean SBIN?"),
        (("x", "--limit", "0"), "--limit"),
    ],
)
def test_searches_that_cannot_be_meant(cli: Any, double: Any, arguments: tuple[str, ...], message: str) -> None:
    ran = cli("search", *arguments)
    assert (ran.code, ran.out, double.asked) == (2, "", [])
    assert message in ran.err
    assert [line.split(":")[0] for line in ran.err.splitlines()] == ["error", "hint"]


@pytest.mark.parametrize(
    ("snippet", "pieces", "matched"),
    [
        ("plain", [("plain", False)], []),
        ("\x02a\x03", [("a", True)], ["a"]),
        ("x \x02a\x03 y \x02a\x03", [("x ", False), ("a", True), (" y ", False), ("a", True)], ["a"]),
        ("\x03x\x02 y", [("x y", False)], []),
        ("\x02\x02a\x03\x03", [("", False), ("a", True), ("", False)], ["a"]),
        ("", [], []),
    ],
)
def test_marks(snippet: str, pieces: list[tuple[str, bool]], matched: list[str]) -> None:
    assert snippets.pieces(snippet) == pieces
    assert snippets.matched(snippet) == matched
    assert snippets.plain(snippet) == "".join(text for text, _ in pieces)
