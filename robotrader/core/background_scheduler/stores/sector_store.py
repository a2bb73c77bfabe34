"""The sector of each symbol, as parts of transactions: the owner, then an import, then the packaged table is heard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from robotrader.core.background_scheduler.config.sectors import PACKAGED, known_name
from robotrader.core.database_state import Transaction

OWNER, IMPORT, PACKAGE = "owner", "import", "packaged"


class Sector(NamedTuple):
    """The sector of a symbol; ``origin`` says who told it: owner, import or packaged."""

    name: str
    origin: str


def of(tx: Transaction, symbols: Iterable[str]) -> Mapping[str, Sector]:
    """The sectors of those symbols of which one is known."""
    stored = {symbol: Sector(*rest) for symbol, *rest in tx.all("SELECT symbol, sector, origin FROM sectors")}
    found = {}
    for symbol in symbols:
        name = symbol.removeprefix("BSE:")
        if symbol in stored:
            found[symbol] = stored[symbol]
        elif name in PACKAGED:
            found[symbol] = Sector(PACKAGED[name], PACKAGE)
    return found


def tell(tx: Transaction, sectors: Mapping[str, str], origin: str) -> tuple[str, ...]:
    """Write sectors down; an import leaves what the owner said. Returns the symbols that have another sector now."""
    before = of(tx, sectors)
    tx.many(
        "INSERT INTO sectors (symbol, sector, origin) VALUES (?, ?, ?) ON CONFLICT (symbol) DO UPDATE SET"
        " sector = excluded.sector, origin = excluded.origin"
        f" WHERE origin != '{OWNER}' OR excluded.origin = '{OWNER}'",
        [(symbol, known_name(name), origin) for symbol, name in sectors.items()],
    )
    after = of(tx, sectors)
    return tuple(symbol for symbol in sectors if before.get(symbol) != after.get(symbol))


def forget(tx: Transaction, symbol: str) -> bool:
    """Take back what the owner or an import said of a symbol; returns whether there was anything."""
    return bool(tx.run("DELETE FROM sectors WHERE symbol = ?", (symbol,)))
