"""All features of (person, startup) pairs at a moment: one path for training and for serving."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recommendation_service.engines.reranking.activity_features import ActivityFeatures
from recommendation_service.engines.reranking.co_actor_features import CoActorFeatures
from recommendation_service.engines.reranking.facet_features import FacetFeatures
from recommendation_service.engines.reranking.feature_group import FeatureGroup
from recommendation_service.engines.reranking.fit_features import FitFeatures
from recommendation_service.engines.reranking.history_table import HistoryTable
from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.reranking.rounds import Rounds
from recommendation_service.engines.reranking.stage_features import StageFeatures
from recommendation_service.engines.reranking.startup_features import StartupFeatures
from recommendation_service.engines.reranking.text_features import TextFeatures
from recommendation_service.engines.reranking.trend_features import TrendFeatures
from recommendation_service.engines.types import FloatArray, UserState

FEATURE_NAMES: tuple[str, ...] = (
    *StartupFeatures.names,
    *TrendFeatures.names,
    *ActivityFeatures.names,
    *StageFeatures.names,
    *FacetFeatures.names,
    *FitFeatures.names,
    *TextFeatures.names,
    *CoActorFeatures.names,
)


class FeatureTable:
    """Everything that does not depend on a person is computed once; safe to share between threads."""

    def __init__(self, moment: Moment, begun: FeatureTable | None = None) -> None:
        """Prepare every group.

        Args:
            moment: When, and of which startups.
            begun: Of the moment that this one grew from; what was read from records there is not read again.
        """
        rounds = Rounds(moment.startups)
        self._moment = moment
        self._trends: TrendFeatures = TrendFeatures(moment, begun._trends if begun else None)
        self._facets: FacetFeatures = FacetFeatures(moment, begun._facets if begun else None)
        self._fit: FitFeatures = FitFeatures(moment, begun._fit if begun else None)
        self._groups: tuple[FeatureGroup, ...] = (
            StartupFeatures(moment, rounds),
            self._trends,
            ActivityFeatures(),
            StageFeatures(moment, rounds),
            self._facets,
            self._fit,
            TextFeatures(moment),
            CoActorFeatures(moment),
        )

    def values(self, users: Sequence[UserState], pairs: Pairs) -> FloatArray:
        """float32 [P, F], columns as in FEATURE_NAMES; NaN where a feature is not known."""
        histories = HistoryTable.build(users, self._moment)
        return np.concatenate([group.values(histories, pairs) for group in self._groups], axis=1)
