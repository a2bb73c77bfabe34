"""Shares that the owner said a paper account holds, as parts of transactions: imported, typed in, copied from Kite.

They are kept by who said so: what one says again replaces what it said before and nothing else. What was sold of them
since stays sold as long as the same is said again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from robotrader.core.background_scheduler.stores import ledger_store
from robotrader.core.background_scheduler.trading import Product
from robotrader.core.database_state import Transaction

DAY = timedelta(days=1)


class Origin(StrEnum):
    """Who said that a paper account holds something it never bought."""

    IMPORT = "import"
    TYPED = "typed"
    KITE = "kite"


class Opening(NamedTuple):
    """Shares that are held; ``price`` is what was paid a share, None where not known, as is the day.

    ``settles_on`` is from when on shares of a known day may be sold; None where that is over.
    """

    symbol: str
    quantity: int
    price: Decimal | None
    acquired_on: date | None = None
    isin: str | None = None
    settles_on: date | None = None


class Change(NamedTuple):
    """Symbols by what became of them."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether anything is otherwise than before."""
        return bool(self.added or self.changed or self.removed)


def said(tx: Transaction, account: str, origin: Origin) -> dict[str, list[Opening]]:
    """What somebody said is held, as it was said, by symbol: what was sold since included, not what was taken out."""
    rows = tx.all(
        "SELECT symbol, quantity, price_inr, iif(dated, acquired_on, NULL), isin FROM lots"
        " WHERE account = ? AND origin = ? ORDER BY id",
        (account, origin.value),
    )
    found: dict[str, list[Opening]] = {}
    for symbol, quantity, price, day, isin in rows:
        paid = None if price is None else Decimal(price)
        found.setdefault(symbol, []).append(
            Opening(symbol, quantity, paid, None if day is None else date.fromisoformat(day), isin)
        )
    return found


def difference(
    before: Mapping[str, Sequence[Opening]], wanted: Mapping[str, Sequence[Opening]], *, whole: bool
) -> Change:
    """What saying ``wanted`` changes; with ``whole`` it is all there is, and other symbols are removed. Pure."""
    same = [symbol for symbol in wanted if _same(before.get(symbol, ()), wanted[symbol])]
    return Change(
        tuple(symbol for symbol in wanted if symbol not in before),
        tuple(symbol for symbol in wanted if symbol in before and symbol not in same),
        tuple(symbol for symbol in before if symbol not in wanted) if whole else (),
        tuple(same),
    )


def say(
    tx: Transaction, account: str, origin: Origin, rows: Iterable[Opening], today: date, *, whole: bool, dry: bool
) -> Change:
    """Put what is said in the place of what the same origin said before of these symbols, or of all.

    Where the day of purchase is not known the lot says so. It has its turn as if bought the day before today: held when
    the day began, settled, sold before what is bought from now on.

    Args:
        whole: symbols that are not among them are removed.
        dry: only tell what would change.
    """
    wanted: dict[str, list[Opening]] = {}
    for row in rows:
        wanted.setdefault(row.symbol, []).append(row)
    change = difference(said(tx, account, origin), wanted, whole=whole)
    if dry:
        return change
    for symbol in (*change.changed, *change.removed):
        _take_out(tx, account, symbol, origin)
    for symbol in (*change.added, *change.changed):
        for row in wanted[symbol]:
            day = row.acquired_on or today - DAY
            ledger_store.add_lot(
                tx, account, symbol, Product.CNC, row.quantity, row.price, day, row.settles_on or day, origin.value,
                isin=row.isin, dated=row.acquired_on is not None,
            )  # fmt: skip
    return change


def remove(tx: Transaction, account: str, symbol: str) -> bool:
    """Take out whatever anybody said is held of a symbol; what was bought by orders stays. Returns if there was any."""
    held = "SELECT 1 FROM lots WHERE account = ? AND symbol = ? AND origin = ? AND remaining > 0 LIMIT 1"
    found = [each for each in Origin if tx.one(held, (account, symbol, each.value)) is not None]
    for each in found:
        _take_out(tx, account, symbol, each)
    return bool(found)


def _take_out(tx: Transaction, account: str, symbol: str, origin: Origin) -> None:
    """What was sold of them keeps its lots, which nobody says any more."""
    ledger_store.remove_lots(tx, account, symbol, origin.value)
    tx.run(
        "UPDATE lots SET origin = origin || ':past' WHERE account = ? AND symbol = ? AND origin = ?",
        (account, symbol, origin.value),
    )


def _same(before: Sequence[Opening], wanted: Sequence[Opening]) -> bool:
    if len(before) != len(wanted):
        return False
    pairs = zip(sorted(before, key=_order), sorted(wanted, key=_order), strict=True)
    return all(
        old.quantity == new.quantity
        and old.price == new.price
        and old.isin == new.isin
        and (new.acquired_on is None or new.acquired_on == old.acquired_on)
        for old, new in pairs
    )


def _order(row: Opening) -> tuple[int, Decimal, str]:
    return row.quantity, row.price or Decimal(0), row.isin or ""
