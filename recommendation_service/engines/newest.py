"""The startups that opened last: the rung that can always answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np

from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState


class NewestRecommender(Recommender):
    """Ranks by the moment of opening; there is nothing to learn."""

    name: ClassVar[str] = "newest"
    serves_cold_users: ClassVar[bool] = True

    def fit(self, data: TrainingData) -> Self:
        """Nothing to do."""
        del data
        return self

    def bind(self, catalogue: Catalogue) -> NewestScorer:
        """Order the catalogue by `opened_at`."""
        return NewestScorer(catalogue)


class NewestScorer(Scorer):
    """The same scores for everybody: 1 for the newest, falling by 1/N a place; equal moments share a score."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__(catalogue)
        opened = [startup.opened_at.timestamp() for startup in catalogue.startups]
        _, place = np.unique(np.array(opened, dtype=np.float64), return_inverse=True)
        self._scores = ((place + 1) / max(1, place.max(initial=0) + 1)).astype(np.float32)

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N], every row alike."""
        return np.broadcast_to(self._scores, (len(users), len(self._scores)))
