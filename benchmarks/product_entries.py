"""What the product itself enters: the two-tower model alone, and what a person is actually served."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from contest import Contest, Entry

from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.training import train
from recommendation_service.engines.training_config import TrainingConfig, from_dict


def enter_product(contest: Contest, two_tower: dict[str, Any]) -> list[Entry]:
    """Train the product's contestants on what lies before the judged window.

    Args:
        contest: Where they compete.
        two_tower: The training, as JSON data over a preset; it was chosen on the validation window.
    """
    config = replace(from_dict(two_tower), refit=True)
    engines = [_train(contest, config, seed) for seed in contest.seeds]
    return [Entry(name="two_tower", engines=engines, chosen=two_tower, kind="product")]


def _train(contest: Contest, config: TrainingConfig, seed: int) -> Recommender:
    """Stopped by the validation window, then learned anew with it."""
    trained = train(contest.data, replace(config, seed=seed), contest.split)
    contest.say(f"two_tower seed {seed}: {len(trained.search)} epochs, best {trained.search.best.epoch + 1}")
    return trained.recommender
