"""What an HTTP answer means, as a table."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.clients.judgement import Kind, Refusal
from robotrader.core.background_scheduler.clients.payload import (
    bill,
    clean,
    decode_object,
    is_web_address,
    make_sources,
)
from robotrader.core.background_scheduler.clients.perplexity_dialects import judge
from tests.support.perplexity_shapes import ERROR_PAGE, agent_body, chat_body

JSON, HTML = {"content-type": "application/json"}, {"content-type": "text/html; charset=utf-8"}
AGENT = agent_body({}, "SBIN", '{"symbol": "SBIN"}')
CHAT = chat_body({}, "SBIN", '{"symbol": "SBIN"}')
ERROR = json.dumps({"error": {"message": "no such model", "type": "bad_request", "code": 400}}).encode()
Edit = Callable[[dict[str, Any]], Any]


def changed(base: dict[str, Any], edit: Edit) -> bytes:
    value = json.loads(json.dumps(base))
    edit(value)
    return json.dumps(value).encode()


def message(value: dict[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = value["output"][1]
    return item


UNUSABLE: list[tuple[str, dict[str, Any], Edit, str, bool]] = [
    ("agent", AGENT, lambda v: v.update(status="failed"), "status failed", False),
    ("agent", AGENT, lambda v: v.update(status="incomplete"), "status incomplete", False),
    ("agent", AGENT, lambda v: v.update(status="in_progress"), "status in_progress", False),
    ("agent", AGENT, lambda v: v.update(status="queued"), "status queued", False),
    ("agent", AGENT, lambda v: v.update(status="cancelled"), "status cancelled", False),
    ("agent", AGENT, lambda v: v.update(status="requires_action"), "status requires_action", False),
    ("agent", AGENT, lambda v: v.update(status="COMPLETED"), "status COMPLETED", False),
    ("agent", AGENT, lambda v: v.update(status=["completed"]), "status list", False),
    ("agent", AGENT, lambda v: v.pop("status"), "status NoneType", False),
    ("agent", AGENT, lambda v: message(v).update(status="in_progress"), "status in_progress", False),
    ("agent", AGENT, lambda v: message(v).update(content=[]), "empty text", True),
    ("agent", AGENT, lambda v: message(v).update(content=None), "empty text", True),
    ("agent", AGENT, lambda v: message(v)["content"][0].update(text=" \n"), "empty text", True),
    ("agent", AGENT, lambda v: message(v)["content"][0].update(text=None), "empty text", True),
    ("agent", AGENT, lambda v: message(v)["content"][0].update(type="refusal"), "empty text", True),
    ("agent", AGENT, lambda v: v.update(output=[]), "empty text", True),
    ("agent", AGENT, lambda v: v.update(output=None), "empty text", True),
    ("agent", AGENT, lambda v: v["output"].pop(0), "no search result", True),
    ("agent", AGENT, lambda v: v["output"][0].update(results=[]), "no search result", True),
    ("agent", AGENT, lambda v: v["output"][0].update(results=[{"url": "javascript:x"}]), "no search result", True),
    ("agent", AGENT, lambda v: v["output"][0].update(type="finance_results"), "no search result", True),
    ("chat", CHAT, lambda v: v["choices"][0].update(finish_reason="length"), "finish_reason length", False),
    ("chat", CHAT, lambda v: v["choices"][0].update(finish_reason=None), "finish_reason NoneType", False),
    ("chat", CHAT, lambda v: v.update(choices=[]), "finish_reason NoneType", False),
    ("chat", CHAT, lambda v: v["choices"][0]["message"].update(content=""), "empty text", True),
    ("chat", CHAT, lambda v: v["choices"][0]["message"].update(content=None), "empty text", True),
    ("chat", CHAT, lambda v: v["choices"][0]["message"].update(content=[{"type": "image"}]), "empty text", True),
    ("chat", CHAT, lambda v: (v.pop("citations"), v.pop("search_results")), "no search result", True),
    ("chat", CHAT, lambda v: v.update(citations=[], search_results=None), "no search result", True),
]


@pytest.mark.parametrize(("dialect", "base", "edit", "reason", "no_data"), UNUSABLE)
def test_a_success_that_is_none(dialect: Any, base: dict[str, Any], edit: Edit, reason: str, no_data: bool) -> None:
    verdict = judge(200, JSON, changed(base, edit), dialect)
    assert (verdict.kind, verdict.reason, verdict.no_data) == (Kind.UNUSABLE, reason, no_data)
    assert verdict.text == ""
    assert verdict.sources == ()
    assert verdict.cost_usd is not None


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        (HTML, ERROR_PAGE, "not JSON but text/html; charset=utf-8"),
        (HTML, json.dumps(AGENT).encode(), "not JSON but text/html; charset=utf-8"),
        ({}, json.dumps(AGENT).encode(), "no content type"),
        (JSON, b"", "not a JSON object"),
        (JSON, b"[]", "not a JSON object"),
        (JSON, b"null", "not a JSON object"),
        (JSON, b'"text"', "not a JSON object"),
        (JSON, json.dumps(AGENT).encode()[:-1], "not a JSON object"),
        (JSON, b"[" * 100_000, "not a JSON object"),
        (JSON, b'{"a": ' * 100_000, "not a JSON object"),
        (JSON, b'{"a": ' + b"9" * 5000 + b"}", "not a JSON object"),
        (JSON, b'{"error": {"message": "x"}}', "status NoneType"),
    ],
)
def test_a_success_that_is_no_answer(headers: dict[str, str], body: bytes, reason: str) -> None:
    verdict = judge(200, headers, body, "agent")
    assert (verdict.kind, verdict.reason, verdict.no_data) == (Kind.UNUSABLE, reason, False)


def test_a_cut_success_is_never_read() -> None:
    verdict = judge(200, JSON, json.dumps(AGENT).encode(), "agent", complete=False)
    assert (verdict.kind, verdict.reason, verdict.text) == (Kind.UNUSABLE, "it broke off half way", "")


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "refusal"),
    [
        (401, HTML, ERROR_PAGE, Kind.REFUSED, Refusal.KEY_REJECTED),
        (401, JSON, ERROR, Kind.REFUSED, Refusal.KEY_REJECTED),
        (403, JSON, ERROR, Kind.REFUSED, Refusal.KEY_BARRED),
        (429, HTML, ERROR_PAGE, Kind.REFUSED, Refusal.RATE_LIMITED),
        (429, JSON, ERROR, Kind.REFUSED, Refusal.RATE_LIMITED),
        (429, {}, b"", Kind.REFUSED, Refusal.RATE_LIMITED),
        (400, JSON, ERROR, Kind.REFUSED, Refusal.REQUEST),
        (402, JSON, ERROR, Kind.REFUSED, Refusal.REQUEST),
        (404, HTML, ERROR_PAGE, Kind.REFUSED, Refusal.REQUEST),
        (409, JSON, b"{}", Kind.REFUSED, Refusal.REQUEST),
        (422, JSON, b'{"detail": [{"loc": ["body"], "msg": "field required"}]}', Kind.REFUSED, Refusal.REQUEST),
        (301, HTML, ERROR_PAGE, Kind.REFUSED, Refusal.REQUEST),
        (307, {}, b"", Kind.REFUSED, Refusal.REQUEST),
        (302, {}, b"", Kind.UNKNOWN, None),
        (303, {}, b"", Kind.UNKNOWN, None),
        (500, JSON, ERROR, Kind.REFUSED, Refusal.UPSTREAM),
        (503, JSON, b'{"detail": "busy"}', Kind.REFUSED, Refusal.UPSTREAM),
        (503, {"content-type": "application/problem+json"}, ERROR, Kind.REFUSED, Refusal.UPSTREAM),
        (529, JSON, ERROR, Kind.REFUSED, Refusal.UPSTREAM),
        (500, JSON, b"{}", Kind.UNKNOWN, None),
        (500, JSON, b'{"error": null}', Kind.UNKNOWN, None),
        (500, JSON, b'["error"]', Kind.UNKNOWN, None),
        (500, JSON, ERROR[:-3], Kind.UNKNOWN, None),
        (500, {"content-type": "text/plain"}, ERROR, Kind.UNKNOWN, None),
        (502, HTML, ERROR_PAGE, Kind.UNKNOWN, None),
        (502, JSON, b"", Kind.UNKNOWN, None),
        (408, JSON, ERROR, Kind.UNKNOWN, None),
        (504, JSON, ERROR, Kind.UNKNOWN, None),
        (524, JSON, ERROR, Kind.UNKNOWN, None),
        (700, JSON, ERROR, Kind.UNKNOWN, None),
        (101, {}, b"", Kind.UNKNOWN, None),
    ],
)
@pytest.mark.parametrize("dialect", ["agent", "chat"])
def test_whatever_is_no_success(
    dialect: Any, status: int, headers: dict[str, str], body: bytes, kind: Kind, refusal: Refusal | None
) -> None:
    verdict = judge(status, headers, body, dialect)
    assert (verdict.kind, verdict.refusal) == (kind, refusal)
    assert str(status) in verdict.reason
    assert (verdict.text, verdict.sources, verdict.cost_usd) == ("", (), None)


def test_a_cut_error_body_is_no_error_body() -> None:
    assert judge(500, JSON, ERROR, "agent", complete=False).kind is Kind.UNKNOWN
    assert judge(429, JSON, ERROR, "agent", complete=False).refusal is Refusal.RATE_LIMITED


def test_a_completed_agent_answer() -> None:
    verdict = judge(200, {"content-type": "Application/JSON; charset=utf-8"}, json.dumps(AGENT).encode(), "agent")
    assert verdict.kind is Kind.USABLE
    assert verdict.text == '{"symbol": "SBIN"}'
    assert verdict.cost_usd == Decimal("0.00345")
    assert verdict.model == "perplexity/sonar"
    assert verdict.sources == (
        {
            "title": "SBIN results",
            "url": "https://example.com/results/sbin",
            "date": "2025-11-04",
            "last_updated": "2025-11-05",
        },
        {"title": "Filing", "url": "https://example.org/filing", "date": None, "last_updated": None},
    )


def test_a_completed_chat_answer() -> None:
    body = changed(CHAT, lambda v: v["citations"].append("https://example.net/x"))
    verdict = judge(200, JSON, body, "chat")
    assert verdict.kind is Kind.USABLE
    assert verdict.text == '{"symbol": "SBIN"}'
    assert [row["url"] for row in verdict.sources] == [
        "https://example.com/results/sbin",
        "https://example.org/filing",
        "https://example.net/x",
    ]
    assert verdict.cost_usd == Decimal("0.0052")


def test_chat_text_in_parts_and_citations_alone() -> None:
    parts = [{"type": "text", "text": "one "}, {"type": "image"}, {"type": "text", "text": "two"}]
    body = changed(CHAT, lambda v: (v["choices"][0]["message"].update(content=parts), v.pop("search_results")))
    verdict = judge(200, JSON, body, "chat")
    assert (verdict.kind, verdict.text, len(verdict.sources)) == (Kind.USABLE, "one two", 2)


def test_text_of_several_parts_is_joined_and_unknown_items_are_passed_over() -> None:
    extra = {"type": "output_text", "text": " and more", "annotations": [{"url": "https://example.net/mark"}]}
    body = changed(
        AGENT,
        lambda v: (message(v)["content"].append(extra), v["output"].append({"type": "new"}), v["output"].append(7)),
    )
    verdict = judge(200, JSON, body, "agent")
    assert verdict.text == '{"symbol": "SBIN"} and more'
    assert verdict.sources[-1]["url"] == "https://example.net/mark"


def test_links_that_only_the_text_holds_are_no_sources() -> None:
    text = "see https://invented.example/report"
    verdict = judge(200, JSON, changed(AGENT, lambda v: message(v)["content"][0].update(text=text)), "agent")
    assert "invented" not in str(verdict.sources)


def test_unpaired_surrogates_can_be_written() -> None:
    body = json.dumps(AGENT).replace('SBIN\\\\"}', "x").replace('\\"SBIN\\"', "\\ud800\\ud83d\\ude00").encode()
    verdict = judge(200, JSON, body, "agent")
    assert verdict.text.encode()
    assert "\ufffd😀" in verdict.text


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        (0.00345, "0.00345"),
        (0, "0"),
        (3, "3"),
        (10, "10"),
        (100, "100"),
        (0.1, "0.1"),
        (100.01, None),
        (-0.01, None),
        (float("nan"), None),
        (float("inf"), None),
        ("0.003", None),
        (True, None),
        (None, None),
        ([], None),
        (1e-13, None),
        (1e300, None),
    ],
)
@pytest.mark.parametrize("base", [AGENT, CHAT])
def test_the_bill(base: dict[str, Any], cost: object, expected: str | None) -> None:
    body = changed(base, lambda v: v["usage"]["cost"].update(total_cost=cost))
    verdict = judge(200, JSON, body, "agent" if base is AGENT else "chat")
    assert verdict.kind is Kind.USABLE
    assert (None if verdict.cost_usd is None else str(verdict.cost_usd)) == expected


@pytest.mark.parametrize(
    "edit", [lambda v: v.pop("usage"), lambda v: v.update(usage={"cost": 3}), lambda v: v.update(usage=[])]
)
def test_no_bill(edit: Edit) -> None:
    verdict = judge(200, JSON, changed(AGENT, edit), "agent")
    assert (verdict.kind, verdict.cost_usd) == (Kind.USABLE, None)


def test_a_bill_in_another_currency_is_no_bill_in_dollars() -> None:
    assert bill({"usage": {"cost": {"currency": "INR", "total_cost": 3}}}) is None


@pytest.mark.parametrize("number", ["1e999999999999999999999", "1e-999999999", "0." + "1" * 10_000, "1E+999999"])
def test_an_absurd_number_harms_nobody(number: str) -> None:
    payload = decode_object(f'{{"usage": {{"cost": {{"total_cost": {number}}}}}}}'.encode())
    assert payload is not None
    cost = bill(payload)
    assert cost is None or len(str(cost)) < 20


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.com/a?b=c#d", True),
        ("http://example.com", True),
        ("HTTPS://EXAMPLE.COM", True),
        ("https://例え.jp/", True),
        ("ftp://example.com", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.com", False),
        ("https://", False),
        ("https:///path", False),
        ("https://[broken", False),
        ("https://example.com:99999/", False),
        ("https://exa mple.com", False),
        ("https://example.com/\n", False),
        ("https://example.com/\x1b[31m", False),
        ("https://example.com/\u202e", False),
        ("https://example.com/<b>", False),
        ("https://example.com/" + "a" * 2048, False),
        ("", False),
    ],
)
def test_web_addresses(url: str, good: bool) -> None:
    assert is_web_address(url) is good


def test_sources_are_each_once_in_order() -> None:
    rows = [
        {"url": "https://b.example", "title": "B\x1b[31m  x", "date": 5},
        {"url": "https://a.example"},
        {"url": "https://b.example", "title": "again"},
        {"url": None},
        "https://c.example",
        None,
    ]
    sources = make_sources(rows)
    assert [row["url"] for row in sources] == ["https://b.example", "https://a.example"]
    assert sources[0] == {"title": "B [31m x", "url": "https://b.example", "date": None, "last_updated": None}


def test_error_messages_are_cleaned_and_shortened() -> None:
    words = "bad\x1b[31m\n" + "x" * 5000
    verdict = judge(400, JSON, json.dumps({"error": {"message": words}}).encode(), "agent")
    assert verdict.message.startswith("bad [31m xxx")
    assert len(verdict.message) == 400
    assert verdict.message.endswith("...")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "one"}, "message": "two"}, "one"),
        ({"error": "one"}, "one"),
        ({"error": {}, "detail": "one"}, "one"),
        ({"detail": [{"msg": "one"}]}, "one"),
        ({"detail": [7]}, ""),
        ({"message": "one"}, "one"),
        ({"error": {"message": 5}}, ""),
        ({}, ""),
    ],
)
def test_where_an_error_message_is_found(body: dict[str, Any], words: str) -> None:
    assert judge(400, JSON, json.dumps(body).encode(), "agent").message == words


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from(["completed", "stop", "message"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["status", "output", "type", "content", "text", "results", "url", "choices", "usage", "error"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.integers(100, 999), st.binary(max_size=50) | json_values.map(lambda v: json.dumps(v).encode()), st.booleans())
def test_nothing_makes_it_raise(status: int, body: bytes, complete: bool) -> None:
    for dialect in ("agent", "chat"):
        for headers in (JSON, HTML):
            verdict = judge(status, headers, body, dialect, complete=complete)
            assert (verdict.kind is Kind.REFUSED) == (verdict.refusal is not None)
            assert (verdict.kind is Kind.USABLE) == bool(verdict.text)
            assert verdict.kind is not Kind.USABLE or (200 <= status < 300 and verdict.sources and complete)


@given(st.text(), st.integers(4, 50))
def test_clean_text_is_one_short_line(text: str, longest: int) -> None:
    line = clean(text, longest)
    assert len(line) <= longest
    assert line.isprintable() or not line.isascii()
    assert clean(line, longest) == line
