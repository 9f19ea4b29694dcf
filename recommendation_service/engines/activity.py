"""The people who did most lately: what popularity is in the direction startup -> people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar, Self

import numpy as np

from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState

_HALF_LIFE = timedelta(days=180)
"""That of popularity."""


class ActivityRecommender(Recommender):
    """Scores a person, whatever the startup, by the labels of their history, each halved for every 180 days of age."""

    name: ClassVar[str] = "activity"
    serves_cold_users: ClassVar[bool] = True

    def fit(self, data: TrainingData) -> Self:
        """Nothing to learn: all is in the history of the person asked about."""
        del data
        return self

    def bind(self, catalogue: Catalogue) -> ActivityScorer:
        """Any catalogue; its startups make no difference."""
        return ActivityScorer(catalogue)


class ActivityScorer(Scorer):
    """The same score for all startups."""

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N], every column alike."""
        activity = np.array([_activity(user) for user in users], dtype=np.float32)
        return np.broadcast_to(activity[:, None], (len(users), len(self.catalogue)))


def _activity(user: UserState) -> float:
    """Faded as of the moment of the state, or of the last act where it has none."""
    if not user.history:
        return 0.0
    now = user.as_of or user.history[-1].time
    return float(sum(item.label * 0.5 ** ((now - item.time) / _HALF_LIFE) for item in user.history))
