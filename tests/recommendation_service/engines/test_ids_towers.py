"""The id towers from training to serving: network, batches, model and its state together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from recommendation_service.engines.errors import ConfigError, ModelFileError
from recommendation_service.engines.ids_config import IdsConfig
from recommendation_service.engines.ids_network import shortened
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


def test_known_people_have_unit_vectors(fitted: TwoTowerRecommender, platform: TrainingData) -> None:
    scorer = fitted.bind(Catalogue(startups=platform.startups))
    users = scorer.user_vectors([UserState(record=user) for user in platform.users])
    np.testing.assert_allclose(np.linalg.norm(users, axis=1), 1, atol=1e-5)


def test_without_length_scores_are_cosines(platform: TrainingData) -> None:
    config = replace(CONFIG, ids=IdsConfig(length=0.0), epochs=1)
    scorer = TwoTowerRecommender(config).fit(platform).bind(Catalogue(startups=platform.startups))
    np.testing.assert_allclose(np.linalg.norm(scorer.startup_vectors, axis=1), 1, atol=1e-5)


def test_a_power_of_the_length_beside_the_mean_length_is_left() -> None:
    vectors = torch.tensor([[3.0, 4.0], [0.0, 15.0]])
    expected = [[0.6 * 0.5**0.5, 0.8 * 0.5**0.5], [0.0, 1.5**0.5]]
    torch.testing.assert_close(shortened(vectors, 0.5), torch.tensor(expected))


def test_a_startup_without_length_does_not_break_the_training() -> None:
    vectors = torch.zeros(2, 3, requires_grad=True)
    shortened(vectors + torch.tensor([[0.0], [1.0]]), 0.3).sum().backward()  # type: ignore[no-untyped-call]
    assert vectors.grad is not None
    assert vectors.grad.isfinite().all()


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


@pytest.mark.parametrize("length", [-0.1, 1.5])
def test_the_power_of_the_length_is_a_share(length: float) -> None:
    with pytest.raises(ConfigError, match=r"ids\.length must be in \[0, 1\], got"):
        IdsConfig(length=length)
