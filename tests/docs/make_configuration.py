"""Makes docs/configuration.md: ``python tests/docs/make_configuration.py > docs/configuration.md``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from robotrader.settings import AtLeast, AtMost, MoreThan, Settings, WebAddress
from robotrader.settings_input import OTHER_NAMES, variable
from robotrader.settings_template import as_toml, meaning

HEAD = """\
# Configuration

Made from the program by `python tests/docs/make_configuration.py > docs/configuration.md`; a test keeps it so.

Everything has a default; a home without a `config.toml` works. What is set wins in this order, last first: default,
`config.toml` in the home, environment, options of the command.

* `robotrader init` writes a `config.toml` that explains every key and sets none. `robotrader config show` prints every
  setting with its value and where it comes from; `robotrader config validate` checks file and environment and ends with
  exit code 3 where something is wrong.
* Each key has an environment variable: `ROBOTRADER_`, then the path with two underscores between names
  (`ROBOTRADER_BUDGET__DAILY_USD=2`). A blank variable counts as not set. Secrets have shorter names too.
* An unknown key or variable is an error that names the nearest one. No message, log or screen shows a secret.
* Where a limit may be absent, `"none"` sets none.
* What is set by trading symbol is a table in the file (`{ "SBIN" = 6, "M&M" = 12 }`) and a list in the environment
  (`SBIN=6, M&M=12`, or JSON), which stands for the whole table.
* `robotrader schedule set` changes the file and keeps its comments.

The home is `ROBOTRADER_HOME`, or `--home` before the command, else the platform's folder for user data. It holds
`config.toml`, `robotrader.db`, `documents/`, `logs/`, `backups/`, `locks/`, `prompts/` and `.settings.json`, which
remembers that the settings were checked and holds no secret.
"""
WORDS = {int: "whole number", float: "number", str: "text", bool: "true or false", tuple[str, ...]: "list of texts"}
LIMITS = {AtLeast: "at least", MoreThan: "more than", AtMost: "at most"}


def markdown() -> str:
    """The whole page."""
    return HEAD + "".join(f"{line}\n" for line in _lines(Settings(Path()), ""))


def _lines(node: Any, path: str) -> Iterator[str]:
    hints = get_type_hints(type(node), include_extras=True)
    keys = [each for each in fields(node) if not is_dataclass(getattr(node, each.name)) and each.name != "home"]
    if keys:
        doc = (type(node).__doc__ or "").strip()
        yield from ("", f"## {f'`[{path[:-1]}]`' if path else 'At the top of the file'}", "")
        yield from ((doc, "") if path else ())
        yield from ("| key | default | what it is | allowed |", "|---|---|---|---|")
    for each in keys:
        shown, hint = as_toml(getattr(node, each.name)), hints[each.name]
        yield f"| `{each.name}` | `{shown}` | {meaning(node, each.name)} | {_allowed(hint)} |"
    for each in keys:
        others = " or ".join(f"`{name}`" for name in OTHER_NAMES.get(f"{path}{each.name}", ()))
        if others:
            full = variable(f"{path}{each.name}")
            yield from ("", f"`{each.name}` is also read from {others} (as well as `{full}`).")
    for each in fields(node):
        if is_dataclass(section := getattr(node, each.name)):
            yield from _lines(section, f"{path}{each.name}.")


def _allowed(hint: Any) -> str:
    parts = list(_parts(hint))
    return ", ".join(dict.fromkeys(parts))


def _parts(hint: Any) -> Iterator[str]:
    notes = getattr(hint, "__metadata__", ())
    inner = get_args(hint)[0] if notes else hint
    choices = [each for each in get_args(inner) if each is not type(None)]
    if type(None) in get_args(inner):
        yield from (part for each in choices for part in _parts(each))
        yield '`"none"`'
    elif get_origin(inner) is Mapping:
        yield from ("by trading symbol", *_parts(get_args(inner)[1]))
    elif get_origin(inner) is Literal:
        yield " or ".join(f"`{each}`" for each in choices)
    elif getattr(inner, "__metadata__", ()):
        yield from _parts(inner)
    elif address := next((note for note in notes if isinstance(note, WebAddress)), None):
        yield f"{' or '.join(address.schemes)} address"
    else:
        yield WORDS.get(inner, "number")
    yield from (f"{LIMITS[type(note)]} {note.limit:g}" for note in notes if type(note) in LIMITS)


if __name__ == "__main__":
    print(markdown(), end="")
