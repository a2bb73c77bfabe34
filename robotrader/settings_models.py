"""The settings tree as pydantic models, and the order in which the sources win."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import partial
from types import GenericAlias, MappingProxyType
from typing import Annotated, Any, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, create_model
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.errors import SymbolError
from robotrader.settings import AtLeast, AtMost, MoreThan, WebAddress
from robotrader.settings_input import PREFIX

NO_LIMIT = "none"
ADDRESS = "an address such as {}://host/path is needed"
PAIRS = "SYMBOL=NUMBER is needed, more of them with commas between, such as SBIN=6, M&M=12"


def model_of(
    defaults: Any, options: Mapping[str, Any], environ: Mapping[str, str], table: Mapping[str, Any]
) -> type[BaseSettings]:
    """The model of a tree; made without arguments, it reads the options, then the environment, then the file."""

    class Sources(BaseSettings):
        model_config = SettingsConfigDict(
            env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", allow_inf_nan=False
        )

        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: PydanticBaseSettingsSource, **__: PydanticBaseSettingsSource
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (
                InitSettingsSource(settings_cls, dict(options)),
                _Environment(settings_cls, environ),
                InitSettingsSource(settings_cls, dict(table)),
            )

    return create_model(type(defaults).__name__, __base__=Sources, **_fields(defaults))


class _Environment(EnvSettingsSource):
    """The environment as it was handed over, whatever the process has."""

    def __init__(self, settings_cls: type[BaseSettings], environ: Mapping[str, str]) -> None:
        self._given = environ
        super().__init__(settings_cls)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._given.items()}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


def _fields(node: Any) -> dict[str, Any]:
    hints = get_type_hints(type(node), include_extras=True)
    made: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if is_dataclass(value):
            section = create_model(type(value).__name__, __base__=_Section, **_fields(value))
            made[each.name] = (section, Field(default_factory=section))
        elif isinstance(value, Mapping):
            made[each.name] = (_checked(hints[each.name]), Field(default_factory=dict))
        elif each.name != "home":
            made[each.name] = (_checked(hints[each.name]), value)
    return made


def _checked(hint: Any) -> Any:
    """The type with its limits as pydantic takes them."""
    notes = getattr(hint, "__metadata__", ())
    inner = get_args(hint)[0] if notes else hint
    if type(None) in get_args(inner):
        (inner,) = (each for each in get_args(inner) if each is not type(None))
        return Annotated[_checked(inner) | None, BeforeValidator(_none)]
    if get_origin(inner) is Mapping:
        whole = GenericAlias(dict, (str, _checked(get_args(inner)[1])))
        return Annotated[whole, NoDecode, BeforeValidator(_by_symbol), AfterValidator(MappingProxyType)]
    checks: list[Any] = []
    for note in notes:
        if isinstance(note, AtLeast):
            checks.append(Field(ge=note.limit))
        elif isinstance(note, MoreThan):
            checks.append(Field(gt=note.limit))
        elif isinstance(note, AtMost):
            checks.append(Field(le=note.limit))
        elif isinstance(note, WebAddress):
            checks.append(AfterValidator(partial(_address, schemes=note.schemes)))
    if inner in (int, float, Decimal):
        checks.append(BeforeValidator(_number))
    if inner == tuple[str, ...]:
        checks += [NoDecode, BeforeValidator(_texts)]
    return Annotated[(inner, *checks)] if checks else inner


def _none(value: Any) -> Any:
    return None if isinstance(value, str) and value.strip().lower() == NO_LIMIT else value


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number is needed")  # noqa: TRY004 - pydantic tells values by it
    return value


def _texts(value: Any) -> Any:
    return value.split(",") if isinstance(value, str) else value


def _by_symbol(value: Any) -> Any:
    """A table of values by trading symbol, or its text (``SBIN=6, M&M=12`` or JSON), under canonical symbols."""
    found: dict[str, Any] = {}
    for name, each in _pairs(value) if isinstance(value, str) else value.items() if isinstance(value, Mapping) else ():
        try:
            symbol = parse_symbol(str(name))
        except SymbolError as error:
            raise ValueError(f"{error} ({error.context.remedy})") from None
        if symbol in found:
            raise ValueError(f"{symbol} is named twice")
        found[symbol] = each
    return found if isinstance(value, str | Mapping) else value


def _pairs(text: str) -> list[tuple[str, Any]]:
    if text.lstrip().startswith("{"):
        try:
            return list(json.loads(text, object_pairs_hook=_Pairs))
        except (ValueError, RecursionError):
            raise ValueError(PAIRS) from None
    parts = [part.partition("=") for part in text.split(",")]
    if not all(equals and name.strip() and value.strip() for name, equals, value in parts):
        raise ValueError(PAIRS)
    return [(name.strip(), value.strip()) for name, _, value in parts]


class _Pairs(list[tuple[str, Any]]):
    """A JSON object with every name, one that stands there twice included."""


def _address(value: str, *, schemes: tuple[str, ...]) -> str:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not value.isprintable() or any(each in value for each in " ?#"):
        raise ValueError(ADDRESS.format(schemes[-1]))
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address without user and password is needed")
    return value.rstrip("/")
