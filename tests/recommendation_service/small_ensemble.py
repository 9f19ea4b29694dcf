"""An ensemble that learns from a tiny platform in a moment."""

from __future__ import annotations

from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.ensemble import EnsembleConfig, EnsembleRecommender
from recommendation_service.engines.reranking.boosted_trees import BoostedTreesConfig
from recommendation_service.engines.reranking.members import Member
from recommendation_service.engines.reranking.training_windows import WindowsConfig


def small_ensemble() -> EnsembleRecommender:
    config = EnsembleConfig(
        windows=WindowsConfig(count=3, share=0.15),
        ranker=BoostedTreesConfig(trees=10, min_rows_in_leaf=10),
        least_people=20,
    )
    return EnsembleRecommender({"content_based": Member(make=ContentBasedRecommender)}, config)
