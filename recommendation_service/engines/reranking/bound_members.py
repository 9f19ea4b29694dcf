"""Engines bound to one catalogue: who they put forward, and all that is known of these candidates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.reranking.candidates import FEATURES_PER_ENGINE, Candidates, put_forward
from recommendation_service.engines.reranking.feature_table import FEATURE_NAMES, FeatureTable
from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.reranking.platform_memory import PlatformMemory
from recommendation_service.engines.types import BoolArray, Catalogue, FloatArray, UserState


class BoundMembers:
    """The one path from people to feature rows, for training and for serving; safe to share between threads."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        engines: Mapping[str, Recommender],
        depths: Mapping[str, int],
        memory: PlatformMemory,
        begun: BoundMembers | None = None,
    ) -> None:
        """Bind everything.

        Args:
            catalogue: N startups.
            engines: The members.
            depths: How many startups each puts forward.
            memory: What is known of the past.
            begun: The same members, bound to a catalogue that this one begins with.
        """
        self._scorers: dict[str, Scorer] = {
            name: engine.bind(catalogue) if begun is None else engine.extend(begun._scorers[name], catalogue)
            for name, engine in engines.items()
        }
        self._depths = depths
        self._moment: Moment = Moment(catalogue, memory, begun._moment if begun else None)
        self._table: FeatureTable = FeatureTable(self._moment, begun._table if begun else None)

    def know(self, users: Sequence[UserState]) -> BoolArray:
        """bool [B]: of whom a like is known."""
        row_of = self._moment.row_of
        return np.array(
            [any(item.label > 0 and item.startup_id in row_of for item in user.history) for user in users],
            dtype=np.bool_,
        )

    def scores(self, users: Sequence[UserState]) -> dict[str, FloatArray]:
        """Engine -> float32 [B, N]."""
        return {name: scorer.score(users) for name, scorer in self._scorers.items()}

    def candidates(
        self,
        scores: Mapping[str, FloatArray],
        allowed: BoolArray | None = None,
        nominated: BoolArray | None = None,
    ) -> Candidates:
        """The startups that the engines, or others (`nominated` [B, N]), put forward, with their places and scores."""
        return put_forward(scores, self._depths, allowed, nominated)

    def features(self, users: Sequence[UserState], candidates: Candidates) -> FloatArray:
        """float32 [P, F], columns as in `feature_names`."""
        return np.concatenate([self._table.values(users, candidates.pairs), candidates.features], axis=1)


def feature_names(engines: Sequence[str]) -> tuple[str, ...]:
    """The name of each feature, for engines in this order."""
    return (*FEATURE_NAMES, *(f"{engine}_{feature}" for engine in engines for feature in FEATURES_PER_ENGINE))
