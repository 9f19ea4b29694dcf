from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.item_knn import ItemKnnConfig, ItemKnnRecommender
from recommendation_service.engines.types import (
    Catalogue,
    HistoryItem,
    Interactions,
    TrainingData,
    UserState,
)

NOW = datetime(2025, 5, 1, tzinfo=UTC)
LIKED = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 1), (2, 3), (3, 2)]
"""Person, startup."""


@pytest.fixture
def data(platform: TrainingData, make_interactions: Callable[..., Interactions]) -> TrainingData:
    rows = [(user, startup, "apply", 1) for user, startup in LIKED]
    return replace(platform, interactions=make_interactions([*rows, (3, 3, "dislike", 1), (4, 0, "view", 1)]))


def state(data: TrainingData, *startups: int, days_ago: float = 0.0) -> UserState:
    history = tuple(
        HistoryItem(startup_id=data.startups[row].id, kind="apply", label=1.0, time=NOW - timedelta(days=days_ago))
        for row in startups
    )
    return UserState(record=data.users[9], history=history, as_of=NOW)


def score(data: TrainingData, user: UserState, **config: float | None) -> np.ndarray:
    engine = ItemKnnRecommender(ItemKnnConfig(**config)).fit(data)
    return engine.bind(Catalogue(startups=data.startups[:5])).score([user])[0]


def brute_force(data: TrainingData, *, user_power: float, shrinkage: float) -> np.ndarray:
    """The shrunk cosine of every two startups by the definition, pair by pair."""
    table = np.zeros((len(data.users), len(data.startups)))
    for user, startup, label in zip(
        data.interactions.user, data.interactions.startup, data.interactions.label, strict=True
    ):
        table[user, startup] = max(table[user, startup], label)
    table /= np.maximum((table > 0).sum(axis=1), 1)[:, None] ** user_power
    size = table.shape[1]
    likeness = np.zeros((size, size))
    for one in range(size):
        for other in range(size):
            if one != other:
                norms = np.linalg.norm(table[:, one]) * np.linalg.norm(table[:, other]) + shrinkage
                likeness[one, other] = table[:, one] @ table[:, other] / norms if norms else 0.0
    return likeness


@pytest.mark.parametrize(("user_power", "shrinkage"), [(0.0, 0.0), (0.5, 0.0), (0.5, 2.0), (1.0, 0.5)])
def test_likeness_equals_the_definition(data: TrainingData, user_power: float, shrinkage: float) -> None:
    expected = brute_force(data, user_power=user_power, shrinkage=shrinkage)
    found = score(data, state(data, 0, 2), user_power=user_power, shrinkage=shrinkage)
    np.testing.assert_allclose(found[:4], (expected[0] + expected[2])[:4], rtol=1e-5)
    assert np.isnan(found[4])


def test_only_the_nearest_neighbours_count(data: TrainingData) -> None:
    """Startup 1 shares two people with startup 0, but one each with 2 and 3."""
    found = score(data, state(data, 1), neighbours=1)
    assert found[0] > 0
    assert found[2] == 0.0, "the nearest startup of 2 is 0 (fewer other people), not 1"
    assert found[3] > 0, "1 is all that 3 has"


def test_an_old_like_counts_half(data: TrainingData) -> None:
    fresh = score(data, state(data, 0), half_life_days=100.0)
    old = score(data, state(data, 0, days_ago=100.0), half_life_days=100.0)
    np.testing.assert_allclose(old, fresh / 2, rtol=1e-6)


def test_nothing_liked_is_nothing_said(data: TrainingData) -> None:
    disliked = HistoryItem(startup_id=data.startups[0].id, kind="dislike", label=0.0, time=NOW)
    assert np.isnan(score(data, replace(state(data), history=(disliked,)))).all()


@pytest.mark.parametrize(
    "values", [{"neighbours": 0}, {"shrinkage": -1.0}, {"user_power": 1.5}, {"half_life_days": 0.0}]
)
def test_impossible_settings_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        ItemKnnConfig(**values)
