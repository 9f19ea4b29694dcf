"""Configurations as JSON: frozen dataclasses out, strict partial overrides in."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from recommendation_service.engines.errors import ConfigError

ConfigT = TypeVar("ConfigT")
_NAMES = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


def to_dict(config: object) -> dict[str, Any]:
    """A configuration dataclass as plain JSON data; tuples become lists."""
    fields = dataclasses.fields(config)  # type: ignore[arg-type]
    return {field.name: _plain(getattr(config, field.name)) for field in fields}


def override(config: ConfigT, changes: Mapping[str, Any], path: str = "") -> ConfigT:
    """A copy of `config` with `changes` laid over it; nested objects may be partial.

    Args:
        config: A configuration dataclass.
        changes: JSON data; keys are field names.
        path: Where `changes` stands in the whole file, for messages.

    Raises:
        ConfigError: An unknown key (named, with the closest known one) or a value of the wrong type or range.
    """
    hints = typing.get_type_hints(type(config))
    accepted = {}
    for key, value in changes.items():
        where = f"{path}.{key}" if path else key
        if key not in hints:
            raise ConfigError(unknown_name("configuration key", where, key, hints))
        accepted[key] = _accept(getattr(config, key), value, hints[key], where)
    return dataclasses.replace(config, **accepted)  # type: ignore[type-var]


def unknown_name(what: str, shown: str, name: str, known: typing.Iterable[str]) -> str:
    """The sentence for a name that is not known: the closest known one, or all of them."""
    choices = sorted(known)
    close = get_close_matches(name, choices, n=1)
    cure = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(choices)}"
    return f"unknown {what} {shown!r}; {cure}"


def read_json_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        ConfigError: If the file is missing, is not JSON, or holds something other than an object.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"there is no configuration file {str(path)!r}") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the configuration file {str(path)!r}: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{str(path)!r} must hold a JSON object, not {type(data).__name__}")
    return data


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value):
        return to_dict(value)
    return list(value) if isinstance(value, tuple) else value


def _accept(current: object, value: object, hint: Any, where: str) -> object:
    if dataclasses.is_dataclass(current):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where} must be an object, got {value!r}")
        return override(current, value, where)
    origin = typing.get_origin(hint)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise ConfigError(f"{where} must be a list, got {value!r}")
        return tuple(_scalar(part, typing.get_args(hint)[0], where) for part in value)
    if origin is types.UnionType:
        return None if value is None else _scalar(value, typing.get_args(hint)[0], where)
    return _scalar(value, hint, where)


def _scalar(value: object, kind: type, where: str) -> object:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ConfigError(f"{where} must be {_NAMES[kind]}, got {value!r}")
    return value
