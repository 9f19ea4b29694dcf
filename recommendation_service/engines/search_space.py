"""What `--tune` varies, preset by preset: the one place to read or change it.

A dimension names one or more settings of the training configuration (all of them get the same value) and what they may
be. Whatever is not named here stays as the preset or `--config` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from recommendation_service.engines.config_json import override, to_dict
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.training_config import TrainingConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A number between two bounds, both included; with `log` each factor is as likely as any other."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of some JSON values."""

    options: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """Settings by their dotted keys, and what they may be."""

    keys: tuple[str, ...]
    values: Range | Choice

    @property
    def name(self) -> str:
        """The first key stands for all."""
        return self.keys[0]


SearchSpace = tuple[Dimension, ...]


def _range(key: str, low: float, high: float, *, log: bool = False) -> Dimension:
    return Dimension(keys=(key,), values=Range(low=low, high=high, log=log))


def _learning_rate(low: float, high: float) -> Dimension:
    return _range("optimizer.learning_rate", low, high, log=True)


def _choice(keys: tuple[str, ...], *options: object) -> Dimension:
    return Dimension(keys=keys, values=Choice(options=options))


_BOTH_HIDDEN = ("user_tower.hidden", "startup_tower.hidden")
_BOTH_DROPOUT = ("user_tower.dropout", "startup_tower.dropout")
_PAIR_LOSSES = ("weighted_bce", "in_batch_softmax", "softmax_at_k", "bilateral_softmax")
_TEMPERATURES = Dimension(
    keys=("loss.temperature", "loss.positive_temperature"), values=Range(low=0.03, high=0.3, log=True)
)
_WEIGHT_DECAY = _range("optimizer.weight_decay", 1e-4, 0.3, log=True)
_PROFILE: SearchSpace = (
    _WEIGHT_DECAY,
    _choice(("embedding",), 32, 64, 128, 256),
    _choice(("loss.name",), *_PAIR_LOSSES),
    _TEMPERATURES,
)

SEARCH_SPACES: Mapping[str, SearchSpace] = MappingProxyType(
    {
        "default": (
            *_PROFILE,
            _learning_rate(1e-4, 1e-2),
            _choice(("batch_size",), 256, 512, 1024, 2048),
            _choice(_BOTH_HIDDEN, [256, 128], [512, 256], [1024, 512]),
            _choice(_BOTH_DROPOUT, [0.1, 0.1], [0.3, 0.2], [0.5, 0.4]),
        ),
        "fast": (
            *_PROFILE,
            _learning_rate(3e-4, 3e-2),
            _choice(("batch_size",), 256, 512, 1024, 2048),
            _choice(_BOTH_HIDDEN, [64], [128], [256]),
            _choice(_BOTH_DROPOUT, [0.0], [0.2], [0.4]),
        ),
        "deep": (
            *_PROFILE,
            _learning_rate(5e-5, 5e-3),
            _choice(("batch_size",), 512, 1024, 2048, 4096),
            _choice(_BOTH_HIDDEN, [512, 256, 128], [1024, 512, 256], [2048, 1024, 512]),
            _choice(_BOTH_DROPOUT, [0.1, 0.1, 0.1], [0.3, 0.3, 0.2], [0.5, 0.4, 0.3]),
        ),
        "history": (
            _WEIGHT_DECAY,
            _learning_rate(1e-3, 5e-2),
            _choice(("batch_size",), 128, 256, 512, 1024),
            _range("loss.temperature", 0.3, 3.0, log=True),
            _choice(("episodes.count",), 3, 5, 8, 12),
            _range("history.half_life", 0.5, 10.0, log=True),
            _range("history.id_dropout", 0.0, 0.6),
        ),
        "ids": (
            _range("loss.temperature", 0.03, 0.3, log=True),
            _learning_rate(1e-3, 5e-2),
            _choice(("embedding",), 32, 64, 128),
            _choice(("batch_size",), 512, 1024, 2048),
            _choice(("ids.layers",), 0, 1, 2, 3),
            _range("ids.length", 0.0, 0.6),
        ),
    }
)
"""Preset -> what is varied."""


def search_space(preset: str) -> SearchSpace:
    """What is varied for a preset.

    Raises:
        ConfigError: If nothing is stated for it.
    """
    if preset not in SEARCH_SPACES:
        raise ConfigError(f"nothing is stated to vary for the preset {preset!r}; known: {', '.join(SEARCH_SPACES)}")
    return SEARCH_SPACES[preset]


def with_values(config: TrainingConfig, space: SearchSpace, values: Mapping[str, Any]) -> TrainingConfig:
    """The configuration with a value for each dimension laid over it.

    Args:
        config: Where everything else comes from.
        space: The dimensions.
        values: Name of each dimension -> its value.

    Raises:
        ConfigError: For a value that the configuration refuses, alone or beside the others.
    """
    changes: dict[str, Any] = {}
    for dimension in space:
        for key in dimension.keys:
            *parents, last = key.split(".")
            place = changes
            for parent in parents:
                place = place.setdefault(parent, {})
            place[last] = values[dimension.name]
    return override(config, changes)


def values_of(config: TrainingConfig, space: SearchSpace) -> dict[str, Any] | None:
    """The values that a configuration has; None when it lies outside the space."""
    values = {}
    for dimension in space:
        value: Any = to_dict(config)
        for part in dimension.name.split("."):
            value = value[part]
        if not _allows(dimension.values, value):
            return None
        values[dimension.name] = value
    return values


def _allows(values: Range | Choice, value: Any) -> bool:
    if isinstance(values, Choice):
        return value in values.options
    return bool(values.low <= value <= values.high)
