from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robotrader.core.ids import new_id
from robotrader.core.privacy import MAX_DEPTH, privacy_violation

SECRET_KEYS = [
    "api_key",
    "apiKey",
    "API-KEY",
    "perplexity_api_key",
    "apikey",
    "api_keys",
    "access_key",
    "private_key",
    "token",
    "access_token",
    "accessToken",
    "refresh_token",
    "request_tokens",
    "secret",
    "client_secret",
    "api_secret",
    "password",
    "userPassword",
    "passwd",
    "pwd",
    "authorization",
    "Authorization",
    "cookie",
    "credentials",
    "otp",
    "bearer",
]
PERSONAL_KEYS = [
    "email",
    "e_mail",
    "userEmail",
    "phone",
    "phone_number",
    "mobile",
    "mobileNo",
    "pan",
    "holder_pan",
    "PAN",
    "aadhaar",
    "aadhar_no",
    "address",
    "home_address",
    "client_id",
    "clientId",
    "user_id",
    "userid",
    "username",
    "user_name",
    "full_name",
    "account_number",
    "chat_id",
    "dob",
    "bank_account",
    "pincode",
    "passport",
]
PRIVATE_TEXTS = [
    "pplx-0123456789abcdef",
    "the key pplx-abcdefgh12 was refused",
    "sk-abcdefghijklmnop",
    "Bearer abcdefghijk",
    "authorization: bearer abcdefghijk",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.sig",
    "ghp_0123456789abcdefghij",
    "AKIAIOSFODNN7EXAMPLE",
    "a@b.in",
    "write to first.last+tag@mail.example.com now",
    "ABCPE1234F",
    "PAN: AAACR5055K.",
    "+919876543210",
    "+91 98765 43210",
    "+91-98765-43210",
    "call 9876543210",
    "09876543210",
    "98765 43210",
    "2345 6789 0123",
]
ORDINARY: list[Mapping[str, Any]] = [
    {},
    {"symbol": "PANACEABIO", "exchange": "NSE", "company": "Pan India Corporation"},
    {"symbol": "M&M", "isin": "INE062A01020", "bse_code": "500112"},
    {"task_id": new_id(), "document_id": new_id(), "slot": "2026-11-20T14:00:00Z", "day": "2026-11-20"},
    {"slot": "2026-11-20T14:00:00.123456+05:30", "started_at": "2026-11-20 19:30"},
    {"reason": "fresh: fetched 2026-11-20T14:00:00Z, next 2026-11-27T14:00:00Z", "attempts": 3, "forced": False},
    {"key": "#2", "key_hint": "...a1b2", "fingerprint": "9f86d081884c7d65", "seconds": 60.0, "until": None},
    {"instrument_token": 408065, "output_tokens": 5123, "max_tokens": 4096, "input_tokens": "5123"},
    {"revenue_inr": "9876543210", "net_profit_inr": 9876543210, "volume": "7000000000", "market_cap": ["9876543210"]},
    {"price": "9876543210.50", "note": "sold 10@450.5 each", "words": "revenue of 9,87,65,43,210 in Q2 FY26"},
    {
        "url": "https://www.nseindia.com/get-quotes/equity?symbol=SBIN",
        "model": "perplexity/sonar",
        "layer": "structured",
    },
    {"panel": "left", "company_name": "State Bank of India", "stage": "parsed", "spanning": 3, "keyword": "results"},
    {"path": "documents/2026/11/20/0198c0de.json", "sha256": "9f86d081884c7d659a2feaa0c55ad015"},
    {"fields": ["eps_inr", "revenue_inr"], "counts": {"completed": 5}, "nothing": (), "sets": frozenset({"a"})},
    {"monkey": "x", "secretary": "y", "tokenizer": "z", "mobility": "a", "addressee": "b", "passing": "c"},
]


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_a_key_that_names_a_secret_is_refused(key: str) -> None:
    found = privacy_violation({key: "x"})
    assert found is not None
    assert found.startswith(f"{key}: a key that names")


@pytest.mark.parametrize("key", PERSONAL_KEYS)
@pytest.mark.parametrize("value", ["x", 1, None])
def test_a_key_that_names_personal_data_is_refused(key: str, value: object) -> None:
    assert privacy_violation({key: value}) == f"{key}: a key that names personal data"


@pytest.mark.parametrize("text", PRIVATE_TEXTS)
def test_a_text_that_looks_private_is_refused_without_showing_it(text: str) -> None:
    for data in ({"note": text}, {"a": {"b": [1, {"c": text}]}}, {"a": (text,)}, {"a": {text}}, {"raw": text.encode()}):
        found = privacy_violation(data)
        assert found is not None
        assert text not in found
        assert "looks like" in found
    assert privacy_violation({text: 1}) is not None


def test_the_path_is_told() -> None:
    assert privacy_violation({"a": {"b": [0, {"token": "x"}]}}) == "a.b[1].token: a key that names a token"
    assert privacy_violation({"a": ["x", "a@b.in"]}) == "a[1]: looks like an e-mail address"


@pytest.mark.parametrize("data", ORDINARY)
def test_ordinary_data_passes(data: Mapping[str, Any]) -> None:
    assert privacy_violation(data) is None


def test_ids_pass() -> None:
    for _ in range(2000):
        made = new_id()
        assert privacy_violation({"id": made, "note": f"task {made} of SBIN"}) is None


def test_keys_are_text() -> None:
    assert privacy_violation({1: "x"}) == "?: a key that is not text"  # type: ignore[dict-item]


def test_what_is_nested_too_deeply_is_refused() -> None:
    data: dict[str, Any] = {"a": 1}
    for _ in range(MAX_DEPTH - 1):
        data = {"a": data}
    assert privacy_violation(data) is None
    circle: dict[str, Any] = {}
    circle["a"] = [circle]
    found = privacy_violation(circle)
    assert found is not None
    assert found.endswith("nested too deeply")


def test_subclasses_of_text_are_looked_at() -> None:
    class Text(str):
        __slots__ = ()

    assert privacy_violation({"a": Text("a@b.in")}) is not None
    assert privacy_violation({"a": Text("plain")}) is None


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), json_like, max_size=4))
@settings(max_examples=60)
def test_it_never_raises(data: dict[str, Any]) -> None:
    assert privacy_violation(data) is None or ":" in str(privacy_violation(data))


@given(st.text(), st.text(), st.sampled_from(["pplx-0123456789abcdef", "someone@example.com"]))
def test_a_secret_is_found_within_any_text(before: str, after: str, secret: str) -> None:
    assert privacy_violation({"note": f"{before} {secret} {after}"}) is not None


@pytest.mark.parametrize("piece", ["a", "@", "a@", "9", "98765 ", "Bearer ", "eyJ", "a.b@c.", "pplx", " ", "-", "91-"])
def test_it_is_linear(piece: str) -> None:
    started = time.perf_counter()
    privacy_violation({"note": piece * (500_000 // len(piece))})
    assert time.perf_counter() - started < 2
