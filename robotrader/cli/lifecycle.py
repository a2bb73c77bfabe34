"""``emergency-stop`` and ``resume``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, session_of
from robotrader.cli.run import DONE, FAILED, Session, run
from robotrader.core.errors import ConfigurationError

if TYPE_CHECKING:
    from typing import Any

    from robotrader.cli.ports import App
    from robotrader.core.services.execution_views import StopView
    from robotrader.settings import Settings


def emergency_stop(
    context: typer.Context,
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for whoever looks later.")] = "",
    cancel_orders: Annotated[
        bool, typer.Option("--cancel-orders", help="Also cancel every order that rests or waits.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Stop everything that spends or trades, at once.

    In all processes of this home, until resume. Works also where the settings are wrong. Looking at the market and
    judging risk go on; nothing is ordered.
    """
    session = session_of(context)

    async def operation(app: App) -> StopView:
        return await (await app.lifecycle()).emergency_stop(reason, cancel_orders=cancel_orders)

    wrong: list[str] = []
    found = run(_whatever_the_settings_say(session, wrong), operation)
    if wrong and cancel_orders:
        found = found._replace(problems=(*found.problems, "the settings are wrong, so no account is known"))
    if as_json:
        output.document(found)
    else:
        _show(session, found)
    return FAILED if found.problems else DONE


def resume(context: typer.Context, *, as_json: Json = False) -> int:
    """Lift the emergency stop.

    What it held back is due at once.
    """
    session = session_of(context)

    async def operation(app: App) -> StopView:
        return await (await app.lifecycle()).resume()

    found = run(_whatever_the_settings_say(session, []), operation)
    if as_json:
        output.document(found)
    else:
        _show(session, found)
    return DONE


def _whatever_the_settings_say(session: Session, wrong: list[str]) -> Session:
    """A session that goes by the defaults where the settings are wrong: a stop may not wait for a typing error.

    What is wrong is put into ``wrong``.
    """
    load = session.load

    def loaded(home: Any, overrides: dict[str, Any]) -> Settings:
        try:
            return load(home, overrides)
        except ConfigurationError as error:
            from robotrader import settings

            wrong.append(str(error))
            output.note(f"the settings are wrong, going by the defaults: {error}")
            return settings.bare(home=home)

    return Session(session.home, session.debug, session.fault, session.open_app, loaded, session.now, session.secrets)


def _show(session: Session, found: StopView) -> None:
    from robotrader.cli import clean, render
    from robotrader.cli import format as fmt

    since = "" if found.since is None else f" since {fmt.instant(found.since)}"
    why = f": {clean.line(found.reason)}" if found.reason else ""
    if found.stopped:
        was = "" if found.changed else " (it was on already)"
        render.show(render.words((f"EMERGENCY STOP on{since}{was}{why}", "bold red")))
        output.write("nothing is spent and nothing is ordered by any process; robotrader resume lifts it")
        if found.cancelled:
            from robotrader.cli.screens import orders as screens

            render.show(*screens.listing(found.cancelled, render.look(session.now())))
        for problem in found.problems:
            output.complain(f"not cancelled: {problem}", None, session.secrets)
    elif found.changed:
        held = f"; {found.released} held task{'' if found.released == 1 else 's'} due now" if found.released else ""
        output.write(f"the emergency stop is lifted (it was on{since}{why}){held}")
    else:
        output.write("there is no emergency stop")
