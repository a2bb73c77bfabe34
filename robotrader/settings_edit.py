"""Changing the settings file for its owner: comments and order stay, a file that would be wrong is never written."""

from __future__ import annotations

import fcntl
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import InlineTable

from robotrader import settings_validation
from robotrader.core.errors import ConfigurationError, ResourceError
from robotrader.settings import Settings
from robotrader.settings_input import Input, at, changed, read_again, variable, write_private
from robotrader.settings_template import as_toml, template

PRIVATE_FOLDER = 0o700


class Change(NamedTuple):
    """What came of a change: where the file is, whether it says anything new, and the settings that hold now."""

    path: Path
    written: bool
    settings: Settings


def apply(given: Input, wanted: Mapping[str, Any], check: Callable[[Settings], None]) -> Change:
    """Set keys of the file (dotted; None takes one out), and refuse what would be wrong before anything is written.

    Args:
        check: judges the new settings beyond their types; what it raises refuses the change.

    Raises:
        ConfigurationError: the environment sets one of the keys, or the old file or the new one is wrong.
        ResourceError: the file cannot be written.
    """
    for key in wanted:
        if given.environ.get(variable(key), "").strip():
            raise ConfigurationError(
                f"{key} is set by the environment ({variable(key)}), which wins over {given.path}",
                remedy=f"change it there, or unset {variable(key)} first",
            )
    with _locked(given.home):
        given = read_again(given)
        settings_validation.validated(given)
        text = template() if given.content is None else given.content.decode("utf-8-sig")
        new = edited(text, {key: _merged(given, key, value) for key, value in wanted.items()})
        given = given._replace(content=new.encode())
        found = settings_validation.validated(given)
        settings = changed(Settings(given.home), found.values)
        check(settings)
        if written := new != text or not given.path.exists():
            try:
                write_private(given.path.resolve(), new)
            except OSError as error:
                remedy = "correct the permissions of the home"
                raise ResourceError(f"cannot write {given.path}: {error.strerror}", remedy=remedy) from error
            settings_validation.keep(given, found)
    return Change(given.path, written, settings)


def edited(text: str, wanted: Mapping[str, Any]) -> str:
    """The text of a settings file with keys set or, where the value is None, taken out.

    A line that only shows the default (``#trigger = ...``) is put to use where it stands and shows it again later; else
    the style of what is there is kept.

    Raises:
        ConfigurationError: the file is written in a way that cannot be changed without its owner.
    """
    ends = "\r\n" if "\r\n" in text and "\n" not in text.replace("\r\n", "") else "\n"
    plain = text.replace(ends, "\n")
    for key, value in wanted.items():
        table = tomllib.loads(plain)
        if at(table, key) == value:
            continue
        meant = _meant(table, key.split("."), value)
        for way in (_uncommented, _commented, _rewritten, _prepended):
            new = way(plain, key, value)
            if new is not None and _says(new, meant):
                plain = new
                break
        else:
            line = f"{key} = {as_toml(value)}" if value is not None else f"{key} taken out"
            raise ConfigurationError(f"the settings file cannot be changed by itself for: {line}", remedy="edit it")
    return plain.replace("\n", ends)


def _merged(given: Input, key: str, value: Any) -> Any:
    """The value of a key; of a table by symbol only what is named changes, and an empty one is taken out."""
    if not isinstance(value, Mapping):
        return value
    in_file = settings_validation.validated(given._replace(environ={}, overrides={})).values.get(key, {})
    merged = {name: each for name, each in {**in_file, **value}.items() if each is not None}
    return {name: int(each) if each == int(each) else each for name, each in merged.items()} or None


def _meant(table: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    """What the file shall say."""
    name, *rest = path
    if rest:
        below = _meant(table.get(name, {}), rest, value)
        return {**table, name: below} if below or name in table else table
    return {key: each for key, each in table.items() if key != name} | ({} if value is None else {name: value})


def _says(text: str, meant: dict[str, Any]) -> bool:
    try:
        return _filled(tomllib.loads(text)) == _filled(meant)
    except ValueError:
        return False


def _filled(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table without the empty ones in it: a section of which nothing is left may go or stay."""
    inner = {key: _filled(value) if isinstance(value, Mapping) else value for key, value in table.items()}
    return {key: value for key, value in inner.items() if value != {}}


def _uncommented(text: str, key: str, value: Any) -> str | None:
    """The text with the line that shows the default of a key put to use."""
    number = None if value is None or at(tomllib.loads(text), key) is not None else _line(text, key, "#")
    return None if number is None else _replaced(text, number, f"{key.rpartition('.')[2]} = {as_toml(value)}")


def _commented(text: str, key: str, value: Any) -> str | None:
    """The text with a line that was put to use so showing the default again."""
    number, shown = (None, None) if value is not None else (_line(text, key, ""), _line(template(), key, "#"))
    if not number or not shown:
        return None
    lines, original = text.split("\n"), template().split("\n")
    return _replaced(text, number, original[shown]) if lines[number - 1] == original[shown - 1] else None


def _line(text: str, key: str, mark: str) -> int | None:
    """The number of the first line of a key's section that begins with a mark and its name."""
    section, _, name = key.rpartition(".")
    here = ""
    for number, line in enumerate(text.split("\n")):
        if heading := re.fullmatch(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?", line):
            here = re.sub(r"\s*\.\s*", ".", heading[1])
        elif here == section and re.match(rf"{mark}{re.escape(name)}\s*=", line):
            return number
    return None


def _replaced(text: str, number: int, line: str) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[:number], line, *lines[number + 1 :]])


def _rewritten(text: str, key: str, value: Any) -> str | None:
    try:
        document = tomlkit.parse(text)
        *sections, name = key.split(".")
        node: Any = document
        for section in sections:
            if section not in node:
                inner = isinstance(node, InlineTable)
                node[section] = tomlkit.inline_table() if inner else tomlkit.table(section != sections[-1])
            node = node[section]
        _put(node, name, value)
        return tomlkit.dumps(document)
    except (TOMLKitError, AttributeError, KeyError, TypeError, ValueError):  # a shape it does not know
        return None


def _prepended(text: str, key: str, value: Any) -> str | None:
    """The text with a dotted key before all else, for files that write all they set in this way."""
    return None if value is None else f"{key} = {as_toml(value)}\n{text}"


def _put(node: Any, name: str, value: Any) -> None:
    if value is None:
        if name in node:
            del node[name]
    elif not isinstance(value, Mapping):
        node[name] = value
    elif isinstance(there := node.get(name), MutableMapping) and not isinstance(there, InlineTable):
        for key in [key for key in there if key not in value]:
            del there[key]
        for key, each in value.items():
            if there.get(key) != each:
                there[key] = each
    else:
        node[name] = tomlkit.parse(f"{name} = {as_toml(value)}")[name]


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Two changes at once wait for each other, so that neither is lost."""
    try:
        for folder in (home, home / "locks"):
            folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
        descriptor = os.open(home / "locks" / "settings.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        remedy = "choose another home with --home or ROBOTRADER_HOME, or correct its permissions"
        raise ResourceError(f"the home {home} cannot be written: {error.strerror}", remedy=remedy) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
