"""``statement``."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, session_of
from robotrader.cli.portfolio import Account
from robotrader.cli.run import DONE, run
from robotrader.core.errors import ValidationError

if TYPE_CHECKING:
    from robotrader.cli.ports import App
    from robotrader.core.services.statement import Statement

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def statement(
    context: typer.Context,
    month: Annotated[
        str | None, typer.Argument(metavar="[YYYY-MM]", help="The month; the present one where none is named.")
    ] = None,
    *,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE", help="Write the entries to a new file, as CSV.")
    ] = None,
    account: Account = None,
    as_json: Json = False,
) -> int:
    """Show a month of the paper account, to the paisa.

    Every rupee that came or went, and the charges by kind. The account at Kite has its statement at Zerodha Console.
    """
    session = session_of(context)
    wanted = _month(month, session.now())
    if csv is not None and as_json:
        raise ValidationError("--csv and --json exclude each other", remedy="ask for one of them")
    target = None if csv is None else _target(csv)

    async def operation(app: App) -> Statement:
        return await (await app.pnl()).statement(account, wanted)

    found = run(session, operation)
    if as_json:
        output.document(found)
    elif target is not None:
        from robotrader.cli import newfile
        from robotrader.cli.screens import statement as screens

        if not newfile.create(target, screens.table(found)):
            raise ValidationError(f"{target} is there already", remedy="name another file")
        count = len(found.entries)
        output.write(f"wrote {target} ({count} {'entry' if count == 1 else 'entries'} of {found.month})")
    else:
        from robotrader.cli import render
        from robotrader.cli.screens import statement as screens

        render.show(*screens.statement(found, render.look(session.now())))
    return DONE


def _month(text: str | None, now: datetime) -> date:
    """The first day of a month.

    Raises:
        ValidationError: it is none.
    """
    from robotrader.cli.format import IST

    if text is None:
        return now.astimezone(IST).date().replace(day=1)
    said = text.strip()
    if not _MONTH.fullmatch(said) or said.startswith("0000"):
        raise ValidationError(f"not a month: {text[:30]!r}", remedy="a month is written YYYY-MM: 2026-11")
    found = date.fromisoformat(f"{said}-01")
    if found > now.astimezone(IST).date():
        raise ValidationError(f"a month to come: {said}", remedy="a month that has begun, such as 2026-11")
    return found


def _target(given: str) -> Path:
    """The file to write.

    Raises:
        ValidationError: it names none that may be written.
    """
    path = Path(given).expanduser().absolute()
    if not given.strip() or path.exists():
        raise ValidationError(f"--csv needs the name of a new file: {given!r}", remedy="such as --csv 2026-11.csv")
    if not path.parent.is_dir():
        raise ValidationError(f"there is no folder {path.parent}", remedy="make it, or name another file")
    return path
