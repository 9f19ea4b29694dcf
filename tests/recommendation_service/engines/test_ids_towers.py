"""The id towers from training to serving: network, batches, model and its state together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from recommendation_service.engines.errors import ConfigError, ModelFileError
from recommendation_service.engines.ids_config import IdsConfig
from recommendation_service.engines.ids_training import IdsTraining
from recommendation_service.engines.training_config import ids
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserRecord, UserState

CONFIG = replace(ids(), embedding=16, epochs=40, batch_size=16)


@pytest.fixture(scope="module")
def fitted(platform: TrainingData) -> TwoTowerRecommender:
    return TwoTowerRecommender(CONFIG).fit(platform)


def scores_of(recommender: TwoTowerRecommender, data: TrainingData) -> FloatArray:
    scorer = recommender.bind(Catalogue(startups=data.startups))
    return scorer.score([UserState(record=user) for user in data.users])


def test_smoothing_carries_what_people_like_to_startups_they_never_saw(
    fitted: TwoTowerRecommender, platform: TrainingData
) -> None:
    """Members act within their own category, which the towers are never told."""
    own = np.array([[s.category in user.categories for s in platform.startups] for user in platform.users])
    seen = np.zeros_like(own)
    seen[platform.interactions.user, platform.interactions.startup] = True
    scores = scores_of(fitted, platform)
    assert scores[own & ~seen].mean() > scores[~own & ~seen].mean() + 0.1


def test_without_smoothing_they_learn_who_liked_what(platform: TrainingData) -> None:
    scores = scores_of(TwoTowerRecommender(replace(CONFIG, ids=IdsConfig(layers=0))).fit(platform), platform)
    liked = np.zeros(scores.shape, dtype=bool)
    positive = platform.interactions.take(platform.interactions.label > 0)
    liked[positive.user, positive.startup] = True
    assert scores[liked].mean() > scores[~liked].mean() + 0.1


def test_known_people_and_startups_have_unit_vectors(fitted: TwoTowerRecommender, platform: TrainingData) -> None:
    scorer = fitted.bind(Catalogue(startups=platform.startups))
    users = scorer.user_vectors([UserState(record=user) for user in platform.users])
    np.testing.assert_allclose(np.linalg.norm(users, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(scorer.startup_vectors, axis=1), 1, atol=1e-5)


def test_a_stranger_ranks_like_the_average_person(fitted: TwoTowerRecommender, platform: TrainingData) -> None:
    scorer = fitted.bind(Catalogue(startups=platform.startups))
    stranger = UserState(record=UserRecord(id="somebody else", role="investor"))
    np.testing.assert_allclose(scorer.score([stranger])[0], scores_of(fitted, platform).mean(axis=0), atol=1e-5)


def test_state_round_trips_exactly(fitted: TwoTowerRecommender, platform: TrainingData) -> None:
    again = TwoTowerRecommender.from_state(*fitted.to_state())
    np.testing.assert_array_equal(scores_of(again, platform), scores_of(fitted, platform))


def test_a_state_without_its_vectors_is_refused(fitted: TwoTowerRecommender) -> None:
    tensors, description = fitted.to_state()
    with pytest.raises(ModelFileError, match="does not hold a two-tower model"):
        TwoTowerRecommender.from_state({k: v for k, v in tensors.items() if k != "startups"}, description)


def test_vectors_of_the_training_are_those_that_are_served(platform: TrainingData) -> None:
    training = IdsTraining(replace(CONFIG, epochs=1), platform, torch.device("cpu"))
    training.fitter.run_epoch(0)
    users, startups = training.vectors(np.array([4, 1]), np.array([2, 0, 3]), None)
    bound = training.model().bind(Catalogue(startups=[platform.startups[row] for row in (2, 0, 3)]))
    np.testing.assert_array_equal(bound.startup_vectors, startups)
    states = [UserState(record=platform.users[row]) for row in (4, 1)]
    np.testing.assert_array_equal(bound.user_vectors(states), users)


def test_the_same_seed_is_the_same_model(platform: TrainingData) -> None:
    first, second, other = (
        scores_of(TwoTowerRecommender(replace(CONFIG, epochs=1, seed=seed)).fit(platform), platform)
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.allclose(first, other)


def test_layers_cannot_be_negative() -> None:
    with pytest.raises(ConfigError, match=r"ids\.layers must be at least 0, got -1"):
        IdsConfig(layers=-1)
