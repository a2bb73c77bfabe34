"""``events``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, Limit, session_of
from robotrader.cli.run import DONE, run
from robotrader.core.errors import ValidationError

if TYPE_CHECKING:
    from robotrader.cli.ports import App
    from robotrader.core.services.views import EventView

DELIVERIES = ("pending", "delivered", "dead")

events = typer.Typer(help="Look at what happened; deliver what was not delivered.", no_args_is_help=True)


@events.command("list")
def list_events(
    context: typer.Context,
    *,
    event_type: Annotated[str | None, typer.Option("--type", metavar="TYPE", help="Only this type.")] = None,
    correlation: Annotated[
        str | None, typer.Option("--correlation", metavar="ID", help="Only what belongs to this correlation id.")
    ] = None,
    delivery: Annotated[
        str | None, typer.Option("--delivery", metavar="STATE", help=f"Only: {', '.join(DELIVERIES)}.")
    ] = None,
    dead: Annotated[bool, typer.Option("--dead", help="Only what could not be delivered.")] = False,
    limit: Limit = 50,
    as_json: Json = False,
) -> int:
    """Show events, newest first."""
    from robotrader.cli import render
    from robotrader.cli.screens import health

    session = session_of(context)
    wanted = "dead" if dead else delivery
    if wanted is not None and wanted not in DELIVERIES:
        raise ValidationError(f"no such delivery state: {wanted!r}", remedy=f"one of: {', '.join(DELIVERIES)}")

    async def operation(app: App) -> tuple[EventView, ...]:
        coordinator = await app.status()
        return await coordinator.events(type=event_type, correlation=correlation, delivery=wanted, limit=limit)

    found = run(session, operation)
    if as_json:
        output.document({"events": found})
    else:
        render.show(*health.events(found, render.look(session.now())))
    return DONE


@events.command("show")
def show_event(
    context: typer.Context,
    event_id: Annotated[str, typer.Argument(metavar="ID", help="The event's id, as 'events list' shows it.")],
    *,
    as_json: Json = False,
) -> int:
    """Show one event with its data."""
    from robotrader.cli import render
    from robotrader.cli.screens import health

    session = session_of(context)

    async def operation(app: App) -> EventView:
        return await (await app.status()).event(event_id)

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*health.event(found, render.look(session.now())))
    return DONE


@events.command("retry")
def retry_events(
    context: typer.Context,
    event_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="One event; all dead ones if none.")] = None,
    *,
    as_json: Json = False,
) -> int:
    """Deliver dead events again."""
    session = session_of(context)

    async def operation(app: App) -> int:
        return await (await app.status()).retry_events(event_id)

    number = run(session, operation)
    if as_json:
        output.document({"retried": number})
    else:
        output.write(f"{number} event{'' if number == 1 else 's'} will be delivered again")
    return DONE
