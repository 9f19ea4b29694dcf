"""Reciprocal-rank fusion: several rankings become one, by places alone, so that no scores need to be comparable.

Source: Cormack, Clarke & Buettcher 2009 ("Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
Methods").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from recommendation_service.engines.config_checks import require, require_positive
from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.recommender import Recommender, Scorer, top_k
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState


@dataclass(frozen=True, slots=True, kw_only=True)
class RankFusionConfig:
    """How places are turned into scores.

    Attributes:
        damping: The constant k of 1 / (k + place): the higher, the less the very first places stand out.
        depth: How many places of each ranking count.
    """

    damping: float = 60.0
    depth: int = 200

    def __post_init__(self) -> None:
        require_positive("damping", self.damping)
        require(self.depth >= 1, f"depth must be at least 1, got {self.depth}")


class RankFusionRecommender(Recommender):
    """Fuses the rankings of named engines, each counting alike."""

    name: ClassVar[str] = "rank_fusion"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, engines: Mapping[str, Recommender], config: RankFusionConfig | None = None) -> None:
        """Fuse these engines.

        Raises:
            ConfigError: If there are none.
        """
        if not engines:
            raise ConfigError("rank fusion needs at least one engine, got none")
        self.engines = dict(engines)
        self.config = config or RankFusionConfig()

    def fit(self, data: TrainingData) -> Self:
        """Fit every engine on the data."""
        for engine in self.engines.values():
            engine.fit(data)
        return self

    def bind(self, catalogue: Catalogue) -> RankFusionScorer:
        """Bind every engine.

        Raises:
            NotFittedError: If an engine has not learned.
        """
        scorers = [engine.bind(catalogue) for engine in self.engines.values()]
        return RankFusionScorer(catalogue, scorers, self.config)


class RankFusionScorer(Scorer):
    """The fused places of the engines' rankings of one catalogue."""

    def __init__(self, catalogue: Catalogue, scorers: Sequence[Scorer], config: RankFusionConfig) -> None:
        super().__init__(catalogue)
        self._scorers = scorers
        self._config = config

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N]; -inf where no engine ranks a startup within its `depth` places."""
        return fuse([scorer.score(users) for scorer in self._scorers], self._config)


def fuse(scores: Sequence[FloatArray], config: RankFusionConfig) -> FloatArray:
    """The sum of 1 / (damping + place) over the rankings of [B, N] scores, places from 1; -inf where none ranks."""
    fused = np.zeros(scores[0].shape, dtype=np.float64)
    for ranked in scores:
        columns = top_k(ranked, config.depth).columns
        worth = np.broadcast_to(1.0 / (config.damping + 1 + np.arange(columns.shape[1])), columns.shape)
        rows, places = np.nonzero(columns >= 0)
        fused[rows, columns[rows, places]] += worth[rows, places]
    found: FloatArray = np.where(fused > 0, fused, -np.inf).astype(np.float32)
    return found
