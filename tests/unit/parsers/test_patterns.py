"""Patterns compiled at their first use do what compiled ones do, and every one of the readers' can be compiled."""

from __future__ import annotations

import copy
import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

from robotrader.core.background_scheduler import parsers
from robotrader.core.background_scheduler.parsers import patterns
from robotrader.core.background_scheduler.parsers.patterns import regex

MODULES = [f"{parsers.__name__}.{found.name}" for found in pkgutil.iter_modules(parsers.__path__)]
KIND = type(regex("x"))


def held(value: object) -> Iterator[Any]:
    """The patterns in a value of a module: alone, or in a tuple, a list or a mapping."""
    if isinstance(value, KIND):
        yield value
    elif isinstance(value, (tuple, list, set, frozenset)):
        for each in value:
            yield from held(each)
    elif isinstance(value, dict):
        for each in (*value, *value.values()):
            yield from held(each)


@pytest.mark.parametrize("module", MODULES)
def test_every_pattern_of_a_reader_compiles(module: str) -> None:
    for name, value in vars(importlib.import_module(module)).items():
        for found in held(value):
            assert isinstance(found.groups, int), f"{name} of {module}"


def test_no_reader_compiles_patterns_when_it_is_imported() -> None:
    for module in MODULES:
        values = vars(importlib.import_module(module)).items()
        compiled = [name for name, value in values if isinstance(value, re.Pattern)]
        assert not compiled, f"{module}: use patterns.regex"


CALLS = [
    ("search", ("a1b22",)),
    ("match", ("1a",)),
    ("fullmatch", ("22",)),
    ("search", ("a1b22", 2)),
    ("findall", ("a1b22",)),
    ("split", ("a1b22c",)),
    ("sub", ("-", "a1b22")),
    ("subn", ("-", "a1b22")),
    ("search", ("none",)),
]


@pytest.mark.parametrize(("method", "arguments"), CALLS)
def test_it_answers_as_a_compiled_one(method: str, arguments: tuple[Any, ...]) -> None:
    lazy = regex(r"(?P<n>\d+)")
    for _ in range(2):  # before and after it was compiled
        got, want = getattr(lazy, method)(*arguments), getattr(re.compile(r"(?P<n>\d+)"), method)(*arguments)
        assert str(got) == str(want)


def test_what_is_no_method_is_told_too() -> None:
    lazy = regex("(?P<n>A)", re.IGNORECASE)
    assert (lazy.pattern, lazy.groups, dict(lazy.groupindex)) == ("(?P<n>A)", 1, {"n": 1})
    assert [found["n"] for found in lazy.finditer("aA")] == ["a", "A"]
    with pytest.raises(AttributeError):
        lazy.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_a_copy_is_as_good() -> None:
    for lazy in (regex("a+"), regex("a+")):
        for made in (copy.copy(lazy), copy.deepcopy(lazy)):
            found = made.search("baa")
            assert found is not None
            assert found[0] == "aa"


def test_it_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    compile_ = re.compile
    monkeypatch.setattr(re, "compile", lambda *given: made.append(given) or compile_(*given))
    lazy = regex("a+")
    assert made == []
    assert lazy.search("baa") is not None
    assert lazy.search("baa") is not None
    assert len(made) == 1


def test_a_wrong_one_is_told_when_it_is_used() -> None:
    with pytest.raises(re.error):
        regex("(").search("x")


def test_the_names_of_methods_are_those_of_re() -> None:
    assert all(callable(getattr(re.compile(""), name)) for name in patterns._METHODS)
