"""The commented ``config.toml`` a new home starts with, made from the settings tree."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, get_type_hints

from robotrader.settings import Settings

HEAD = """\
# Settings of robotrader. Every line that sets something is commented out and shows the default: take the # away to set
# it. The environment wins over this file: ROBOTRADER_PERPLEXITY__BASE_URL sets base_url of [perplexity].
"""


def template() -> str:
    """A settings file that sets nothing: keys on lines that start with ``#``, meanings on lines with ``# ``."""
    return HEAD + "".join(f"{line}\n" for line in _lines(Settings(Path()), ""))


def meaning(node: Any, name: str) -> str:
    """What one setting of a node of the tree is for, in a line."""
    hint = get_type_hints(type(node), include_extras=True)[name]
    return next((each for each in getattr(hint, "__metadata__", ()) if isinstance(each, str)), "")


def _lines(node: Any, path: str) -> Iterator[str]:
    sections = [each.name for each in fields(node) if is_dataclass(getattr(node, each.name))]
    for each in fields(node):
        if each.name not in sections and (path or each.name != "home"):
            yield f"\n# {meaning(node, each.name)}"
            yield f"#{each.name} = {as_toml(getattr(node, each.name))}"
    for name in sections:
        section = getattr(node, name)
        yield f"\n# {(type(section).__doc__ or '').replace('``', '').strip()}"
        yield f"[{path}{name}]"
        yield from _lines(section, f"{path}{name}.")


def as_toml(value: Any) -> str:
    """A value of the tree as it is written in the file."""
    if value is None:
        return '"none"'
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{json.dumps(key)} = {as_toml(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return json.dumps(list(value) if isinstance(value, tuple) else value)
