"""Whatever the text: no exception, true offsets, nothing invented, linear time."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robotrader.core.background_scheduler.parsers.news import parse_news
from tests.support.yardstick import slowness
from tests.unit.parsers.news_cases import LISTS, ONE, PROSE
from tests.unit.parsers.news_checks import assert_sources

TEXTS = [text for text, _ in LISTS.values()] + [text for text, _ in ONE.values()] + [PROSE]
SYMBOLS = st.sampled_from([None, "TCS", "M&M", "BAJAJ-AUTO", "", "nse:tcs"])


@given(st.text(max_size=400), SYMBOLS)
def test_any_text_is_read_without_an_exception(text: str, symbol: str | None) -> None:
    assert_sources(text, parse_news(text, symbol))


@pytest.mark.parametrize("day", ["5 \u092e\u0908 2026", "5  \u092e\u0908 2026", "5  \u091c\u0942\u0928 2026"])
def test_a_month_of_hindi_may_stand_behind_several_spaces(day: str) -> None:
    text = f"- Orchid Bank raises funds via bonds (Mint, {day})\n"
    assert_sources(text, parse_news(text))


WORDS = st.sampled_from(
    [
        "Orchid",
        "wins",
        "order",
        "(Mint, 5 Jan 2026)",
        "5 Jan 2026",
        "Source:",
        "Mint",
        "Headline:",
        "Date:",
        "|",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "**",
        "*",
        "#",
        "[1]",
        "[1]: https://a.b",
        "https://a.b/c",
        "[x](https://a.b)",
        '{"headline":',
        '"a b c d"',
        "}",
        "[",
        "]",
        ",",
        "<think>",
        "</think>",
        "<li>",
        "</li>",
        "Sentiment: Positive",
        "Dear Sir",
        "Sub: ",
        "Regulation 30",
        "\u2122",
        "\x00",
        "\ud800",
        "\u20e3",
        "📰",
        "\\n",
        '\\"',
        "`",
        "---",
        "\t",
    ]
)


@settings(max_examples=150)
@given(st.lists(WORDS, max_size=40), SYMBOLS)
def test_any_words_of_lists(parts: list[str], symbol: str | None) -> None:
    text = " ".join(parts)
    assert_sources(text, parse_news(text, symbol))


@pytest.mark.parametrize("seed", range(3))
def test_damaged_texts_are_read_without_an_exception(seed: int) -> None:
    rnd = random.Random(seed)
    for sample in TEXTS:
        text = sample
        for _ in range(rnd.randint(1, 6)):
            text = damaged(text, rnd)
        assert_sources(text, parse_news(text))


def damaged(text: str, rnd: random.Random) -> str:
    """The text with something put in, cut out or told twice."""
    at = rnd.randrange(len(text) + 1)
    kind = rnd.random()
    if kind < 0.4:
        return text[:at] + rnd.choice(["\x00", "{", "|", "**", "[", "\ud800", "<", '"', "\n"]) + text[at:]
    return text[:at] + text[at + rnd.randint(1, 60) :] if kind < 0.7 else text[: at + 60] + text[at:]


CHANGES = {
    "line ends": lambda t: t.replace("\n", "\r\n"),
    "fence": lambda t: f"Sure, here is the news.\n\n```markdown\n{t}\n```\n",
    "thoughts": lambda t: f"<think>1. Lily Bank fails in my thoughts (Mint, 1 Jan 2020)</think>\n{t}",
    "disclaimer": lambda t: f"{t}\n\nDisclaimer: please verify the news with the company.\n",
    "quoted": lambda t: "\n".join("> " + line for line in t.split("\n")),
    "byte order mark": lambda t: "\ufeff" + t,
    "wide spaces": lambda t: t.replace(" Bank ", "\u00a0Bank "),
}
MARKDOWN = [n for n in LISTS if n not in ("commas", "tabs", "semicolons", "a feed", "HTML", "pipes without names")]


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_is_read_in_another_dress(change: str) -> None:
    for name in MARKDOWN:
        text, expected = LISTS[name]
        result = parse_news(CHANGES[change](text))
        got = [(i.headline, i.published_at, i.source) for i in result.record]
        assert got == [(e["headline"], e["published_at"], e["source"]) for e in expected], name


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    line = "- Orchid Bank raises funds via bonds (Mint, 5 Jan 2026)\n"
    result = parse_news(" " * 50_000 + line + "x " * 30_000 + line.replace("Orchid", "Lily"))
    assert [item.headline for item in result.record] == ["Orchid Bank raises funds via bonds"]
    assert result.record[0].sources["headline"].offset == 50_002
    assert any("only its first" in warning for warning in result.warnings)


N = 5_000_000
ITEM = '{"headline":"Orchid raises funds","date":"2026-01-05"},'
HOSTILE = {
    "digits": "9",
    "round": "(",
    "braces": "{",
    "squares": "[",
    "pipes": "|",
    "spaces": " ",
    "stars": "*",
    "unders": "_",
    "dashes": "-",
    "dash words": " - a",
    "quotes": '"',
    "objects": '{"',
    "slashes": "\\",
    "line ends": "\n",
    "tabs": "\t",
    "less": "<",
    "hashes": "#",
    "letters": "A",
    "words": "a a a ",
    "names": "Aaa Bbb ",
    "of": "A of ",
    "colons": "A: ",
    "dots": ". ",
    "one line": "Orchid raises Rs 10 crore, ",
    "wins": "wins a b c d ",
    "bullets": "- Orchid raises Rs 10 crore via bonds (Mint, 5 Jan 2026)\n",
    "heads": "# Orchid raises Rs 10 crore via bonds\n",
    "labels": "Headline: Orchid raises funds\n",
    "sources": "Source: Mint\n",
    "days": "5 Jan 2026\n",
    "rows": "| a | 5 Jan 2026 | Orchid raises funds via bonds |\n",
    "links": "[a b c](http://x.y/z) ",
    "urls": "http://a.b/c ",
    "notes": "[1]: http://a.b/c\n",
    "cited": "[1]",
    "open": "[a",
    "bold": "**a b c d** ",
    "refusals": "could not find news ",
    "thoughts": "<think>",
    "tags": '<a href="http://x.y">b</a>',
    "items": "<item><title>a b c d</title>",
    "origins": "(Mint, 5 Jan 2026) ",
    "published": "Published on ",
    "rules": "Regulation 30 ",
    "deep": '{"a":',
    "deep lists": '[{"a":[',
    "stories": ITEM,
    "written stories": ITEM.replace('"', '\\"'),
    "pictures": "📰 ",
    "quoted cells": '"Orchid wins a big order",,5 Jan 2026\n',
    "paragraphs": "The Orchid Bank raised funds (Mint, 5 Jan 2026). It is a bank.\n\n",
}
BEFORE = {"stories": '{"news":[', "written stories": '{"c":"', "slashes": '{"a":"', "rules": "Dear Sir\nSub: "}


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_texts_take_no_time(shape: str) -> None:
    text = BEFORE.get(shape, "") + HOSTILE[shape] * (N // len(HOSTILE[shape]))
    begin = time.process_time()
    parse_news(text, "TCS")
    assert time.process_time() - begin < 3 * slowness()  # a fifth of it on an idle machine


def test_a_table_with_an_open_quote_takes_no_time() -> None:
    begin = time.process_time()
    assert parse_news("date,headline,source\n" + '"' * N).record == ()
    assert parse_news("date,headline,source\n" + "2026-01-05,Orchid raises funds,Mint\n" * (N // 36)).record
    assert time.process_time() - begin < 3 * slowness()
