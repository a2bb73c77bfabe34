"""The monthly statement of a paper account: what was there, every entry, the charges by kind, what is there then."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.stores import ledger_store
from robotrader.core.background_scheduler.stores.ledger_store import NOT_CHARGES, CashEntry
from robotrader.core.background_scheduler.trading import ZERO
from robotrader.core.database_state import Transaction
from robotrader.core.errors import NoDataError, SystemFailure


class KindSum(NamedTuple):
    """All entries of one kind."""

    kind: str
    entries: int
    amount_inr: Decimal


class Statement(NamedTuple):
    """One month of an account, in rupees; what comes is positive, what goes negative.

    Attributes:
        first, last: its first and last Indian day.
        complete: whether the month is over.
        by_kind: in the order of ``ledger_store.CashKind``; those that did not occur are left out.
        charges_inr: all of the month's charges together, as a positive amount.
    """

    account: str
    month: str
    first: date
    last: date
    complete: bool
    opening_inr: Decimal
    entries: tuple[CashEntry, ...]
    by_kind: tuple[KindSum, ...]
    charges_inr: Decimal
    closing_inr: Decimal


def statement(tx: Transaction, account: str, month: date, today: date) -> Statement:
    """Part of a transaction: the statement of the month that a day lies in.

    Raises:
        NoDataError: the account was not opened by the end of the month.
        SystemFailure: the entries do not make what is there, to the paisa.
    """
    first = month.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    entries = ledger_store.entries(tx, account, first, last)
    opening = ledger_store.cash_before(tx, account, first)
    if not entries and not opening and ledger_store.account(tx, account) is None:
        raise NoDataError(
            f"there is no account {account} yet", remedy="robotrader buy, or robotrader portfolio cash, opens it"
        )
    closing = opening + sum((each.amount_inr for each in entries), ZERO)
    if entries and entries[-1].balance_inr != closing:
        raise SystemFailure(
            f"the entries of {account} make {closing} by {last}, and {entries[-1].balance_inr} is written there"
        )
    sums = {kind.value: [each.amount_inr for each in entries if each.kind == kind] for kind in ledger_store.CashKind}
    by_kind = tuple(KindSum(kind, len(found), sum(found, ZERO)) for kind, found in sums.items() if found)
    charges = -sum((each.amount_inr for each in by_kind if each.kind not in NOT_CHARGES), ZERO)
    return Statement(account, f"{first:%Y-%m}", first, last, last < today, opening, entries, by_kind, charges, closing)
