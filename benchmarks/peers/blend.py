"""A weighted sum of engines' scores, each brought to mean 0 and deviation 1 per person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np

from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState


class BlendScorer(Scorer):
    """Bound engines with their weights."""

    def __init__(self, catalogue: Catalogue, scorers: Sequence[Scorer], weights: Sequence[float]) -> None:
        super().__init__(catalogue)
        self._scorers = scorers
        self._weights = weights

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N]; an engine that has nothing to say of a startup says what it says on average."""
        parts = [
            weight * standardised(scorer.score(users))
            for scorer, weight in zip(self._scorers, self._weights, strict=True)
        ]
        total: FloatArray = np.sum(parts, axis=0, dtype=np.float32)
        return total


class BlendPeer(Recommender):
    """Fits its engines on the same data; `weights` are theirs, in order."""

    name: ClassVar[str] = "blend"
    serves_cold_users: ClassVar[bool] = False

    def __init__(self, engines: Sequence[Recommender], weights: Sequence[float]) -> None:
        self.engines = engines
        self.weights = weights

    def fit(self, data: TrainingData) -> Self:
        """Fit every engine."""
        for engine in self.engines:
            engine.fit(data)
        return self

    def bind(self, catalogue: Catalogue) -> BlendScorer:
        """Bind every engine."""
        return BlendScorer(catalogue, [engine.bind(catalogue) for engine in self.engines], self.weights)


def standardised(scores: FloatArray) -> FloatArray:
    """Each row less its mean, over its deviation; NaN and constant rows become 0. float32 [B, N]."""
    known = np.isfinite(scores)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    filled = np.where(known, scores, 0.0)
    centred = np.where(known, filled - filled.sum(axis=1, keepdims=True) / count, 0.0)
    deviation = np.sqrt((centred**2).sum(axis=1, keepdims=True) / count)
    result: FloatArray = (centred / np.where(deviation > 0, deviation, 1.0)).astype(np.float32)
    return result
