"""What a person is actually served: the engine that is due for them by the routing table, and the ladder below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import numpy as np

from contracts.api import Rung
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.router import RoutingPolicy
from recommendation_service.engines.types import (
    BoolArray,
    Catalogue,
    FloatArray,
    Ranking,
    TrainingData,
    UserState,
)


class RoutedRecommender(Recommender):
    """Fitted engines under a routing policy."""

    name: ClassVar[str] = "routed"
    serves_cold_users: ClassVar[bool] = True

    def __init__(self, engines: Mapping[Rung, Recommender], policy: RoutingPolicy) -> None:
        self._engines, self._policy = engines, policy

    def fit(self, data: TrainingData) -> Self:  # noqa: ARG002 - its engines have learned
        """Learn nothing."""
        return self

    def bind(self, catalogue: Catalogue) -> RoutedScorer:
        """Bind every engine."""
        return RoutedScorer(
            catalogue, {rung: engine.bind(catalogue) for rung, engine in self._engines.items()}, self._policy
        )


class RoutedScorer(Scorer):
    """Bound engines under a routing policy; each person is answered by the first one that has something to say."""

    def __init__(self, catalogue: Catalogue, scorers: Mapping[Rung, Scorer], policy: RoutingPolicy) -> None:
        super().__init__(catalogue)
        self._scorers, self._policy = scorers, policy

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N], of the engine that is due; NaN for a person of whom it has nothing to say."""
        scores = np.full((len(users), len(self.catalogue)), np.nan, dtype=np.float32)
        for rung, rows in self._due(users, place=0).items():
            scores[rows] = self._scorers[rung].score([users[row] for row in rows.tolist()])
        return scores

    def rank(self, users: Sequence[UserState], k: int, allowed: BoolArray | None = None) -> Ranking:
        """The best `k`; who got nothing is asked for at the next rung."""
        permitted = np.broadcast_to(True if allowed is None else allowed, (len(users), len(self.catalogue)))
        columns = np.full((len(users), k), -1, dtype=np.int32)
        scores = np.full((len(users), k), -np.inf, dtype=np.float32)
        for place in range(len(self._scorers)):
            for rung, rows in self._due(users, place=place).items():
                asking = rows[columns[rows, 0] < 0]
                if len(asking):
                    found = self._scorers[rung].rank([users[row] for row in asking.tolist()], k, permitted[asking])
                    columns[asking], scores[asking] = found.columns, found.scores
        return Ranking(columns=columns, scores=scores)

    def _due(self, users: Sequence[UserState], *, place: int) -> dict[Rung, np.ndarray[tuple[int], np.dtype[np.intp]]]:
        """Rung -> the users for whom it stands at this place of their route."""
        due: dict[Rung, list[int]] = {}
        for row, user in enumerate(users):
            route = self._policy.route(self._policy.segment(len(user.history)), two_tower=True)
            present = [rung for rung in route if rung in self._scorers]
            if place < len(present):
                due.setdefault(present[place], []).append(row)
        return {rung: np.array(rows, dtype=np.intp) for rung, rows in due.items()}
