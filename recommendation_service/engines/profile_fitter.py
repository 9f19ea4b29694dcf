"""Training of the profile towers on labelled pairs."""

from __future__ import annotations

from torch import Tensor

from recommendation_service.engines.losses import find_loss
from recommendation_service.engines.pair_batches import PairBatches
from recommendation_service.engines.tower_fitter import TowerFitter
from recommendation_service.engines.tower_network import ProfileInputs, TwoTowerNetwork
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.training_pairs import TrainingPairs
from recommendation_service.engines.types import Interactions


def profile_fitter(
    config: TrainingConfig, interactions: Interactions, *, user_features: Tensor, startup_features: Tensor
) -> TowerFitter[TwoTowerNetwork]:
    """A fresh network and the pairs it will learn from, on the device of the features.

    Args:
        config: The training.
        interactions: Rows of the training window.
        user_features: float32 [U, F], a row per user that `interactions` points to.
        startup_features: float32 [S, F'], a row per startup that `interactions` points to.

    Raises:
        TrainingError: If the rows cannot train this loss.
        ConfigError: If the loss is unknown.
    """
    device = user_features.device
    with_negatives = find_loss(config.loss.name).uses_negatives
    source = PairBatches(
        TrainingPairs.of(interactions, with_negatives=with_negatives, device=device),
        batch_size=config.batch_size,
        users=len(user_features),
        startups=len(startup_features),
    )
    inputs = ProfileInputs(users=user_features, startups=startup_features)
    return TowerFitter(
        config,
        build=TwoTowerNetwork,
        encode=lambda network, batch: network.encode(inputs, batch),
        source=source,
        device=device,
    )
