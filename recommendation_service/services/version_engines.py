"""The engines of one version: two towers, and the ensemble in which they vote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recommendation_service.engines.ensemble import EnsembleConfig, EnsembleRecommender
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import TrainingData


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VersionEngines:
    """Fitted on the same rows, so that they may be judged on the same question.

    Attributes:
        two_tower: The version's main engine.
        ensemble: What stands on it, or None.
    """

    two_tower: TwoTowerRecommender
    ensemble: EnsembleRecommender | None

    @property
    def by_name(self) -> Mapping[str, Recommender]:
        """The two towers first, which all others are compared with."""
        engines: tuple[Recommender | None, ...] = (self.two_tower, self.ensemble)
        return {engine.name: engine for engine in engines if engine is not None}


def with_ensemble(two_tower: TwoTowerRecommender, known: TrainingData, config: EnsembleConfig | None) -> VersionEngines:
    """A fitted two-tower engine with an ensemble learned from what was known, in which it votes.

    Args:
        two_tower: Fitted on no later rows than `known` has.
        known: Records and rows to learn from.
        config: Of the ensemble; None for none.
    """
    if config is None:
        return VersionEngines(two_tower=two_tower, ensemble=None)
    ensemble = EnsembleRecommender(config=config).fit(known, voters={two_tower.name: two_tower})
    return VersionEngines(two_tower=two_tower, ensemble=ensemble)
