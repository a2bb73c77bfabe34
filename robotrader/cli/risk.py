"""``risk``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, Limit, complete_symbol, session_of
from robotrader.cli.run import DONE, run

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from robotrader.cli.ports import App, RiskPort
    from robotrader.core.services.risk_views import (
        BreachesView,
        CheckView,
        RiskView,
        RulesChangedView,
        RuleSetView,
    )

risk = typer.Typer(help="Rules that sell or tell: stops, targets, limits.", no_args_is_help=True)


def _complete(context: typer.Context, incomplete: str) -> list[str]:
    """The words of rules, and symbols."""
    from robotrader.core.services.risk_grammar import OF_ACCOUNT, OF_SYMBOL

    given = context.params.get("words") or []
    words = OF_SYMBOL if len(given) == 1 and given[0] not in OF_ACCOUNT else OF_ACCOUNT
    found = [word for word in words if word.startswith(incomplete)]
    return found if given else [*found, *complete_symbol(context, incomplete)]


Words = Annotated[
    list[str],
    typer.Argument(
        metavar="RULE...",
        help="SYMBOL and stop, trailing, target or position; or daily-loss, position, sector [NAME], order-rate.",
        autocompletion=_complete,
    ),
]


@risk.command("show")
def show(context: typer.Context, *, as_json: Json = False) -> int:
    """Show every rule: how far it is from its bound, and what came of its last breach.

    Where live prices cannot be had the rules are shown without, and why.
    """
    from robotrader.cli import render
    from robotrader.cli.screens import risk as screens

    session = session_of(context)

    async def operation(app: App) -> RiskView:
        return await (await app.risk()).show()

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.rules(found, render.look(session.now())))
    return DONE


@risk.command("set")
def set_rule(
    context: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="RULE... VALUE",
            help="Such as: SBIN stop 780, SBIN stop 5%, SBIN trailing 7%, SBIN target 900, daily-loss 25000,"
            " position 20%, sector 35%, order-rate 5.",
            autocompletion=_complete,
        ),
    ],
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Also where it would sell at once, or looks like a slip.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Set a rule, or set one anew.

    A number is rupees, one with % a percentage: of what was paid a share (stop, target), of the highest price since
    (trailing), of the whole account's value (position, sector). Exits sell what may be sold, at the market; the other
    rules only tell.
    """
    from robotrader.cli import render
    from robotrader.cli.screens import risk as screens

    session = session_of(context)

    async def operation(app: App) -> RuleSetView:
        return await (await app.risk()).set(words, force=force)

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        output.write(screens.was_set(found, render.look(session.now())))
    return DONE


@risk.command("remove")
def remove(context: typer.Context, words: Words, *, as_json: Json = False) -> int:
    """Remove rules: of a symbol all, or the one that is named."""
    return _changed(context, lambda port: port.remove(words), as_json=as_json)


@risk.command("enable")
def enable(context: typer.Context, words: Words, *, as_json: Json = False) -> int:
    """Switch rules on again; they are armed then."""
    return _changed(context, lambda port: port.switch(words, on=True), as_json=as_json)


@risk.command("disable")
def disable(context: typer.Context, words: Words, *, as_json: Json = False) -> int:
    """Switch rules off, and keep them."""
    return _changed(context, lambda port: port.switch(words, on=False), as_json=as_json)


@risk.command("check")
def check(context: typer.Context, *, as_json: Json = False) -> int:
    """Judge every rule now and say what would follow; write nothing."""
    from robotrader.cli import render
    from robotrader.cli.screens import risk as screens

    session = session_of(context)

    async def operation(app: App) -> CheckView:
        return await (await app.risk()).check()

    found = run(session, operation)
    if as_json:
        output.document(found.record)
    else:
        render.show(*screens.looked(found.record, render.look(session.now()), would=True))
    return DONE


@risk.command("breaches")
def breaches(
    context: typer.Context,
    symbol: Annotated[
        str | None,
        typer.Argument(metavar="[SYMBOL]", help="Of this symbol alone.", autocompletion=complete_symbol),
    ] = None,
    *,
    limit: Limit = 50,
    as_json: Json = False,
) -> int:
    """Show the times rules were broken, newest first, and what came of it."""
    from robotrader.cli import render
    from robotrader.cli.screens import risk as screens

    session = session_of(context)

    async def operation(app: App) -> BreachesView:
        return await (await app.risk()).breaches(symbol, limit=limit)

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        render.show(*screens.breaches(found, render.look(session.now())))
    return DONE


def _changed(
    context: typer.Context, change: Callable[[RiskPort], Awaitable[RulesChangedView]], *, as_json: bool
) -> int:
    from robotrader.cli import render
    from robotrader.cli.screens import risk as screens

    session = session_of(context)

    async def operation(app: App) -> RulesChangedView:
        return await change(await app.risk())

    found = run(session, operation)
    if as_json:
        output.document(found)
    else:
        output.write(screens.changed(found, render.look(session.now())))
    return DONE
