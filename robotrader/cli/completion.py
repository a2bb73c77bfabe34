"""What the shell offers after a Tab. It never fails and never creates anything: at worst it offers nothing."""

from __future__ import annotations

from pathlib import Path

from robotrader.cli.run import Session, run
from robotrader.core.errors import TradingError


def symbols(home: Path | None, incomplete: str, session: Session | None = None) -> list[str]:
    """The symbols of the watchlist and those the sandbox knows, that begin with ``incomplete`` in either case."""
    found = dict.fromkeys(_watched(session or Session(home=home)))
    found.update(dict.fromkeys(_known()))
    return [symbol for symbol in found if symbol.startswith(incomplete.upper())]


def fields(incomplete: str) -> list[str]:
    """The fields of earnings and fundamentals that begin with what was typed."""
    from dataclasses import fields as of

    from robotrader.core.background_scheduler.records import EarningsReport, Fundamentals

    names = dict.fromkeys(field.name for record in (EarningsReport, Fundamentals) for field in of(record))
    return [name for name in names if name != "sources" and name.startswith(incomplete)]


def faults(incomplete: str) -> list[str]:
    """The failures the sandbox can rehearse."""
    try:
        from robotrader.sandbox.faults import FAULTS
    except ImportError:
        return []
    return [name for name in FAULTS if name.startswith(incomplete)]


def _known() -> tuple[str, ...]:
    try:
        from robotrader.sandbox import facts

        return tuple(facts.symbols())
    except (ImportError, OSError, ValueError):
        return ()


def _watched(session: Session) -> list[str]:
    async def watchlist(app):  # type: ignore[no-untyped-def]
        return await (await app.watchlist()).rows()

    try:
        if not (session.settings().home / "robotrader.db").is_file():
            return []
        return [row.symbol for row in run(session, watchlist)]
    except (TradingError, OSError, ImportError, RuntimeError, ValueError):
        return []
