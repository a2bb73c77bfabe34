"""``login``, ``logout`` and ``session``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, session_of
from robotrader.cli.run import DONE, Session, run
from robotrader.core.errors import ValidationError

if TYPE_CHECKING:
    from robotrader.cli.ports import App
    from robotrader.core.services.session_service import LogoutView, SessionView

PORT = 5010
LISTEN_SECONDS = 300.0
STDIN = "-"
LONGEST_LINE = 4096

session = typer.Typer(help="Look at the session at the broker.", no_args_is_help=True)


def login(
    context: typer.Context,
    *,
    token: Annotated[
        str | None,
        typer.Option(
            "--token", metavar="TEXT", help="The request token, or the whole address of the redirect; - reads stdin."
        ),
    ] = None,
    listen: Annotated[
        bool, typer.Option("--listen", help="Wait on this machine for the redirect, at most five minutes.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="N", help="Where --listen waits: http://127.0.0.1:N/.")
    ] = PORT,
    as_json: Json = False,
) -> int:
    """Begin today's session at the broker.

    Prints the page to log in on, and asks for the address that it leads to. A session ends at 06:00 IST.
    """
    if token is not None and listen:
        raise ValidationError("either --token or --listen, not both")
    opened = session_of(context)
    if listen:
        return _show(opened, _listen(opened, port), as_json=as_json)
    if token is None:
        address = run(opened, _address)
        if not sys.stdin.isatty():
            hint = "robotrader login --token ADDRESS takes the address that it leads to"
            output.document({"address": address, "next": hint}) if as_json else output.write(f"{address}\n{hint}")
            return DONE
        output.note(f"Log in here, then paste the address that the browser is sent to:\n\n  {address}\n")
        token = _line()
    given = _line() if token == STDIN else token

    async def operation(app: App) -> SessionView:
        return await (await app.session()).login(given)

    return _show(opened, run(opened, operation), as_json=as_json)


def logout(context: typer.Context, *, as_json: Json = False) -> int:
    """End the session at the broker, there and here."""

    async def operation(app: App) -> LogoutView:
        return await (await app.session()).logout()

    found = run(session_of(context), operation)
    if as_json:
        output.document(found)
        return DONE
    output.write("logged out" if found.was_there else "there was no session")
    if found.problem is not None:
        output.write(f"Kite could not be told ({found.problem}); its session ends by itself at 06:00 IST")
    return DONE


@session.command("status")
def status(context: typer.Context, *, as_json: Json = False) -> int:
    """Show whether there is a session, until when, or why it ended."""

    async def operation(app: App) -> SessionView:
        return await (await app.session()).status()

    opened = session_of(context)
    return _show(opened, run(opened, operation), as_json=as_json)


async def _address(app: App) -> str:
    return (await app.session()).address()


def _listen(opened: Session, port: int) -> SessionView:
    def say(address: str, bound: int) -> None:
        output.note(f"Log in here; http://127.0.0.1:{bound}/ waits for the redirect:\n\n  {address}\n")

    async def operation(app: App) -> SessionView:
        return await (await app.session()).login_by_redirect(port, LISTEN_SECONDS, say)

    return run(opened, operation)


def _line() -> str:
    """One line of stdin.

    Raises:
        ValidationError: there is none.
    """
    found = sys.stdin.readline(LONGEST_LINE).strip()
    if not found:
        raise ValidationError("nothing was given", remedy="robotrader login --token ADDRESS")
    return found


def _show(opened: Session, found: SessionView, *, as_json: bool) -> int:
    if as_json:
        output.document(found)
    else:
        from robotrader.cli.screens import session as screens

        output.write(screens.sentence(found, opened.now()))
    return DONE
