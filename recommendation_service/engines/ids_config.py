"""The settings of towers that know people and startups by their ids alone."""

from __future__ import annotations

from dataclasses import dataclass

from recommendation_service.engines.config_checks import require


@dataclass(frozen=True, slots=True, kw_only=True)
class IdsConfig:
    """Id embeddings, smoothed over the graph of who liked what.

    Attributes:
        layers: How many steps away on that graph an embedding still counts; 0 leaves embeddings as they are.
        length: The power of a startup's length that is left in its vector: 0 makes scores cosines, 1 leaves vectors
            as they are. What many like grows long, so this is how much being liked by many counts.
    """

    layers: int = 2
    length: float = 0.3

    def __post_init__(self) -> None:
        require(self.layers >= 0, f"ids.layers must be at least 0, got {self.layers}")
        require(0 <= self.length <= 1, f"ids.length must be in [0, 1], got {self.length}")
