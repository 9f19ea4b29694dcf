from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import torch

from recommendation_service.engines.errors import ModelFileError, NotFittedError
from recommendation_service.engines.profile_model import ProfileModel
from recommendation_service.engines.profile_training import fit_encoder
from recommendation_service.engines.recommender import Scorer
from recommendation_service.engines.training_config import LossConfig, TrainingConfig, fast, ids
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import Catalogue, FloatArray, StartupRecord, TrainingData, UserState

CONFIG = replace(fast(), epochs=8, batch_size=256)


@pytest.fixture(scope="module", params=["weighted_bce", "in_batch_softmax"])
def fitted(request: pytest.FixtureRequest, platform: TrainingData) -> TwoTowerRecommender:
    return TwoTowerRecommender(replace(CONFIG, loss=LossConfig(name=request.param))).fit(platform)


def scores_of(recommender: TwoTowerRecommender, data: TrainingData) -> FloatArray:
    scorer = recommender.bind(Catalogue(startups=data.startups))
    return scorer.score([UserState(record=user) for user in data.users])


def test_scores_are_cosines_of_unit_vectors(fitted: TwoTowerRecommender, platform: TrainingData) -> None:
    scorer = fitted.bind(Catalogue(startups=platform.startups))
    users = scorer.user_vectors([UserState(record=user) for user in platform.users])
    np.testing.assert_allclose(np.linalg.norm(users, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(scorer.startup_vectors, axis=1), 1, atol=1e-5)
    scores = scores_of(fitted, platform)
    assert scores.shape == (len(platform.users), len(platform.startups))
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, users @ scorer.startup_vectors.T, atol=1e-6)


def test_it_learns_what_people_like(fitted: TwoTowerRecommender, platform: TrainingData) -> None:
    """Members act within their own category; so must the scores."""
    scores = scores_of(fitted, platform)
    own = np.array([[s.category in user.categories for s in platform.startups] for user in platform.users])
    assert scores[own].mean() > scores[~own].mean() + 0.2


def test_state_round_trips_exactly(fitted: TwoTowerRecommender, platform: TrainingData) -> None:
    again = TwoTowerRecommender.from_state(*fitted.to_state())
    np.testing.assert_array_equal(scores_of(again, platform), scores_of(fitted, platform))


def test_the_same_seed_is_the_same_model(platform: TrainingData) -> None:
    config = replace(CONFIG, epochs=2)
    first, second, other = (
        scores_of(TwoTowerRecommender(replace(config, seed=seed)).fit(platform), platform) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.allclose(first, other)


def test_fitting_leaves_the_global_generator_alone(platform: TrainingData) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    TwoTowerRecommender(replace(CONFIG, epochs=1)).fit(platform)
    assert torch.equal(torch.rand(3), expected)


def test_a_startup_never_seen_is_scored(fitted: TwoTowerRecommender, platform: TrainingData) -> None:
    newcomer = StartupRecord(id="new", opened_at=datetime(2026, 1, 1, tzinfo=UTC), category="never heard of")
    scorer = fitted.bind(Catalogue(startups=[newcomer]))
    assert np.isfinite(scorer.score([UserState(record=platform.users[0])])).all()


def test_nobody_and_nothing(fitted: TwoTowerRecommender, platform: TrainingData) -> None:
    everything = fitted.bind(Catalogue(startups=platform.startups))
    assert everything.score([]).shape == (0, len(platform.startups))
    nothing = fitted.bind(Catalogue(startups=[]))
    assert nothing.score([UserState(record=platform.users[0])]).shape == (1, 0)


def test_probability_is_the_networks_own(fitted: TwoTowerRecommender, platform: TrainingData) -> None:
    scorer = fitted.bind(Catalogue(startups=platform.startups))
    states = [UserState(record=user) for user in platform.users[:3]]
    model = fitted.model
    assert isinstance(model, ProfileModel)
    users = torch.from_numpy(model.encoder.users.encode(platform.users[:3]).features)
    startups = torch.from_numpy(model.encoder.startups.encode(platform.startups).features)
    expected = model.network(users, startups).numpy()
    np.testing.assert_allclose(scorer.probability(scorer.score(states)), expected, atol=1e-5)


def test_before_fit() -> None:
    with pytest.raises(NotFittedError, match="has not been trained"):
        TwoTowerRecommender().bind(Catalogue(startups=[]))
    with pytest.raises(NotFittedError, match="has not been trained"):
        TwoTowerRecommender().to_state()


@pytest.mark.parametrize("damage", ["tensor missing", "tensor of another shape", "no config", "unknown config key"])
def test_a_state_that_does_not_fit(fitted: TwoTowerRecommender, damage: str) -> None:
    tensors, description = fitted.to_state()
    if damage == "tensor missing":
        tensors.pop("bias")
    elif damage == "tensor of another shape":
        tensors["user_tower.layers.0.weight"] = torch.zeros(2, 2)
    elif damage == "no config":
        description.pop("config")
    else:
        description["config"] = {**description["config"], "epoch": 3}
    with pytest.raises(ModelFileError, match="does not hold a two-tower model"):
        TwoTowerRecommender.from_state(tensors, description)


def test_vocabularies_know_only_who_occurs_in_the_rows(platform: TrainingData) -> None:
    first = platform.interactions.take(np.array([0]))
    encoder = fit_encoder(TrainingConfig(), replace(platform, interactions=first))
    assert encoder.users.vocabularies["categories"].values == platform.users[first.user[0]].categories
    assert encoder.startups.vocabularies["category"].values == (platform.startups[first.startup[0]].category,)


@pytest.mark.parametrize("preset", [fast, ids])
def test_a_catalogue_that_grew_ranks_as_if_bound_anew(
    platform: TrainingData, preset: Callable[[], TrainingConfig]
) -> None:
    recommender = TwoTowerRecommender(replace(preset(), epochs=1, batch_size=256)).fit(platform)
    startups, users = platform.startups, [UserState(record=user) for user in platform.users]
    allowed = np.arange(len(startups)) % 3 != 0
    scorer: Scorer = recommender.bind(Catalogue(startups=startups[:10]))
    for count in (11, 25, 25, len(startups)):
        scorer = recommender.extend(scorer, Catalogue(startups=startups[:count]))
        anew = recommender.bind(Catalogue(startups=startups[:count]))
        np.testing.assert_allclose(scorer.score(users), anew.score(users), atol=1e-6)
        np.testing.assert_array_equal(
            scorer.rank(users, 7, allowed[:count]).columns, anew.rank(users, 7, allowed[:count]).columns
        )


def test_the_scorer_of_another_model_is_bound_anew(fitted: TwoTowerRecommender, platform: TrainingData) -> None:
    other = TwoTowerRecommender(replace(CONFIG, epochs=1, seed=9)).fit(platform)
    some, everything = Catalogue(startups=platform.startups[:10]), Catalogue(startups=platform.startups)
    users = [UserState(record=user) for user in platform.users]
    extended = fitted.extend(other.bind(some), everything)
    np.testing.assert_array_equal(extended.score(users), fitted.bind(everything).score(users))
