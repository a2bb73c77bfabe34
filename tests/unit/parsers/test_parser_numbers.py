from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.parsers.earnings import parse_earnings
from robotrader.core.background_scheduler.parsers.numbers import (
    MONEY,
    Amount,
    declared_units,
    digits_value,
    plain,
    read_cell,
    read_money,
    unit_at,
    unit_factor,
)
from robotrader.core.background_scheduler.parsers.text import raw_view


def amounts(text: str) -> list[Amount]:
    return [a for m in MONEY.finditer(text) if (a := read_money(m, text))]


@pytest.mark.parametrize(
    ("text", "rupees"),
    [
        ("₹1,23,456.78 crore", "1234567800000"),
        ("Rs. 96 Cr", "960000000"),
        ("Rs5 crore", "50000000"),
        ("INR42.8 crores", "428000000"),
        ("INR 3.5 bn", "3500000000"),
        ("₹1.2 lakh crore", "1200000000000"),
        ("₹28.45 L cr", "28450000000000"),
        ("₹ 12 lakhs", "1200000"),
        ("₹12 lacs", "1200000"),
        ("₹245 billion", "245000000000"),
        ("₹7 mn", "7000000"),
        ("₹1.28 trillion", "1280000000000"),
        ("₹131K", "131000"),
        ("Rs 10,136-crore", "101360000000"),
        ("-₹131.76 crore", "-1317600000"),
        ("₹-22 crore", "-220000000"),
        ("(₹472) million", "-472000000"),
        ("702 cr", "7020000000"),
        ("₹ 45 thousand", "45000"),
    ],
)
def test_money_in_rupees(text: str, rupees: str) -> None:
    (amount,) = amounts(text)
    assert amount.rupees == Decimal(rupees)
    assert text[amount.start : amount.end].strip("()") in text


@pytest.mark.parametrize(
    "text", ["12%", "12 per cent", "40 bps", "13.08 lakh tonnes", "9.94 million loans", "4M tonnes", "1,23 crore"]
)
def test_what_is_no_money(text: str) -> None:
    assert not [a for a in amounts(text) if a.factor is not None]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Revenue - ₹1,340 crore", "1340"),
        ("**PAT** – Rs 22 crore", "22"),
        ("PAT: - ₹9.2 crore", "-9.2"),
        ("PAT -₹9.2 crore", "-9.2"),
        ("a profit of - Rs 3 crore", "-3"),
    ],
)
def test_a_dash_behind_a_name_is_no_minus(text: str, value: str) -> None:
    (amount,) = amounts(raw_view(text))
    assert amount.value == Decimal(value)


@pytest.mark.parametrize("text", ["(INR m)", "Net sales (Rs m)", "Revenue, Rs m"])
def test_a_letter_for_millions_told_once(text: str) -> None:
    assert [d.factor for d in declared_units(text)] == [10**6]


@pytest.mark.parametrize("text", ["of 2021-22 to Rs. 1,117 crore", "in 2025 to Rs 1,117 crore"])
def test_a_year_before_an_amount_makes_no_range(text: str) -> None:
    assert [a.vague for a in amounts(text) if a.factor] == [False]


def test_foreign_money_is_not_rupees() -> None:
    (amount,) = amounts("US$ 1,245 million")
    assert amount.currency == "USD"
    assert amount.rupees is None
    assert amounts("₹400")[0].rupees is None


@pytest.mark.parametrize("text", ["₹900-950 crore", "₹2,500+ crore", "₹80 to 90 crore"])
def test_a_range_or_an_open_end_is_vague(text: str) -> None:
    assert all(a.vague for a in amounts(text) if a.factor)


def test_a_year_before_to_makes_no_range() -> None:
    assert not amounts("in Q1 FY26 to Rs 1,180 crore")[-1].vague
    assert not amounts("11% to ₹167.5 crore")[-1].vague


@pytest.mark.parametrize(
    ("cell", "value", "percent"),
    [
        ("1,644.0", "1644.0", False),
        ("(92.37)", "-92.37", False),
        ("(₹0.71)", "-0.71", False),
        ("-12.5%", "-12.5", True),
        ("+36.63%", "36.63", True),
        ("11.9% ✅", "11.9", True),
        ("1,44,368.17", "144368.17", False),
        ("₹584.15 cr", "584.15", False),
        ("7.10*", "7.10", False),
        ("↓ 4.5%", "-4.5", True),
    ],
)
def test_cells_with_a_figure(cell: str, value: str, percent: bool) -> None:
    found = read_cell(cell)
    assert found is not None
    assert (found.value, found.percent) == (Decimal(value), percent)


@pytest.mark.parametrize(
    "cell", ["", ":14.68", "69 57", "37,45", "(12", "12)", "Revenue", "31.12.2025", "31-Dec-25", "x" * 61, "12 abc"]
)
def test_damaged_cells_are_no_figure(cell: str) -> None:
    assert read_cell(cell) is None


@pytest.mark.parametrize("cell", ["-", "--", "NA", "n.a.", "Nil", "n.m.", "Not reported"])
def test_a_dash_is_a_cell_without_value(cell: str) -> None:
    found = read_cell(cell)
    assert found is not None
    assert found.value is None


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("(₹ in Lakhs)", 5),
        ("(in ₹ Lakhs)", 5),
        ("(Rs. in crores except EPS)", 7),
        ("Particulars (Rs. Crs.)", 7),
        ("₹ in Mn", 6),
        ("(t in Crs. except", 7),
        ("All amounts in INR million", 6),
        ("| Rounding Level | Lakhs |", 5),
        ("Income Statement (in INR Lakhs)", 5),
        ("(₹ in thousands)", 3),
        ("₹ crores 10,094", 7),
    ],
)
def test_a_unit_told_once(text: str, factor: int) -> None:
    assert [u.factor for u in declared_units(text)] == [Decimal(10) ** factor]


def test_foreign_units_have_no_factor() -> None:
    assert [u.factor for u in declared_units("US$ in million")] == [None]


def test_the_unit_told_last_before_a_place_governs_it() -> None:
    units = declared_units("(₹ in lakhs) a b c (₹ in crore)")
    assert unit_at(units, 10, 90) == units[0]
    assert unit_at(units, 35, 90) == units[1]
    assert unit_at(units[1:], 0, 30) == units[1]
    assert unit_at([], 5, 30) is None


def test_small_parts() -> None:
    assert unit_factor("dozen") is None
    assert digits_value("1,234,567") == 1234567
    assert digits_value("12,34,567") == 1234567
    assert digits_value("1,2") is None
    assert digits_value("9" * 5000) is None
    assert str(plain(Decimal("5E+3"))) == "5000"
    assert str(plain(Decimal("1.50"))) == "1.5"


def indian(number: int) -> str:
    digits = str(number)
    head, tail = digits[:-3], digits[-3:]
    groups = []
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([*groups, tail])


@given(st.integers(0, 10**12), st.sampled_from([("crore", 7), ("lakh", 5), ("Cr", 7), ("million", 6), ("bn", 9)]))
def test_indian_grouping_is_read_back(number: int, unit: tuple[str, int]) -> None:
    (amount,) = amounts(f"₹{indian(number)} {unit[0]}")
    assert amount.rupees == number * 10 ** unit[1]


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    for amount in amounts(text):
        assert 0 <= amount.start < amount.end <= len(text)
    declared_units(text)
    read_cell(text)


@pytest.mark.parametrize("text", ["1e27", "1e28", "-1e30", "1e99", "9" * 30, "-" + "9" * 30 + ".5"])
def test_a_number_of_any_size_has_a_plain_form(text: str) -> None:
    assert plain(Decimal(text)) == pytest.approx(Decimal(text))


@pytest.mark.parametrize("number", ["1e27", "1e28", "-1e30", "1e99", "9" * 30])
def test_an_absurd_amount_is_left_empty(number: str) -> None:
    text = f'{{"symbol": "TCS", "fiscal_year": 2026, "fiscal_quarter": 2, "revenue_inr": {number}, "eps_inr": 3}}'
    result = parse_earnings(text, "TCS")
    assert (result.record.revenue_inr, result.record.eps_inr) == (None, 3)
    assert result.warnings
