"""What a configuration demands of its values, said as one sentence."""

from __future__ import annotations

import math

from recommendation_service.engines.errors import ConfigError


def require(holds: bool, message: str) -> None:
    """Raise ConfigError with `message` unless it holds."""
    if not holds:
        raise ConfigError(message)


def require_positive(name: str, value: float) -> None:
    """Raise ConfigError unless `value` is a finite number above 0."""
    require(math.isfinite(value) and value > 0, f"{name} must be above 0, got {value}")
