"""What the settings are made from: file, environment and options, and what is remembered of checking them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from robotrader import __version__
from robotrader.core.errors import ConfigurationError

PREFIX = "ROBOTRADER_"
HOME_VARIABLE = "ROBOTRADER_HOME"
CONFIG_NAME = "config.toml"
SNAPSHOT_NAME = ".settings.json"
CHECKED_BY = ("settings.py", "settings_input.py", "settings_models.py", "settings_validation.py")
OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "perplexity.api_keys": ("PERPLEXITY_API_KEYS", "PERPLEXITY_API_KEY"),
    "kite.api_key": ("KITE_API_KEY",),
    "kite.api_secret": ("KITE_API_SECRET",),
}
Node = TypeVar("Node")


class Input(NamedTuple):
    """Everything a load starts from. ``content`` is the settings file, None where there is none."""

    home: Path
    home_origin: str
    environ: Mapping[str, str]
    overrides: Mapping[str, Any]
    content: bytes | None

    @property
    def path(self) -> Path:
        """The settings file."""
        return self.home / CONFIG_NAME


class Found(NamedTuple):
    """The valid values that were set, by dotted key, secrets left out; and whether the file holds secrets."""

    values: Mapping[str, Any]
    secrets_in_file: bool


def gather(environ: Mapping[str, str], home: Path | None, overrides: Mapping[str, Any] | None) -> Input:
    """Find the home and read the file in it.

    Raises:
        ConfigurationError: the file cannot be read, or the home cannot be found.
    """
    origin = "option"
    if home is None:
        named = environ.get(HOME_VARIABLE, "").strip()
        home, origin = (Path(named), "env") if named else (_platform_home(), "default")
    try:
        home = home.expanduser().absolute()
    except RuntimeError:
        raise ConfigurationError(
            f"the home {home} names a user who is not there", remedy=f"set {HOME_VARIABLE}"
        ) from None
    return Input(home, origin, environ, overrides or {}, _content(home / CONFIG_NAME))


def read_again(given: Input) -> Input:
    """The same with the file as it is now. Raises as ``gather``."""
    return given._replace(content=_content(given.path))


def recall(given: Input) -> Found | None:
    """What an earlier check found, if it still holds; anything odd about what was kept counts as nothing."""
    if given.overrides:
        return None
    try:
        head, _, body = (given.home / SNAPSHOT_NAME).read_text("utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    if head != _digest(_key(given), body.encode()):
        return None
    kept = json.loads(body)
    return Found({key: _recalled(value) for key, value in kept["values"].items()}, kept["secrets_in_file"])


def to_keep(given: Input, found: Found) -> str:
    """The text by which ``recall`` knows what was found. It is only good for the same input and the same program."""
    plain = {key: _plain(value) for key, value in found.values.items()}
    body = json.dumps({"values": plain, "secrets_in_file": found.secrets_in_file})
    return f"{_digest(_key(given), body.encode())}\n{body}"


def write_private(path: Path, text: str) -> None:
    """Put a file for the owner alone (0600) in the place of another, whole and on disk.

    Raises:
        OSError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise


def secrets(given: Input, in_file: bool, defaults: Any) -> Mapping[str, tuple[Any, str]]:
    """Each secret that is set, with its origin: options win over the environment, and that over the file.

    Raises:
        ConfigurationError: one holds what no key can hold.
    """
    table: Mapping[str, Any] = {}
    if in_file and given.content is not None:
        import tomllib  # only those pay for it who keep secrets in the file

        table = tomllib.loads(given.content.decode("utf-8-sig"))
    chosen: dict[str, tuple[Any, str]] = {}
    for key, default, secret in leaves(defaults):
        if not secret:
            continue
        many = isinstance(default, tuple)
        sources = (
            (at(given.overrides, key), "option"),
            (given.environ.get(variable(key)), "env"),
            ([given.environ.get(name, "") for name in OTHER_NAMES.get(key, ())], "env"),
            (at(table, key), "file"),
        )
        for source, origin in sources:
            if value := _cleaned(source, key, many=many):
                chosen[key] = (value, origin)
                break
    return chosen


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any, bool]]:
    """Each setting below a node of the tree: its dotted key, its value there, and whether it is a secret."""
    for each in fields(tree):
        value = getattr(tree, each.name)
        if is_dataclass(value):
            yield from leaves(value, f"{path}{each.name}.")
        elif path or each.name != "home":
            yield f"{path}{each.name}", value, not each.repr


def changed(node: Node, values: Mapping[str, Any]) -> Node:
    """A tree with the leaves of these dotted keys replaced."""
    if not values:
        return node
    here: dict[str, Any] = {}
    below: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        name, _, rest = key.partition(".")
        if rest:
            below.setdefault(name, {})[rest] = value
        else:
            here[name] = value
    here |= {name: changed(getattr(node, name), inner) for name, inner in below.items()}
    return replace(node, **here)  # type: ignore[type-var]


def variable(key: str) -> str:
    """The environment variable of a dotted key."""
    return PREFIX + key.replace(".", "__").upper()


def at(nested: Mapping[str, Any], key: str) -> Any:
    """What a nested mapping holds under a dotted key, None where nothing."""
    node: Any = nested
    for name in key.split("."):
        node = node.get(name) if isinstance(node, Mapping) else None
    return node


def _cleaned(source: Any, key: str, *, many: bool) -> Any:
    texts = (source,) if isinstance(source, str) else tuple(source or ())
    parts = [part.strip() for text in texts for part in (text.split(",") if many else (text,))]
    kept = tuple(dict.fromkeys(part for part in parts if part))
    if not all(part.isascii() and part.isprintable() and " " not in part for part in kept):
        raise ConfigurationError(
            f"{key}: holds a character that no key has", remedy="copy the key anew, without spaces"
        )
    return kept if many else "".join(kept)


def _platform_home() -> Path:
    from platformdirs import user_data_path  # 35 ms, and only where no home was named

    return user_data_path("robotrader", appauthor=False)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise ConfigurationError(f"{path} cannot be read: {why}", remedy="make it a file that you may read") from None


def _key(given: Input) -> bytes:
    """What a kept result stands for: the file, the environment, and the program that checked them."""
    ours = sorted(item for item in given.environ.items() if item[0].startswith(PREFIX) and item[0] != HOME_VARIABLE)
    code = [_state(Path(__file__).with_name(name)) for name in CHECKED_BY]
    content = b"none" if given.content is None else b"file" + given.content
    return _digest(content, repr((ours, code, __version__)).encode("utf-8", "surrogatepass")).encode()


def _state(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size


def _digest(*parts: bytes) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    """A value as JSON has it; ``_recalled`` gives it back."""
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return {"mapping": dict(value)} if isinstance(value, Mapping) else value


def _recalled(value: Any) -> Any:
    if isinstance(value, dict):
        return Decimal(value["decimal"]) if "decimal" in value else MappingProxyType(value["mapping"])
    return tuple(value) if isinstance(value, list) else value
