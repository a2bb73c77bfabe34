from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robotrader.core.background_scheduler.parsers.json_text import Block, Node, find_json, leaves, plain_key
from robotrader.core.background_scheduler.parsers.text import json_view, raw_view


def blocks(text: str) -> list[Block]:
    return find_json(json_view(text), raw_view(text))


def told(text: str) -> dict[str, str]:
    return {"/".join(p): n.text for b in blocks(text) for p, n in leaves(b.node)}


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "x", "b": 12}',
        'Sure:\n```json\n{"a": "x", "b": 12}\n```\nDone.',
        '\ufeff{"a": "x", "b": 12}',
        "{'a': 'x', 'b': 12,}",
        "{“a”: “x”, “b”: 12}",
        '{"a": "x" "b": 12}',
        '{a: "x", b: 12}',
        '{"a": "x", "b": 12}' + " }" * 400,
        '// note\n{"a": "x", // why\n "b": 12}',
        '> {"a": "x",\n> "b": 12}',
        '<think>{"a": "draft"}</think>{"a": "x", "b": 12}',
        '{"a": "x", "b": 12',
        '{"a": "x", "b": 12,\n "c": "cut he',
        '{"a": "x", "b": 12, "c": {"d": 4',
    ],
)
def test_one_object_in_many_shapes(text: str) -> None:
    found = told(text)
    if text.endswith("12"):
        found["b"] = "12"  # the number at the very end may go on: it is dropped
        assert told(text) == {"a": "x"}
    assert found == {"a": "x", "b": "12"}


def test_a_cut_value_is_dropped_and_marked() -> None:
    (block,) = blocks('{"items": [{"a": 1}, {"a": 2, "b": "half of a sen')
    assert not block.node.complete
    items = block.node.get("items")
    assert items is not None
    assert [i.complete for i in items.items] == [True, False]
    assert told('{"items": [{"a": 1}, {"a": 2, "b": "half of a sen') == {"items/a": "2"}


def test_every_cut_of_an_answer_keeps_only_whole_values() -> None:
    whole = '{"rows": [{"name": "Alpha \\"x\\"", "n": 1035}, {"name": "Beta", "n": -2.5, "ok": true}]}'
    allowed = {n.text for b in blocks(whole) for _, n in leaves(b.node)}
    for cut in range(len(whole)):
        for block in blocks(whole[:cut]):
            assert {n.text for _, n in leaves(block.node)} <= allowed


def test_offsets_point_into_the_text() -> None:
    text = 'x {"a": "one", "b": [2, 3], "c": null}'
    for block in blocks(text):
        for _, node in leaves(block.node):
            assert text[node.start : node.end] == node.text


def test_a_label_before_a_block_and_two_blocks() -> None:
    found = blocks('"ABC": {"x": 1},\n"DEF": {"x": 2}')
    assert [b.label for b in found] == ["ABC", "DEF"]


def test_quotes_within_strings() -> None:
    assert told('{"a": "he said "yes" to it", "b": "it\'s"}') == {"a": 'he said "yes" to it', "b": "it's"}
    assert told('{"a": "he said “yes”, then left"}') == {"a": "he said “yes”, then left"}


def test_bare_words_grouped_numbers_and_missing_values() -> None:
    assert told('{"a": ₹1,515 crore, "b": 65,799, "c": , "d": [1,2]}') == {
        "a": "₹1,515 crore",
        "b": "65,799",
        "c": "null",
        "d": "2",
    }


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "{not json}", "no braces", "[1] and [2]", "{" * 500, "[" * 500, '{"a"', "{'a' b}"]
)
def test_nothing_to_read(text: str) -> None:
    assert told(text) == {}


def test_depth_and_size_are_bounded() -> None:
    deep = '{"a":' * 300 + "1" + "}" * 300
    assert told(deep) == {} or all(len(k.split("/")) < 100 for k in told(deep))
    assert blocks('{"a": "' + 'x" y' * 40_000 + '"}') == []


def test_get_and_plain_key() -> None:
    (block,) = blocks('{"netProfit (₹ Cr)": 1, "B": 2}')
    node = block.node.get("b")
    assert isinstance(node, Node)
    assert node.text == "2"
    assert block.node.get("z") is None
    assert plain_key("netProfit (₹ Cr)") == "net_profit_cr"
    assert plain_key("EPSActual") == "epsactual"


scalars = st.one_of(st.integers(-(10**9), 10**9), st.text("abc xyz", min_size=1, max_size=8), st.booleans(), st.none())


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=6), scalars, min_size=1, max_size=6))
def test_what_json_writes_is_read_back(data: dict[str, object]) -> None:
    found = told(json.dumps(data))
    assert set(found) == set(data)
    for key, value in data.items():
        assert found[key] == (value if isinstance(value, str) else json.dumps(value))


@settings(max_examples=150)
@given(st.text("{}[]\"',:\\ab1 \n", max_size=120))
def test_any_braces(text: str) -> None:
    for block in blocks(text):
        for _, node in leaves(block.node):
            assert text[node.start : node.end] == node.text or node.kind == "literal"
