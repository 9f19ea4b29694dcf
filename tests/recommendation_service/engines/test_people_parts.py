"""Parts multiply to what the engine scores, for every engine that has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.histories import Histories
from recommendation_service.engines.people_parts import ScoresPeople
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.timeline import from_microseconds
from recommendation_service.engines.training_config import TrainingConfig, fast, history, ids
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import Catalogue, TrainingData, UserRecord, UserState


def two_tower(preset: Callable[[], TrainingConfig]) -> Callable[[], Recommender]:
    return lambda: TwoTowerRecommender(replace(preset(), epochs=1, batch_size=256))


@pytest.fixture(
    scope="module",
    params=[two_tower(fast), two_tower(ids), two_tower(history), ContentBasedRecommender],
    ids=["profile", "ids", "history", "content"],
)
def fitted(request: pytest.FixtureRequest, platform: TrainingData) -> Recommender:
    return request.param().fit(platform)  # type: ignore[no-any-return]


def people_of(platform: TrainingData) -> list[UserState]:
    """Everybody with what they did, and one of whom nothing is known."""
    moment = from_microseconds(int(platform.interactions.time.max()) + 1)
    histories = Histories(platform)
    known = [histories.state(row, moment) for row in range(len(platform.users))]
    return [*known, UserState(record=UserRecord(id="stranger", role="astronaut"), as_of=moment)]


def bound(fitted: Recommender, platform: TrainingData, count: int) -> Scorer:
    moment = from_microseconds(int(platform.interactions.time.max()) + 1)
    return fitted.bind(Catalogue(startups=platform.startups[:count], as_of=moment))


def test_products_of_parts_are_scores(fitted: Recommender, platform: TrainingData) -> None:
    scorer, people = bound(fitted, platform, len(platform.startups)), people_of(platform)
    assert isinstance(scorer, ScoresPeople)
    parts, scores = scorer.people_parts(people), scorer.score(people)
    assert scores[:-1].std() > 0
    for column in range(len(platform.startups)):
        found = parts.scores(scorer.startup_parts(column))
        np.testing.assert_allclose(found[parts.known], scores[parts.known, column], rtol=1e-4, atol=1e-5)
    assert np.isnan(scores[~parts.known]).all()
    np.testing.assert_allclose(scorer.lists_of(parts)[parts.known], scores[parts.known], rtol=1e-4, atol=1e-5)
    few = parts.take(np.array([3, 0]))
    np.testing.assert_allclose(scorer.lists_of(few), scores[[3, 0]], rtol=1e-4, atol=1e-5)


def test_parts_fit_the_startups_that_came_later(fitted: Recommender, platform: TrainingData) -> None:
    people = people_of(platform)
    early = bound(fitted, platform, 30)
    later = fitted.extend(early, Catalogue(startups=platform.startups, as_of=early.catalogue.as_of))
    assert isinstance(early, ScoresPeople)
    assert isinstance(later, ScoresPeople)
    assert early.people_key == later.people_key
    scores = later.score(people)
    parts = early.people_parts(people)
    for column in (0, 29, 30, len(platform.startups) - 1):
        found = parts.scores(later.startup_parts(column))
        correlation = np.corrcoef(found[:-1], scores[:-1, column])[0, 1]
        assert correlation > 0.95


def test_another_model_has_another_key(fitted: Recommender, platform: TrainingData) -> None:
    first, second = bound(fitted, platform, 30), ContentBasedRecommender().fit(platform)
    other = second.bind(first.catalogue)
    assert isinstance(first, ScoresPeople)
    assert isinstance(other, ScoresPeople)
    assert first.people_key != other.people_key
