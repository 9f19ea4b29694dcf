from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from recommendation_service.engines.errors import ConfigError, NotFittedError
from recommendation_service.engines.popularity import PopularityConfig, PopularityRecommender
from recommendation_service.engines.types import Catalogue, Interactions, TrainingData, UserState

DAY = 86_400_000_000


@pytest.fixture
def data(platform: TrainingData, make_interactions: Callable[..., Interactions]) -> TrainingData:
    """Startup 0: an apply on day 0 and a view on day 100; startup 1: an apply on day 100; startup 2: a dislike."""
    rows = [
        (0, 0, "apply", 0),
        (1, 0, "view", 100 * DAY),
        (0, 1, "apply", 100 * DAY),
        (0, 2, "dislike", 100 * DAY),
        (0, 3, "sampled_negative", 100 * DAY),
    ]
    return replace(platform, interactions=make_interactions(rows))


def scores(config: PopularityConfig, data: TrainingData) -> list[float]:
    scorer = PopularityRecommender(config).fit(data).bind(Catalogue(startups=data.startups[:4]))
    return [float(score) for score in scorer.score([UserState(record=data.users[0])])[0]]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (PopularityConfig(half_life_days=None), [1.4, 1.0, 0.0, 0.0]),
        (PopularityConfig(half_life_days=100), [0.5 + 0.4, 1.0, 0.0, 0.0]),
        (PopularityConfig(half_life_days=50), [0.25 + 0.4, 1.0, 0.0, 0.0]),
        (PopularityConfig(half_life_days=None, window_days=30), [0.4, 1.0, 0.0, 0.0]),
    ],
)
def test_sums_faded_labels(data: TrainingData, config: PopularityConfig, expected: list[float]) -> None:
    assert scores(config, data) == pytest.approx(expected)


def test_is_the_same_for_everybody_and_gives_unknown_startups_0(data: TrainingData) -> None:
    stranger = replace(data.startups[0], id="new")
    scorer = PopularityRecommender().fit(data).bind(Catalogue(startups=[stranger, data.startups[1]]))
    found = scorer.score([UserState(record=user) for user in data.users[:3]])
    assert found.shape == (3, 2)
    assert (found[0] == found).all()
    assert found[0, 0] == 0.0


def test_learning_from_nothing_is_no_error(data: TrainingData) -> None:
    nothing = replace(data, interactions=data.interactions.take(np.array([], dtype=np.intp)))
    assert scores(PopularityConfig(), nothing) == [0.0] * 4


def test_must_learn_first(data: TrainingData) -> None:
    with pytest.raises(NotFittedError, match="call fit"):
        PopularityRecommender().bind(Catalogue(startups=data.startups))


@pytest.mark.parametrize("values", [{"half_life_days": 0.0}, {"window_days": -1.0}, {"half_life_days": float("nan")}])
def test_impossible_settings_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="must be above 0 days or None"):
        PopularityConfig(**values)
