"""``schedule``."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from robotrader.cli import output
from robotrader.cli.options import Json, complete_symbol, complete_word, session_of
from robotrader.cli.run import DONE, Session
from robotrader.core.errors import ConfigurationError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from robotrader.core.services.schedule_service import ScheduleView
    from robotrader.settings import Settings

DEFAULT = "default"
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LENGTH = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smhd]?)")
Word = Annotated[
    str,
    typer.Argument(
        metavar="TYPE", help="earnings, news, fundamentals, market, risk, health.", autocompletion=complete_word
    ),
]

schedule = typer.Typer(help="See and change what runs by itself, and when.", no_args_is_help=True)


@schedule.command("list")
def list_schedules(context: typer.Context, *, as_json: Json = False) -> int:
    """Show every schedule, its next slot, and where its values come from."""
    session = session_of(context)
    found = _views(session)
    if as_json:
        output.document({"schedules": found})
    else:
        _show(session, found)
    return DONE


@schedule.command("enable")
def enable(context: typer.Context, word: Word, *, as_json: Json = False) -> int:
    """Let one type run by itself."""
    return _change(context, word, {"enabled": True}, as_json=as_json)


@schedule.command("disable")
def disable(context: typer.Context, word: Word, *, as_json: Json = False) -> int:
    """Keep one type from running by itself; run-task still runs it."""
    return _change(context, word, {"enabled": False}, as_json=as_json)


@schedule.command("set")
def set_schedule(
    context: typer.Context,
    word: Word,
    *,
    trigger: Annotated[
        str | None,
        typer.Option("--trigger", metavar="TEXT", help="When, such as 'daily 19:30' or '15m after close' (IST)."),
    ] = None,
    fresh: Annotated[
        str | None,
        typer.Option("--fresh", metavar="HOURS", help="How long an answer is fresh: hours, or such as 90m, 12h, 7d."),
    ] = None,
    symbols: Annotated[
        list[str] | None,
        typer.Option("--symbol", metavar="SYMBOL", help="For whom --fresh is.", autocompletion=complete_symbol),
    ] = None,
    batch: Annotated[
        str | None, typer.Option("--batch", metavar="N", help="Symbols asked for in one paid call.")
    ] = None,
    timeout: Annotated[
        str | None, typer.Option("--timeout", metavar="SECONDS", help="The longest one run may take: seconds, or 5m.")
    ] = None,
    attempts: Annotated[
        str | None, typer.Option("--attempts", metavar="N", help="Runs in all, where the failure was a passing one.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Change one schedule in config.toml, which keeps its comments.

    The word "default" for any value takes it out again. A running serve goes by the change from its next tick on.
    """
    from robotrader.core.background_scheduler.models import parse_symbol

    own = {parse_symbol(symbol): _length(fresh, "--fresh", "h") for symbol in symbols or ()}
    if own and fresh is None:
        raise ValidationError("--symbol says for whom --fresh is", remedy="add --fresh 12h, or --fresh default")
    given = {
        "trigger": None if trigger is None else _text(trigger),
        "fresh_hours": None if own else _length(fresh, "--fresh", "h"),
        "batch": _whole(batch, "--batch"),
        "timeout_seconds": _length(timeout, "--timeout", "s"),
        "max_attempts": _whole(attempts, "--attempts"),
        "fresh_hours_for": own or None,
    }
    values = {name: value for name, value in given.items() if value is not None}
    if not values:
        raise ValidationError("nothing to set", remedy=f"such as: robotrader schedule set {word[:40]} --fresh 12h")
    return _change(context, word, values, as_json=as_json)


def _change(context: typer.Context, word: str, values: Mapping[str, Any], *, as_json: bool) -> int:
    from robotrader import settings as tree
    from robotrader.cli.datasets import checked_word
    from robotrader.core.background_scheduler.config.task_specs import task_specs
    from robotrader.providers import calendar_of

    session = session_of(context)
    checked_word(word)
    _refuse_asking(word, values)
    home = session.settings().home
    _refuse_wrong(session, word, values)

    def check(new: Settings) -> None:
        task_specs(new.schedules, partial(calendar_of, home))

    wanted = {f"schedules.{word}.{name}": _or_none(value) for name, value in values.items()}
    done = tree.change(wanted, check, home=home)
    (found,) = (each for each in _views(session) if each.type == word)
    if as_json:
        output.document(found)
    else:
        _show(session, (found,))
        output.write(f"wrote {done.path}" if done.written else f"{done.path} says so already")
    return DONE


def _refuse_asking(word: str, values: Mapping[str, Any]) -> None:
    """Market and risk ask nobody for symbols.

    Raises:
        ValidationError: something is to be set that they do not have.
    """
    from robotrader.cli.datasets import WATCHES

    options = {"fresh_hours": "--fresh", "fresh_hours_for": "--fresh", "batch": "--batch"}
    found = next((option for name, option in options.items() if name in values), None)
    if word in WATCHES and found is not None:
        raise ValidationError(
            f"{found} is for what is asked about symbols; {word} looks at everything each time it runs",
            remedy=f"such as: robotrader schedule set {word} --trigger 'every 2m while open'",
        )


def _refuse_wrong(session: Session, word: str, values: Mapping[str, Any]) -> None:
    """Tell a wrong value as one of the command line, before it is one of the file.

    Raises:
        ValidationError: so it is.
    """
    from robotrader.core.background_scheduler.config.market_triggers import read_trigger
    from robotrader.providers import calendar_of

    if (text := values.get("trigger", DEFAULT)) != DEFAULT:
        read_trigger(text, partial(calendar_of, session.settings().home))
    plain = {name: _given(value) for name, value in values.items() if value != DEFAULT}
    try:
        session.load(session.home, {"schedules": {word: plain}})
    except ConfigurationError as error:
        message = error.context.message.replace(" in the options", "")
        raise ValidationError(message, remedy="'default' takes a value out again") from None


def _given(value: Any) -> Any:
    return {name: each for name, each in value.items() if each != DEFAULT} if isinstance(value, dict) else value


def _or_none(value: Any) -> Any:
    """A value as the file is changed with: None takes it out."""
    if isinstance(value, dict):
        return {name: _or_none(each) for name, each in value.items()}
    return None if value == DEFAULT else value


def _text(words: str) -> str:
    return " ".join(words.split())


def _whole(text: str | None, option: str) -> int | str | None:
    if text is None or text == DEFAULT:
        return text
    if re.fullmatch(r"-?[0-9]{1,9}", text) is None:
        raise ValidationError(f"{option}: not a whole number: {text[:40]!r}", remedy=f"such as {option} 5")
    return int(text)


def _length(text: str | None, option: str, unit: str) -> float | str | None:
    """A length of time in a unit, which is meant where none is written."""
    if text is None or text == DEFAULT:
        return text
    match = _LENGTH.fullmatch(text.strip().lower())
    if match is None:
        example = "12, 12h or 7d" if unit == "h" else "90, 90s or 5m"
        raise ValidationError(f"{option}: not a length of time: {text[:40]!r}", remedy=f"such as {example}")
    found = round(float(match[1]) * UNITS[match[2] or unit] / UNITS[unit], 6)
    return int(found) if found.is_integer() else found


def _views(session: Session) -> tuple[ScheduleView, ...]:
    from robotrader import settings as tree
    from robotrader.core.background_scheduler.config.task_specs import task_specs
    from robotrader.core.services import schedule_service
    from robotrader.providers import calendar_of

    loaded = session.settings()
    specs = task_specs(loaded.schedules, partial(calendar_of, loaded.home))
    origins = {row.key: row.origin for row in tree.describe(home=loaded.home)}
    return schedule_service.views(loaded.schedules, specs, origins, session.now())


def _show(session: Session, found: tuple[ScheduleView, ...]) -> None:
    from robotrader.cli import render
    from robotrader.cli.screens import schedule as screens

    render.show(*screens.listing(found, render.look(session.now())))
