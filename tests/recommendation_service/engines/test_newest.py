from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from recommendation_service.engines.newest import NewestRecommender
from recommendation_service.engines.types import Catalogue, StartupRecord, TrainingData, UserRecord, UserState

START = datetime(2025, 1, 1, tzinfo=UTC)
ANYBODY = UserState(record=UserRecord(id="u", role=""))


def scorer_for(*minutes: float):
    startups = [
        StartupRecord(id=str(place), opened_at=START + timedelta(minutes=after)) for place, after in enumerate(minutes)
    ]
    return NewestRecommender().bind(Catalogue(startups=startups))


def test_the_latest_opened_comes_first() -> None:
    ranking = scorer_for(3, 1, 2).rank([ANYBODY], 3)
    assert ranking.columns.tolist() == [[0, 2, 1]]
    np.testing.assert_allclose(ranking.scores, [[1, 2 / 3, 1 / 3]], rtol=1e-6)


def test_microseconds_apart_after_many_years_is_still_an_order() -> None:
    assert scorer_for(0, 1 / 60_000_000).rank([ANYBODY], 2).columns.tolist() == [[1, 0]]


def test_equal_moments_share_a_score_and_go_by_column() -> None:
    ranking = scorer_for(1, 1, 0).rank([ANYBODY], 3)
    assert ranking.columns.tolist() == [[0, 1, 2]]
    assert ranking.scores[0, 0] == ranking.scores[0, 1] == 1


def test_an_empty_catalogue_ranks_nothing() -> None:
    assert scorer_for().rank([ANYBODY], 2).columns.tolist() == [[-1, -1]]


def test_fitting_changes_nothing(platform: TrainingData) -> None:
    catalogue = Catalogue(startups=platform.startups)
    fitted, fresh = NewestRecommender().fit(platform).bind(catalogue), NewestRecommender().bind(catalogue)
    np.testing.assert_array_equal(fitted.score([ANYBODY]), fresh.score([ANYBODY]))
