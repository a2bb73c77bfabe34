"""What the portfolio's coordinator hands to the screen: frozen values, ready to be printed as a table or as JSON.

Amounts are rupees. A sum whose parts are not all known has the sum of those that are and says how many are missing.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple


class Sum(NamedTuple):
    """A sum over symbols: ``inr`` of those that are known (None where none is), ``missing`` how many are not."""

    inr: Decimal | None
    missing: int = 0


class HoldingRow(NamedTuple):
    """One share in one product; None where it is not known.

    Attributes:
        share_pct: of the value of all shares whose price is known.
        cost_inr: what the shares held now had cost, before charges.
        day_pnl_inr: of the last session since the close before it, before charges, of what was sold in it as well.
        realised_inr: of what was sold today, before charges.
        sector: ``unknown`` where no one says.
        quote_at: when the exchange made the price, or when it was asked for where that is not said; ``stale`` where it
            is too old to decide by.
    """

    symbol: str
    product: str
    quantity: int
    sellable: int
    unsettled: int
    pledged: int
    average_price_inr: Decimal | None
    last_price_inr: Decimal | None
    previous_close_inr: Decimal | None
    cost_inr: Decimal | None
    value_inr: Decimal | None
    share_pct: Decimal | None
    day_pnl_inr: Decimal | None
    unrealised_inr: Decimal | None
    unrealised_pct: Decimal | None
    realised_inr: Decimal
    sector: str
    isin: str | None
    quote_at: datetime | None
    stale: bool


class SectorRow(NamedTuple):
    """What is held of one sector; ``value_inr`` of the shares whose price is known."""

    sector: str
    value_inr: Decimal
    share_pct: Decimal
    symbols: tuple[str, ...]


class Concentration(NamedTuple):
    """How much hangs on how few: shares in percent; the Herfindahl index is 1 for one share, 1/n for n equal ones."""

    largest_symbol: str
    largest_pct: Decimal
    top_five_pct: Decimal
    herfindahl: Decimal


class PortfolioView(NamedTuple):
    """An account at one time.

    Attributes:
        as_of: when its broker last told what it holds; now, for a paper account.
        provider: who gives its prices: ``kite`` or ``sandbox``.
        total: the cash and the value of the shares.
        day: of the session that ``day_pnl`` is of, the last one; None where it is not known.
        missing: symbols whose price is not known.
        stale: symbols whose price is too old to decide by.
    """

    account: str
    made_at: datetime
    as_of: datetime
    provider: str
    cash_inr: Decimal
    cost: Sum
    value: Sum
    total: Sum
    day: date | None
    day_pnl: Sum
    unrealised: Sum
    realised: Sum
    holdings: tuple[HoldingRow, ...]
    sectors: tuple[SectorRow, ...]
    concentration: Concentration | None
    missing: tuple[str, ...]
    stale: tuple[str, ...]
    notes: tuple[str, ...]


class LineView(NamedTuple):
    """A line of an imported file and what there is to say of it."""

    line: int
    text: str
    message: str


class ImportView(NamedTuple):
    """What an import did, or would do: symbols by what became of them, and the lines that were left out.

    Attributes:
        kind: ``console``, ``kite`` or ``plain``.
        as_of: the day a Console statement is of.
        unchanged: they were there already, just so.
        sectors: how many symbols got another sector.
    """

    account: str
    kind: str
    as_of: date | None
    dry_run: bool
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    sectors: int
    skipped: tuple[LineView, ...]
    notes: tuple[LineView, ...]


class SyncView(NamedTuple):
    """What Kite told; ``copied_to`` is the paper account that got it as well, with what changed there.

    ``left_out`` are positions that cannot be copied: intraday ones, short ones.
    """

    account: str
    as_of: datetime
    changed: bool
    cash_inr: Decimal
    symbols: int
    copied_to: str | None
    copied: tuple[str, ...]
    removed: tuple[str, ...]
    left_out: tuple[str, ...]


class CashRow(NamedTuple):
    """One movement of cash and what was there after it."""

    at: datetime
    kind: str
    amount_inr: Decimal
    balance_inr: Decimal
    symbol: str | None
    detail: str | None


class CashView(NamedTuple):
    """The cash of an account and its newest movements, newest first."""

    account: str
    cash_inr: Decimal
    entries: tuple[CashRow, ...]


class ChangeView(NamedTuple):
    """What was typed in or taken out; ``changed`` is False where it was so already."""

    account: str
    symbol: str
    changed: bool
    quantity: int
    average_price_inr: Decimal | None


class SectorView(NamedTuple):
    """The sector of a symbol and who said so: owner, import or packaged; None where nobody does."""

    symbol: str
    sector: str | None
    origin: str | None
    changed: bool


class DayRow(NamedTuple):
    """How an account stood at the last look of a day.

    Attributes:
        total_inr: cash and value.
        change_inr: of the total since the day before in the list, what was put in and taken out included.
        realised_inr, charges_inr: of all of the day, for a paper account.
        complete: whether every share's price was known.
        updated_at: the last look, which the other amounts are of.
    """

    day: date
    cash_inr: Decimal
    value_inr: Decimal
    total_inr: Decimal
    change_inr: Decimal | None
    cost_inr: Decimal | None
    day_pnl_inr: Decimal | None
    realised_inr: Decimal
    charges_inr: Decimal
    complete: bool
    updated_at: datetime


class HistoryView(NamedTuple):
    """An account by day, newest first."""

    account: str
    days: tuple[DayRow, ...]
