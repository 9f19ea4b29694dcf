from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from recommendation_service.engines.als import AlsConfig, AlsRecommender
from recommendation_service.engines.errors import ConfigError, ModelFileError
from recommendation_service.engines.histories import user_states
from recommendation_service.engines.liked_startups import liked_histories, liked_pairs
from recommendation_service.engines.types import Catalogue, TrainingData

NOW = datetime(2025, 6, 1, tzinfo=UTC)
CONFIG = AlsConfig(factors=6, regularization=0.5, alpha=5.0, iterations=30)


def test_folding_in_solves_the_normal_equations(platform: TrainingData) -> None:
    """The gradient of the weighted squared error (Hu et al. 2008, equation 3) is zero at the folded-in vector."""
    engine = AlsRecommender(CONFIG).fit(platform)
    scorer = engine.bind(Catalogue(startups=platform.startups))
    tensors, description = engine.to_state()
    factors = tensors["factors"].numpy().astype(np.float64)
    row_of = {startup: row for row, startup in enumerate(description["startups"])}
    users = user_states(platform, np.arange(8), NOW)
    liked = liked_histories(users, row_of)
    for vector, labels in zip(scorer.fold_in(liked), liked.toarray(), strict=True):
        confidence = 1.0 + CONFIG.alpha * labels
        error = (labels > 0) - factors @ vector
        gradient = -2 * factors.T @ (confidence * error) + 2 * CONFIG.regularization * vector
        np.testing.assert_allclose(gradient, 0.0, atol=1e-4)


def test_learned_people_and_folded_in_people_agree(platform: TrainingData) -> None:
    """After many alternations, the startups' vectors solve the same equations with the people folded in."""
    engine = AlsRecommender(CONFIG).fit(platform)
    tensors, description = engine.to_state()
    rows = [next(n for n, s in enumerate(platform.startups) if s.id == name) for name in description["startups"]]
    liked = liked_pairs(platform)[:, rows]
    active = np.diff(liked.indptr) > 0
    people = engine.bind(Catalogue(startups=platform.startups)).fold_in(liked[active]).astype(np.float64)
    labels = liked[active].toarray()
    ridge = CONFIG.regularization * np.eye(CONFIG.factors)
    for column, vector in enumerate(tensors["factors"].numpy()):
        confidence = 1.0 + CONFIG.alpha * labels[:, column]
        normal = (people.T * confidence) @ people + ridge
        expected = np.linalg.solve(normal, people.T @ (confidence * (labels[:, column] > 0)))
        np.testing.assert_allclose(vector, expected, atol=0.05)


def test_ranks_what_similar_people_liked(platform: TrainingData) -> None:
    """Members of the synthetic platform like their own category: most of the best unseen startups are of it."""
    scorer = AlsRecommender(AlsConfig(factors=8)).fit(platform).bind(Catalogue(startups=platform.startups))
    users = user_states(platform, np.arange(10), NOW)
    best = scorer.rank(users, 4).columns
    own = [
        platform.startups[column].category in user.record.categories
        for user, row in zip(users, best, strict=True)
        for column in row
        if column >= 0
    ]
    assert np.mean(own) > 0.6


def test_a_person_it_never_saw_is_served(platform: TrainingData) -> None:
    left_out = platform.interactions.user != 0
    engine = AlsRecommender(CONFIG).fit(replace(platform, interactions=platform.interactions.take(left_out)))
    user = user_states(platform, np.array([0]), NOW)
    assert np.isfinite(engine.bind(Catalogue(startups=platform.startups)).score(user)).any()


def test_a_file_of_other_shape_is_refused(platform: TrainingData) -> None:
    tensors, description = AlsRecommender(CONFIG).fit(platform).to_state()
    with pytest.raises(ModelFileError, match="the file was altered"):
        AlsRecommender.from_state({"factors": tensors["factors"][:-1]}, description)


@pytest.mark.parametrize(
    "values", [{"factors": 0}, {"regularization": 0.0}, {"alpha": -1.0}, {"iterations": 0}, {"half_life_days": 0.0}]
)
def test_impossible_settings_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        AlsConfig(**values)
