"""What an order would do to cash, holdings, tax and limits; nothing is ordered and nothing is written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.config.charge_rates import RateRow
from robotrader.core.background_scheduler.config.charges import Charges, charges, row
from robotrader.core.background_scheduler.config.risk_kinds import Rule, RuleKind
from robotrader.core.background_scheduler.processors.quote_desk import QuoteDesk
from robotrader.core.background_scheduler.stores import (
    halt_store,
    instrument_store,
    ledger_store,
    portfolio_store,
    quote_store,
    risk_store,
    sector_store,
)
from robotrader.core.background_scheduler.stores.ledger_store import Lot
from robotrader.core.background_scheduler.trading import (
    HUNDRED,
    PAISA,
    ZERO,
    Book,
    Instrument,
    OrderRejectedError,
    OrderRequest,
    Position,
    Product,
    Quote,
    Side,
)
from robotrader.core.clock import IST, Clock
from robotrader.core.database_state import DatabaseStateManager, Transaction
from robotrader.core.errors import NoDataError, UnknownSymbolError, ValidationError
from robotrader.core.services import instrument_rules
from robotrader.core.services.execution_views import Before, ChargeLine, LotSold, WhatIf
from robotrader.core.services.trading_status import MODES
from robotrader.settings import Settings

KITE = "kite"
LONG_TERM = timedelta(days=365)
"""Listed shares held for longer than twelve months are long-term (Income-tax Act, s. 2(42A))."""

_RATES = {
    "brokerage": "brokerage.{product}",
    "stt": "stt.{product}.{side}",
    "exchange": "exchange.{exchange}",
    "sebi": "sebi",
    "stamp": "stamp.{product}",
    "gst": "gst",
    "dp": "dp",
}


class Known(NamedTuple):
    """What of the home matters to an order."""

    book: Book
    opened: bool
    lots: tuple[Lot, ...]
    quotes: Mapping[str, Quote]
    sectors: Mapping[str, str]
    rules: tuple[Rule, ...]
    stopped: str | None
    instrument: Instrument | None = None


class WhatIfService:
    """Reckons orders.

    Args:
        quotes: where the price comes from where none is given.
        renew: sees that the list of instruments is of today, for a symbol.
    """

    def __init__(
        self,
        config: Settings,
        db: DatabaseStateManager,
        clock: Clock,
        *,
        account: str,
        quotes: QuoteDesk,
        renew: Callable[[str], Awaitable[object]],
    ) -> None:
        self._config = config
        self._db = db
        self._clock = clock
        self._account = account
        self._quotes = quotes
        self._renew = renew

    async def look(self, request: OrderRequest) -> WhatIf:
        """What an order would do now.

        Raises:
            ValidationError: a given price that is not one of whole paise.
            UnknownSymbolError: no quote of the symbol is to be had, and no price was given.
            TradingError: why there is no quote, or what trading costs is not known for today.
        """
        now = self._clock.now()
        price, price_from, price_at = request.price, "given", None
        if price is not None and price != price.quantize(PAISA):
            raise ValidationError(f"a price has at most two decimals, not {price:f}", remedy="such as --price 812.50")
        if price is None:
            age = timedelta(seconds=self._config.trading.stale_quote_seconds)
            quote = (await self._quotes.get([request.symbol], max_age=age)).found.get(request.symbol)
            if quote is None:
                raise UnknownSymbolError(f"there is no quote of {request.symbol}", remedy="give --price")
            price, price_from = quote.last_price, f"{quote.provider} quote"
            price_at = quote.exchange_at or quote.fetched_at
        await self._renew(request.symbol)
        known = await self._db.read(lambda tx: self._known(tx, request, now))
        return reckon(self._config, self._account, request, price, (price_from, price_at), known, now)

    def _known(self, tx: Transaction, request: OrderRequest, now: datetime) -> Known:
        try:
            book = portfolio_store.book(tx, self._account, now)
            opened = self._account == KITE or ledger_store.account(tx, self._account) is not None
        except NoDataError:
            book, opened = Book(self._account, ZERO, (), now), True
        if not opened:
            book = book._replace(cash_inr=self._config.paper.cash_inr)
        symbols = {request.symbol, *(each.symbol for each in book.positions)}
        halt = halt_store.read(tx)
        paper = self._account != KITE and request.side is Side.SELL
        return Known(
            book,
            opened,
            ledger_store.lots(tx, self._account, request.symbol, request.product.value) if paper else (),
            quote_store.read(tx, self._quotes.provider, symbols),
            {symbol: each.name for symbol, each in sector_store.of(tx, symbols).items()},
            tuple(each for each in risk_store.rules(tx, self._account) if each.enabled),
            None if halt is None else str(halt_store.halted(halt)),
            instrument_store.listed(tx, self._quotes.provider, request.symbol),
        )


def reckon(
    config: Settings,
    account: str,
    request: OrderRequest,
    price: Decimal,
    price_of: tuple[str, datetime | None],
    known: Known,
    now: datetime,
) -> WhatIf:
    """What an order at a price would do. Pure.

    Raises:
        ConfigurationError: what trading costs is not known for today.
    """
    today = now.astimezone(IST).date()
    exchange = "BSE" if request.symbol.startswith("BSE:") else "NSE"
    costs = charges(request.side, request.product, request.quantity, price, today, exchange)
    value = price * request.quantity
    sign = 1 if request.side is Side.BUY else -1
    held = _held(known.book, request)
    before, after = Decimal(held.quantity), Decimal(held.quantity + sign * request.quantity)
    cash = known.book.cash_inr
    cash_after = cash - sign * value - costs.total
    sold, realised = _sold(request, price, held, known, today)
    prices = {symbol: quote.last_price for symbol, quote in known.quotes.items()} | {request.symbol: price}
    shares = _shares(known, prices, request, (cash, cash_after), sign)
    sector = known.sectors.get(request.symbol)
    return WhatIf(
        mode=MODES.get(account, account),
        account=account,
        symbol=request.symbol,
        side=request.side.value,
        product=request.product.value,
        quantity=request.quantity,
        price=price,
        price_from=price_of[0],
        price_at=price_of[1],
        value_inr=value,
        charges=tuple(ChargeLine(name, amount) for name, amount in costs._asdict().items() if amount),
        charges_inr=costs.total,
        charges_source="; ".join(dict.fromkeys(each.source for each in _sources(request, costs, exchange, today))),
        cash_inr=Before(cash, cash_after),
        held=Before(before, after),
        average_price=Before(held.average_price, _average(held, request, price)),
        realised_inr=realised,
        lots=sold,
        position_pct=shares[0],
        sector=sector,
        sector_pct=shares[1],
        breaks=_breaks(config, known, request, value, sector, shares),
        refused=(*_against_list(request, known, today), *_refused(request, held, cash_after)),
    )


def _held(book: Book, request: OrderRequest) -> Position:
    found = [each for each in book.positions if (each.symbol, each.product) == (request.symbol, request.product.value)]
    return found[0] if found else Position(request.symbol, request.product.value, 0, 0, None)


def _average(held: Position, request: OrderRequest, price: Decimal) -> Decimal | None:
    if request.side is Side.SELL:
        return held.average_price if held.quantity > request.quantity else None
    if held.quantity <= 0:
        return price
    if held.average_price is None:
        return None
    paid = held.average_price * held.quantity + price * request.quantity
    return (paid / (held.quantity + request.quantity)).quantize(PAISA, ROUND_HALF_UP)


def _sold(
    request: OrderRequest, price: Decimal, held: Position, known: Known, today: date
) -> tuple[tuple[LotSold, ...], Decimal | None]:
    """The purchases that a sale takes, first in, first out, and what is won or lost on them before charges."""
    if request.side is Side.BUY:
        return (), None
    if not known.lots:
        if held.average_price is None or held.quantity < request.quantity:
            return (), None
        return (), (price - held.average_price) * request.quantity
    found: list[LotSold] = []
    left = request.quantity
    for lot in known.lots:
        if not left or not ledger_store.sellable(lot, today):
            continue
        taken = min(left, lot.remaining)
        left -= taken
        cost = None if lot.price_inr is None else lot.price_inr * taken
        gain = None if cost is None else price * taken - cost
        acquired = lot.acquired_on if lot.dated else None
        long_term = None if acquired is None else request.product is Product.CNC and today - acquired > LONG_TERM
        found.append(LotSold(taken, lot.price_inr, acquired, cost, gain, long_term))
    gains = [each.gain_inr for each in found]
    realised = None if left or None in gains else sum((each for each in gains if each is not None), ZERO)
    return tuple(found), realised


def _shares(
    known: Known, prices: Mapping[str, Decimal], request: OrderRequest, cash: tuple[Decimal, Decimal], sign: int
) -> tuple[Before, Before]:
    """The share of the symbol and of its sector in the account, before and after; None where a price is missing."""
    quantities: dict[str, int] = {}
    for each in known.book.positions:
        quantities[each.symbol] = quantities.get(each.symbol, 0) + each.quantity
    sector = known.sectors.get(request.symbol)
    found: list[tuple[Decimal | None, Decimal | None]] = []
    for cash_there, more in ((cash[0], 0), (cash[1], sign * request.quantity)):
        held = {**quantities, request.symbol: quantities.get(request.symbol, 0) + more}
        values = {symbol: prices[symbol] * number for symbol, number in held.items() if symbol in prices}
        whole = cash_there + sum(values.values(), ZERO)
        if any(number and symbol not in prices for symbol, number in held.items()) or whole <= 0:
            found.append((None, None))
            continue
        of_sector = sum((value for symbol, value in values.items() if known.sectors.get(symbol) == sector), ZERO)
        found.append(
            (_percent(values.get(request.symbol, ZERO), whole), None if sector is None else _percent(of_sector, whole))
        )
    return Before(found[0][0], found[1][0]), Before(found[0][1], found[1][1])


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (part * HUNDRED / whole).quantize(PAISA, ROUND_HALF_UP)


def _breaks(
    config: Settings,
    known: Known,
    request: OrderRequest,
    value: Decimal,
    sector: str | None,
    shares: tuple[Before, Before],
) -> tuple[str, ...]:
    """The limits that the order would break, in words."""
    found = [] if known.stopped is None else [known.stopped]
    largest = config.trading.max_order_inr
    if largest is not None and value > largest:
        found.append(f"trading.max_order_inr: worth Rs {value:,.2f}, the largest allowed is Rs {largest:,.2f}")
    if request.side is Side.SELL:
        return tuple(found)
    looked = (
        (RuleKind.POSITION_PCT, request.symbol, shares[0].after),
        (RuleKind.SECTOR_PCT, sector or "", shares[1].after),
    )
    for kind, subject, share in looked:
        rules = {each.subject: each for each in known.rules if each.kind is kind}
        rule = rules.get(subject) or rules.get("")
        if rule is not None and share is not None and share > rule.value:
            found.append(f"{kind.value} {subject}: {share} % after it, the limit is {rule.value.normalize():f} %")
    return tuple(found)


def _against_list(request: OrderRequest, known: Known, today: date) -> tuple[str, ...]:
    """Why the exchange would not take it; the price step is that of the list, else that of the table."""
    quote = known.quotes.get(request.symbol)
    try:
        if known.instrument is not None:
            instrument_rules.check_listed(known.instrument, request)
        elif request.price is not None and quote is not None:
            step = instrument_rules.tick_of(None, quote, today)
            instrument_rules.check_step("limit", request.price, step, request.symbol)
    except OrderRejectedError as error:
        return (str(error),)
    return ()


def _refused(request: OrderRequest, held: Position, cash_after: Decimal) -> tuple[str, ...]:
    """Why it would be refused, as far as that is known here."""
    found = []
    if request.side is Side.BUY and cash_after < 0:
        found.append(f"Rs {-cash_after:,.2f} are missing")
    if request.side is Side.SELL and held.sellable < request.quantity:
        of_held = f" of {held.quantity} held" if held.quantity else ""
        found.append(f"only {held.sellable}{of_held} may be sold now")
    return tuple(found)


def _sources(request: OrderRequest, costs: Charges, exchange: str, today: date) -> list[RateRow]:
    words = {"product": request.product.value, "side": request.side.value, "exchange": exchange}
    return [row(_RATES[name].format(**words), today) for name, amount in costs._asdict().items() if amount]
