from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from recommendation_service.engines.activity import ActivityRecommender
from recommendation_service.engines.types import Catalogue, HistoryItem, TrainingData, UserRecord, UserState

NOW = datetime(2025, 7, 1, tzinfo=UTC)


def state(*acts: tuple[float, int], as_of: datetime | None = NOW) -> UserState:
    """A person with acts given by label and age in days."""
    history = [
        HistoryItem(startup_id="s", kind="like", label=label, time=NOW - timedelta(days=age)) for label, age in acts
    ]
    return UserState(record=UserRecord(id="u", role=""), history=tuple(history), as_of=as_of)


def test_an_act_counts_half_after_half_a_year(platform: TrainingData) -> None:
    scorer = ActivityRecommender().fit(platform).bind(Catalogue(startups=platform.startups[:3]))
    people = [state((1.0, 0)), state((1.0, 360), (0.8, 180)), state(), state((0.0, 1))]
    scores = scorer.score(people)
    assert scores.shape == (4, 3)
    np.testing.assert_allclose(scores[:, 0], [1.0, 0.65, 0.0, 0.0])
    assert (scores == scores[:, :1]).all()


def test_without_a_moment_age_counts_from_the_last_act(platform: TrainingData) -> None:
    scorer = ActivityRecommender().fit(platform).bind(Catalogue(startups=platform.startups[:1]))
    np.testing.assert_allclose(scorer.score([state((1.0, 190), (1.0, 10), as_of=None)]), [[1.5]])
