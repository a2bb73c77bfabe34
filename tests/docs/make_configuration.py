"""Makes docs/configuration.md out of the settings tree: ``python tests/docs/make_configuration.py > docs/configuration.md``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from robotrader.core.background_scheduler.config.task_specs import TaskSpec, task_specs
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

The home is `ROBOTRADER_HOME`, or `--home` before the command, else the platform's folder for user data. It holds
`config.toml`, `robotrader.db`, `documents/`, `logs/`, `backups/`, `locks/`, `prompts/` and `.settings.json`, which
remembers that the settings were checked and holds no secret.
"""
WORDS = {int: "whole number", float: "number", str: "text", bool: "true or false", tuple[str, ...]: "list of texts"}


def markdown() -> str:
    """The whole page."""
    return HEAD + "".join(f"{line}\n" for line in _lines(Settings(Path()), ""))


def _lines(node: Any, path: str) -> Iterator[str]:
    hints = get_type_hints(type(node), include_extras=True)
    own = _own_defaults(path)
    keys = [each for each in fields(node) if not is_dataclass(getattr(node, each.name)) and each.name != "home"]
    if keys:
        doc = (type(node).__doc__ or "").strip()
        yield from ("", f"## {f'`[{path[:-1]}]`' if path else 'At the top of the file'}", "")
        yield from ((doc, "") if path else ())
        yield from ("| key | default | what it is | allowed |", "|---|---|---|---|")
    for each in keys:
        key, default = f"{path}{each.name}", as_toml(getattr(node, each.name))
        shown = f"{default} ({own[each.name]})" if each.name in own else f"{default}"
        yield f"| `{each.name}` | `{shown}` | {meaning(node, each.name)} | {_allowed(hints[each.name])} |"
    for each in keys:
        names = OTHER_NAMES.get(f"{path}{each.name}", ())
        if names:
            others = " or ".join(f"`{name}`" for name in names)
            yield from ("", f"`{each.name}` is also read from {others} (as well as `{variable(f'{path}{each.name}')}`).")
    for each in fields(node):
        if is_dataclass(section := getattr(node, each.name)):
            yield from _lines(section, f"{path}{each.name}.")


def _own_defaults(path: str) -> dict[str, str]:
    """What ``"none"`` stands for in a row of the schedule table."""
    word = path.removeprefix("schedules.").rstrip(".")
    specs = {spec.word: spec for spec in task_specs(Settings(Path()).schedules).values()}
    return _of_spec(specs[word]) if path.startswith("schedules.") and word in specs else {}


def _of_spec(spec: TaskSpec) -> dict[str, str]:
    return {
        "enabled": "true" if spec.enabled else "false",
        "trigger": str(spec.trigger),
        "fresh_hours": f"{spec.fresh_for / timedelta(hours=1):g}",
        "timeout_seconds": f"{spec.timeout_seconds:g}",
        "max_attempts": f"{spec.max_attempts}",
        "concurrency": f"{spec.concurrency}",
    }


def _allowed(hint: Any) -> str:
    parts = list(_parts(hint))
    return ", ".join(dict.fromkeys(parts))


def _parts(hint: Any) -> Iterator[str]:
    notes = getattr(hint, "__metadata__", ())
    inner = get_args(hint)[0] if notes else hint
    if type(None) in get_args(inner):
        for each in get_args(inner):
            if each is not type(None):
                yield from _parts(each)
        yield '`"none"`'
        return
    if get_origin(inner) is Literal:
        yield " or ".join(f"`{each}`" for each in get_args(inner))
    elif getattr(inner, "__metadata__", ()):
        yield from _parts(inner)
    elif not any(isinstance(note, WebAddress) for note in notes):
        yield WORDS.get(inner, "number")
    for note in notes:
        if isinstance(note, AtLeast):
            yield f"at least {note.limit:g}"
        elif isinstance(note, MoreThan):
            yield f"more than {note.limit:g}"
        elif isinstance(note, AtMost):
            yield f"at most {note.limit:g}"
        elif isinstance(note, WebAddress):
            yield "http or https address"


if __name__ == "__main__":
    print(markdown(), end="")
