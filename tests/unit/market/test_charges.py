"""What trades cost: the worked figures, an independent calculator, and what must hold for any trade."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.config.charge_rates import ROWS
from robotrader.core.background_scheduler.config.charges import Before, Charges, charges, exact_stt, most, rate, row
from robotrader.core.background_scheduler.trading import ZERO, Product, Side
from robotrader.core.errors import ConfigurationError, ValidationError

DAY = date(2026, 11, 20)
BUY, SELL, CNC, MIS = Side.BUY, Side.SELL, Product.CNC, Product.MIS
SIDES, PRODUCTS = st.sampled_from(list(Side)), st.sampled_from(list(Product))
PRICES = st.integers(5, 10_000_000).map(lambda paise: Decimal(paise) / 100)
QUANTITIES = st.integers(1, 100_000)


@pytest.mark.parametrize(
    ("side", "product", "total"),
    [(BUY, CNC, "118.74"), (SELL, CNC, "119.08"), (BUY, MIS, "30.34"), (SELL, MIS, "52.34")],
)
def test_the_worked_figures_of_a_lakh_on_nse(side: Side, product: Product, total: str) -> None:
    assert charges(side, product, 1000, Decimal(100), DAY).total == Decimal(total)


def test_each_charge_of_a_delivery_sale() -> None:
    assert charges(SELL, CNC, 1000, Decimal(100), DAY) == Charges(
        stt=Decimal(100), exchange=Decimal("3.07"), sebi=Decimal("0.10"), gst=Decimal("0.57"), dp=Decimal("15.34")
    )


@pytest.mark.parametrize(
    ("exchange", "group", "charge"),
    [("NSE", "", "3.07"), ("BSE", "", "3.75"), ("BSE", "A", "3.75"), ("BSE", "xt", "100.00"), ("BSE", "ZP", "1000.00"),
     ("BSE", "M", "2.75"), ("NSE", "XT", "3.07")],
)  # fmt: skip
def test_the_transaction_charge_follows_exchange_and_group(exchange: str, group: str, charge: str) -> None:
    assert charges(BUY, CNC, 1000, Decimal(100), DAY, exchange, group=group).exchange == Decimal(charge)


def test_both_rows_of_nse_come_to_the_same() -> None:
    before, since = date(2026, 2, 28), date(2026, 3, 1)
    assert row("exchange.NSE", before).source != row("exchange.NSE", since).source
    assert rate("exchange.NSE", before) == rate("exchange.NSE", since) == Decimal("0.0000307")


@pytest.mark.parametrize("name", sorted({each.name for each in ROWS}))
def test_a_day_before_the_first_row_is_refused(name: str) -> None:
    first = min(each.effective_from for each in ROWS if each.name == name)
    assert rate(name, first) >= 0
    with pytest.raises(ConfigurationError, match="not known"):
        rate(name, date.fromordinal(first.toordinal() - 1))


def test_charges_of_a_day_before_the_table_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="2024-09-30 is not known"):
        charges(BUY, CNC, 1, Decimal(100), date(2024, 9, 30))


def test_every_row_names_its_source() -> None:
    assert all(len(each.source) > 10 for each in ROWS)


@pytest.mark.parametrize(("quantity", "price", "exchange"), [(0, "1", "NSE"), (1, "0", "NSE"), (1, "NaN", "NSE"),
                                                             (1, "1", "MCX")])  # fmt: skip
def test_what_is_no_trade_is_refused(quantity: int, price: str, exchange: str) -> None:
    with pytest.raises(ValidationError):
        charges(BUY, CNC, quantity, Decimal(price), DAY, exchange)


def test_brokerage_is_asked_once_an_order_however_it_is_filled() -> None:
    first = charges(BUY, MIS, 500, Decimal(1000), DAY)
    second = charges(BUY, MIS, 500, Decimal(1000), DAY, before=Before(order_inr=Decimal(500_000)))
    assert (first.brokerage, second.brokerage) == (Decimal(20), ZERO)


def test_the_depository_is_paid_once_a_day_and_share() -> None:
    assert charges(SELL, CNC, 1, Decimal(100), DAY, before=Before(dp=True)).dp == 0
    assert charges(SELL, MIS, 1, Decimal(100), DAY).dp == 0
    assert charges(BUY, CNC, 1, Decimal(100), DAY).dp == 0


def test_a_square_off_by_the_broker_costs_fifty_rupees_and_gst() -> None:
    assert charges(SELL, MIS, 1, Decimal(100), DAY, squared_off=True).square_off == Decimal(59)


@given(SIDES, PRODUCTS, st.lists(st.tuples(QUANTITIES, PRICES), min_size=1, max_size=6))
def test_an_order_in_parts_pays_what_it_would_pay_whole(
    side: Side, product: Product, parts: list[tuple[int, Decimal]]
) -> None:
    before, paid = Before(), Charges()
    for quantity, price in parts:
        found = charges(side, product, quantity, price, DAY, before=before)
        assert all(amount >= 0 for amount in found)
        assert all(amount == amount.quantize(Decimal("0.01")) for amount in found)
        paid = Charges(*(one + two for one, two in zip(paid, found, strict=True)))
        stt = exact_stt(side, product, quantity * price, DAY)
        before = Before(before.order_inr + quantity * price, before.stt_inr + stt, before.dp or found.dp > 0)
    total = sum((quantity * price for quantity, price in parts), ZERO)
    assert paid == charges(side, product, 1, total, DAY)
    assert paid.stt == paid.stt.to_integral_value()


@given(SIDES, PRODUCTS, QUANTITIES, PRICES, st.integers(0, 10_000_000).map(lambda paise: Decimal(paise) / 1000))
def test_no_trade_costs_more_than_the_most_it_can(
    side: Side, product: Product, quantity: int, price: Decimal, earlier_stt: Decimal
) -> None:
    alone = charges(side, product, quantity, price, DAY)
    bound = most(alone, side, product, quantity * price, DAY)
    assert charges(side, product, quantity, price, DAY, before=Before(stt_inr=earlier_stt)).total <= bound


@given(
    SIDES, PRODUCTS, QUANTITIES, PRICES, st.sampled_from(["NSE", "BSE"]), st.sampled_from(["", "A", "XT", "P", "MS"])
)
def test_an_independent_calculator_agrees(
    side: Side, product: Product, quantity: int, price: Decimal, exchange: str, group: str
) -> None:
    oracle = pytest.importorskip("indian_charges", reason="indian-trading-charges is not installed (the dev extra)")
    ours = charges(side, product, quantity, price, DAY, exchange, group=group)
    theirs = oracle.leg(
        turnover=price * quantity,
        side=side.value.lower(),
        segment="delivery" if product is CNC else "intraday",
        exchange=exchange,
        dp_scrips=1,
        bse_group=group,
    )
    assert (ours.brokerage, ours.stamp, ours.sebi, ours.dp, ours.gst) == (
        theirs.brokerage, theirs.stamp_duty, theirs.sebi_fee, theirs.dp_charge, theirs.gst
    )  # fmt: skip
    assert abs(ours.stt - theirs.stt) <= Decimal("0.51")  # to the rupee, as on a contract note; theirs to the paisa
    # The oracle rounds the charge and the protection fund's part apart.
    assert abs(ours.exchange - theirs.exchange_txn - theirs.ipft) <= Decimal("0.01")
