"""The settings of towers that know people and startups by their ids alone."""

from __future__ import annotations

from dataclasses import dataclass

from recommendation_service.engines.config_checks import require


@dataclass(frozen=True, slots=True, kw_only=True)
class IdsConfig:
    """Id embeddings, smoothed over the graph of who liked what.

    Attributes:
        layers: How many steps away on that graph an embedding still counts; 0 leaves embeddings as they are.
    """

    layers: int = 2

    def __post_init__(self) -> None:
        require(self.layers >= 0, f"ids.layers must be at least 0, got {self.layers}")
