"""``status`` and ``doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, session_of
from robotrader.cli.run import CONFIGURATION, DONE, FAILED, Session, run
from robotrader.core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from robotrader.cli.ports import App
    from robotrader.core.services.views import Check, StatusView

PROBLEM = "problem"
OF_CONFIGURATION = ("config", "setting", "provider")


def status(context: typer.Context, *, as_json: Json = False) -> int:
    """Show the state of everything at a glance."""
    session = session_of(context)

    async def operation(app: App) -> StatusView:
        return await (await app.status()).status()

    found = run(session, operation)
    if as_json:
        output.document(found)
        return DONE
    from robotrader.cli import render
    from robotrader.cli.screens import health as screens

    render.show(*screens.status(found, render.look(session.now())))
    return DONE


def doctor(
    context: typer.Context,
    *,
    retry_keys: Annotated[
        bool, typer.Option("--retry-keys", help="Forget that API keys were rejected or are cooling down, then check.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Check that all is well, with a remedy where it is not.

    What is configured, reachable, writable and fresh. The exit code is 3 where the configuration has a problem, 1 where
    anything else has.
    """
    session = session_of(context)
    forgiven, checks = _examined(session, retry_keys=retry_keys)
    if as_json:
        output.document({"checks": checks, "forgiven_keys": forgiven})
    else:
        from robotrader.cli import render
        from robotrader.cli.screens import health as screens

        words = [] if forgiven is None else [f"{forgiven} key{'' if forgiven == 1 else 's'} will be tried again"]
        render.show(*words, *screens.checks(checks, render.look(session.now())))
    return verdict(checks)


def verdict(checks: Sequence[Check]) -> int:
    """3 where the configuration has a problem, 1 where anything else has, else 0."""
    problems = [check.name.lower() for check in checks if check.state == PROBLEM]
    if any(name.startswith(OF_CONFIGURATION) for name in problems):
        return CONFIGURATION
    return FAILED if problems else DONE


def _examined(session: Session, *, retry_keys: bool) -> tuple[int | None, tuple[Check, ...]]:
    async def operation(app: App) -> tuple[int | None, tuple[Check, ...]]:
        coordinator = await app.status()
        forgiven = await coordinator.forgive_keys() if retry_keys else None
        return forgiven, await coordinator.doctor()

    try:
        return run(session, operation)
    except ConfigurationError as error:
        from robotrader.core.services.views import Check

        return None, (Check("configuration", PROBLEM, error.context.message, error.context.remedy),)
