"""The engines that every report shows beside the model: the one list of them."""

from __future__ import annotations

from collections.abc import Mapping

from recommendation_service.engines.activity import ActivityRecommender
from recommendation_service.engines.als import AlsRecommender
from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.item_knn import ItemKnnRecommender
from recommendation_service.engines.newest import NewestRecommender
from recommendation_service.engines.popularity import PopularityRecommender
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.trending import TrendingRecommender
from recommendation_service.engines.types import TrainingData

_BLIND_TO_PEOPLE = {engine.name for engine in (PopularityRecommender, TrendingRecommender, NewestRecommender)}
"""Engines that score everybody alike cannot put people in order."""


def fit_baselines(known: TrainingData) -> dict[str, Recommender]:
    """The baselines by name, each fitted on what was known; a report shows them in this order."""
    engines: tuple[Recommender, ...] = (
        PopularityRecommender(),
        TrendingRecommender(),
        ContentBasedRecommender(),
        ItemKnnRecommender(),
        AlsRecommender(),
    )
    return {engine.name: engine.fit(known) for engine in engines}


def reverse_engines(engines: Mapping[str, Recommender], known: TrainingData) -> dict[str, Recommender]:
    """The fitted engines that can also rank people for a startup, and beside them the people's own activity."""
    telling = {name: engine for name, engine in engines.items() if name not in _BLIND_TO_PEOPLE}
    return {**telling, ActivityRecommender.name: ActivityRecommender().fit(known)}
