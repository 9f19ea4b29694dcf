"""The settings of towers that pool what people did, and of the episodes that they learn from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from recommendation_service.engines.config_checks import require, require_positive


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeConfig:
    """Training windows: people as of the start of each, the startups open in it, and what they then did.

    Attributes:
        count: How many windows, one after the other up to the end of the training rows.
        days: Length of each; 0 takes the length of the validation window (without one, a tenth of the rows' time).
        newcomers: Whether people without history take part.
    """

    count: int = 5
    days: float = 0.0
    newcomers: bool = True

    def __post_init__(self) -> None:
        require(self.count >= 1, f"episodes.count must be at least 1, got {self.count}")
        require(
            math.isfinite(self.days) and self.days >= 0,
            f"episodes.days must be at least 0 (0: as long as the validation window), got {self.days}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryConfig:
    """What the history towers look at.

    Attributes:
        min_facet_count: How many startups must have a facet for it to get a column of the shared vocabulary.
        most_facets: The most columns; of more facets the most frequent ones.
        half_life: After so many episode lengths an act counts half among the recent ones.
        id_dropout: Share of startups whose own bias is left out of a step, so that the rest does not lean on it.
    """

    min_facet_count: int = 2
    most_facets: int = 4096
    half_life: float = 3.0
    id_dropout: float = 0.3

    def __post_init__(self) -> None:
        for name in ("min_facet_count", "most_facets"):
            value = getattr(self, name)
            require(value >= 1, f"history.{name} must be at least 1, got {value}")
        require_positive("history.half_life", self.half_life)
        require(0 <= self.id_dropout < 1, f"history.id_dropout must be in [0, 1), got {self.id_dropout}")
