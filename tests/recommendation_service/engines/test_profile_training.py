from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.losses import LOSSES
from recommendation_service.engines.profile_training import ProfileTraining
from recommendation_service.engines.training_config import LossConfig, NegativesConfig, TrainingConfig, fast
from recommendation_service.engines.types import FloatArray, TrainingData

CPU = torch.device("cpu")
CONFIG = replace(fast(), epochs=6, batch_size=128)
MIXED = NegativesConfig(uniform=8, popular=8)
HARD = NegativesConfig(hard=2, hard_pool=10)
RANKING = sorted(name for name, loss in LOSSES.items() if not loss.uses_negatives)


def trained(config: TrainingConfig, data: TrainingData) -> FloatArray:
    """Scores [U, S] after all epochs."""
    training = ProfileTraining(config, data, CPU)
    for epoch in range(config.epochs):
        training.fitter.run_epoch(epoch)
    users, startups = training.vectors(np.arange(len(data.users)), np.arange(len(data.startups)), None)
    return users @ startups.T


@pytest.mark.parametrize("negatives", [NegativesConfig(), MIXED, HARD], ids=["in batch", "mixed", "hard"])
@pytest.mark.parametrize("name", RANKING)
def test_every_ranking_loss_learns_from_every_kind_of_negatives(
    name: str, negatives: NegativesConfig, platform: TrainingData
) -> None:
    """Members act within their own category; so must the scores."""
    scores = trained(replace(CONFIG, loss=LossConfig(name=name), negatives=negatives), platform)
    own = np.array([[s.category in user.categories for s in platform.startups] for user in platform.users])
    assert scores[own].mean() > scores[~own].mean() + 0.2


@pytest.mark.parametrize("negatives", [MIXED, HARD], ids=["mixed", "hard"])
def test_drawn_negatives_repeat_under_a_seed(negatives: NegativesConfig, platform: TrainingData) -> None:
    config = replace(CONFIG, epochs=2, loss=LossConfig(name="softmax"), negatives=negatives)
    first, again = trained(config, platform), trained(config, platform)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, trained(replace(config, negatives=NegativesConfig()), platform))


def test_the_pointwise_loss_refuses_drawn_negatives(platform: TrainingData) -> None:
    with pytest.raises(ConfigError, match="weighted_bce takes its negatives from the rows of label 0"):
        ProfileTraining(replace(CONFIG, negatives=MIXED), platform, CPU)
