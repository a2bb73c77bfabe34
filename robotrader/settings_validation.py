"""Checking the settings with pydantic: models are made from the tree, so the tree stays the only place that declares
them.

Imported only when there is something to check or to explain; ``settings.load`` remembers the outcome.
"""

from __future__ import annotations

import difflib
import json
import logging
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from robotrader.core.errors import ConfigurationError
from robotrader.settings import SettingRow, Settings
from robotrader.settings_input import (
    HOME_VARIABLE,
    PREFIX,
    SNAPSHOT_NAME,
    Found,
    Input,
    at,
    changed,
    leaves,
    secrets,
    to_keep,
    variable,
    write_private,
)
from robotrader.settings_models import model_of

LOOK = "correct it, or take it out to use the default"
SHOWN = 20
MODE = "trading.mode"
NEEDED = {
    "greater_than_equal": "at least {ge} is needed",
    "greater_than": "more than {gt} is needed",
    "less_than_equal": "at most {le} is needed",
    "literal_error": "{expected} is needed",
    "finite_number": "a finite number is needed",
    "int_parsing": "a whole number is needed",
    "int_type": "a whole number is needed",
    "int_from_float": "a whole number is needed",
    "float_parsing": "a number is needed",
    "float_type": "a number is needed",
    "decimal_parsing": "a number is needed",
    "decimal_type": "a number is needed",
    "bool_parsing": "true or false is needed",
    "bool_type": "true or false is needed",
    "string_type": "text is needed",
    "tuple_type": "a list of texts is needed",
    "dict_type": "a table is needed",
    "model_type": "a table is needed",
    "model_attributes_type": "a table is needed",
}
_log = logging.getLogger(__name__)


def validated(given: Input) -> Found:
    """Check the file, the environment and the options, and return what they set.

    Raises:
        ConfigurationError: something is unknown or wrong; the message names it and where it stands, never a secret.
    """
    defaults = Settings(given.home)
    table, environ = _table(given), _environ(given, defaults)
    for origin, nested in ((str(given.path), table), ("the options", given.overrides)):
        _refuse_unknown(nested, defaults, "", origin)
    _refuse_live(given, environ)
    try:
        model = model_of(defaults, given.overrides, environ, table)()
    except ValidationError as error:
        raise _refused(error, given, environ) from None
    found = dict(_set(model, defaults, ""))
    secret = {key for key, _, hidden in leaves(defaults) if hidden}
    return Found(
        {key: value for key, value in found.items() if key not in secret}, any(at(table, key) for key in secret)
    )


def keep(given: Input, found: Found) -> None:
    """Remember what was found, for the next load; where that is not possible, the next load checks again."""
    if given.overrides or not given.home.is_dir():
        return
    try:
        write_private(given.home / SNAPSHOT_NAME, to_keep(given, found))
    except OSError as error:
        _log.debug("the checked settings were not kept: %s", error)


def rows(given: Input) -> tuple[SettingRow, ...]:
    """Every setting with its value and its origin; secrets are only counted.

    Raises:
        ConfigurationError: as ``validated``.
    """
    found, defaults = validated(given), Settings(given.home)
    table, environ = _table(given), _environ(given, defaults)
    hidden = secrets(given, found.secrets_in_file, defaults)
    shown = [SettingRow("home", str(given.home), given.home_origin)]
    for key, value, secret in leaves(changed(defaults, found.values)):
        origins = {"option": at(given.overrides, key), "env": environ.get(variable(key)), "file": at(table, key)}
        origin = next((name for name, there in origins.items() if there is not None), "default")
        if secret:
            chosen, origin = hidden.get(key, (value, "default"))
            shown.append(SettingRow(key, _masked(chosen), origin))
        else:
            shown.append(SettingRow(key, _as_text(value), origin))
    return tuple(shown)


def _masked(value: Any) -> str:
    if not value:
        return "not set"
    if isinstance(value, str):
        return "set"
    return "1 key set" if len(value) == 1 else f"{len(value)} keys set"


def _as_text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={each:g}" for key, each in value.items()) or "none"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _table(given: Input) -> Mapping[str, Any]:
    if given.content is None:
        return {}
    try:
        return tomllib.loads(given.content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        why = f"is not UTF-8 (at byte {error.start + 1})"
    except ValueError as error:
        last = given.content.count(b"\n") + 1
        why = f"is not valid TOML: {error}".replace("at end of document", f"at the end, line {last}")
    except RecursionError:
        why = "is nested too deeply"
    raise ConfigurationError(
        f"{given.path} {why}", remedy="correct that place, or move the file away and run: robotrader init"
    )


def _environ(given: Input, defaults: Settings) -> Mapping[str, str]:
    """Our variables that say something: a blank one counts as not set."""
    known = {variable(key) for key, _, _ in leaves(defaults)}
    ours: dict[str, str] = {}
    for name, value in given.environ.items():
        if not name.startswith(PREFIX) or name == HOME_VARIABLE:
            continue
        if name not in known:
            near = difflib.get_close_matches(name.upper(), [*known, HOME_VARIABLE], n=1)
            raise ConfigurationError(
                f"the environment sets {_safe(name)}, which is not a setting",
                remedy=f"did you mean {near[0]}?" if near else LOOK,
            )
        if value.strip():
            ours[name] = value
    return ours


def _refuse_unknown(nested: Mapping[str, Any], node: Any, path: str, origin: str) -> None:
    known = {each.name for each in fields(node) if path or each.name != "home"}
    for name, value in nested.items():
        if name not in known:
            raise ConfigurationError(
                f"{_safe(f'{path}{name}')} in {origin} is not a setting", remedy=_nearest(f"{path}{name}", name)
            )
        if is_dataclass(section := getattr(node, name)):
            if not isinstance(value, Mapping):
                raise ConfigurationError(f"{path}{name} in {origin}: a table is needed", remedy=f"write [{path}{name}]")
            _refuse_unknown(value, section, f"{path}{name}.", origin)


def _refuse_live(given: Input, environ: Mapping[str, str]) -> None:
    """Real orders are switched on in the file alone: what a shell or a cron line happens to carry is no decision."""
    found = ((variable(MODE), environ.get(variable(MODE))), ("the options", at(given.overrides, MODE)))
    for origin, value in found:
        if isinstance(value, str) and value.strip().lower() == "live":
            raise ConfigurationError(
                f"{MODE} in {origin} says live: live trading is switched on in config.toml alone",
                remedy=f'write mode = "live" under [trading] in {given.path}',
            )


def _nearest(key: str, name: str) -> str:
    keys = [each for each, _, _ in leaves(Settings(Path()))]
    sections = sorted({each.rpartition(".")[0] for each in keys} - {""})
    by_name = {each.rpartition(".")[2]: each for each in reversed(keys)}
    near = (
        [by_name[name]]
        if name in by_name
        else difflib.get_close_matches(key, [*keys, *sections], n=1)
        or [by_name[each] for each in difflib.get_close_matches(name, by_name, n=1)]
    )
    return f"did you mean {near[0]}?" if near else LOOK


def _refused(error: ValidationError, given: Input, environ: Mapping[str, str]) -> ConfigurationError:
    problems = error.errors(include_url=False)
    first = problems[0]
    found = {key: secret for key, _, secret in leaves(Settings(given.home))}
    tables = {key for key, value, _ in leaves(Settings(given.home)) if isinstance(value, Mapping)}
    parts = [str(part) for part in first["loc"]]
    key = next(
        (name for size in range(len(parts), 0, -1) if (name := ".".join(parts[:size])) in found), ".".join(parts)
    )
    if at(given.overrides, key) is not None:
        where, value = "the options", at(given.overrides, key)
    elif (value := environ.get(variable(key))) is not None:
        where = variable(key)
    else:
        where, value = str(given.path), first["input"]
    context = first.get("ctx", {})
    needed = str(context["error"]) if first["type"] == "value_error" else _needed(first["type"], context, first["msg"])
    if key in tables and len(parts) > key.count(".") + 1:
        needed, value = f"{parts[-1]}: {needed}", first["input"]
    needed = _hidden(needed)
    shown = "" if found.get(key, True) else _shown(value)
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return ConfigurationError(f"{key} in {where}: {needed}{shown}{more}", remedy=LOOK)


def _needed(kind: str, context: Mapping[str, Any], message: str) -> str:
    words = NEEDED.get(kind)
    plain = {name: f"{value:g}" if isinstance(value, float) else value for name, value in context.items()}
    return message.lower() if words is None else words.format(**plain).replace("'", "")


def _shown(value: Any) -> str:
    """What was set instead, where that is short and cannot be a secret in the wrong place."""
    if isinstance(value, str):
        return f", not {value!r}" if len(value) <= SHOWN and _safe(value) == value and "@" not in value else ""
    return f", not {json.dumps(value)}" if isinstance(value, bool | int | float) else ""


def _safe(text: str) -> str:
    """A name from outside on one line, without what looks like a key."""
    short = _hidden(text)
    short = short if len(short) <= 60 else short[:60] + "..."
    return short if short.isprintable() else ascii(short)


def _hidden(text: str) -> str:
    return re.sub(r"((?:pplx|sk)-)[^\s'\"]+", r"\1...", text)


def _set(model: BaseModel, node: Any, path: str) -> Iterator[tuple[str, Any]]:
    for name in sorted(model.model_fields_set):
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            yield from _set(value, getattr(node, name), f"{path}{name}.")
        else:
            yield f"{path}{name}", value
