"""The best possible ranking of the simulated platform: by the true expected label, from the simulation's side file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState


class OracleScorer(Scorer):
    """Scores by the truth."""

    def __init__(self, catalogue: Catalogue, rows: Mapping[str, int], labels: FloatArray) -> None:
        super().__init__(catalogue)
        self._rows, self._labels = rows, labels

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """True expected label float32 [B, N]."""
        return self._labels[[self._rows[str(user.record.external_id)] for user in users]]


class OracleRecommender(Recommender):
    """Knows the expected label of every pair over the judged window."""

    name: ClassVar[str] = "oracle"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, file: Path) -> None:
        with np.load(file) as truth:
            self._labels: FloatArray = truth["window_expected_label"]
            self._users = {str(key): row for row, key in enumerate(truth["user_external_ids"])}
            self._startups = {str(key): column for column, key in enumerate(truth["startup_external_ids"])}

    def fit(self, data: TrainingData) -> Self:  # noqa: ARG002 - it knows already
        """Learn nothing."""
        return self

    def bind(self, catalogue: Catalogue) -> OracleScorer:
        """Bring the truth into the order of the catalogue."""
        columns = [self._startups[str(startup.external_id)] for startup in catalogue.startups]
        return OracleScorer(catalogue, self._users, self._labels[:, columns])
