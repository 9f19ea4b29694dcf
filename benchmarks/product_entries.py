"""What the product itself enters: the two-tower model alone, and what a person is actually served."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contest import Contest, Entry

from recommendation_service.engines.ensemble import EnsembleConfig, EnsembleRecommender
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.reranking.training_windows import WindowsConfig
from recommendation_service.engines.training import train
from recommendation_service.engines.training_config import TrainingConfig, from_dict


def enter_product(contest: Contest, two_tower: dict[str, Any]) -> list[Entry]:
    """Train the product's contestants on what lies before the judged window.

    Args:
        contest: Where they compete.
        two_tower: The training, as JSON data over a preset; it was chosen on the validation window.
    """
    config = replace(from_dict(two_tower), refit=True)
    towers = [_train(contest, config, seed) for seed in contest.seeds]
    routed = [_ensemble(contest, seed) for seed in contest.seeds]
    return [
        Entry(name="two_tower", engines=towers, chosen=two_tower, kind="product"),
        Entry(name="routed", engines=routed, chosen={}, kind="product"),
    ]


def _train(contest: Contest, config: TrainingConfig, seed: int) -> Recommender:
    """Stopped by the validation window, then learned anew with it."""
    trained = train(contest.data, replace(config, seed=seed), contest.split)
    contest.say(f"two_tower seed {seed}: {len(trained.search)} epochs, best {trained.search.best.epoch + 1}")
    return trained.recommender


def _ensemble(contest: Contest, seed: int) -> Recommender:
    """The ensemble's own windows lie before the judged one."""
    config = EnsembleConfig(windows=WindowsConfig(policy=contest.config.policy), seed=seed)
    engine = EnsembleRecommender(config=config).fit(contest.known_before_test)
    contest.say(f"routed seed {seed}: learned")
    return engine
