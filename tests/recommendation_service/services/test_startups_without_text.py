"""A startup whose text cannot be used must not come first for want of it, whichever rung answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from contracts.api import Rung
from contracts.dataset import EMBEDDING_DIM
from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.newest import NewestRecommender
from recommendation_service.engines.popularity import PopularityRecommender
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.training_config import default, history
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import (
    Catalogue,
    FloatArray,
    HistoryItem,
    StartupRecord,
    TrainingData,
    UserState,
)
from tests.recommendation_service.small_ensemble import small_ensemble

NOW = datetime(2025, 5, 1, tzinfo=UTC)
BROKEN: dict[str, FloatArray | None] = {
    "missing": None,
    "too narrow": np.ones(EMBEDDING_DIM - 1, dtype=np.float32),
    "zero": np.zeros(EMBEDDING_DIM, dtype=np.float32),
    "not a number": np.full(EMBEDDING_DIM, np.nan, dtype=np.float32),
    "infinite": np.full(EMBEDDING_DIM, np.inf, dtype=np.float32),
}


ENGINES = {
    f"{Rung.TWO_TOWER} of histories": lambda: TwoTowerRecommender(replace(history(), epochs=3, refit=False)),
    f"{Rung.TWO_TOWER} of profiles": lambda: TwoTowerRecommender(replace(default(), epochs=3, refit=False)),
    Rung.ENSEMBLE: small_ensemble,
    Rung.CONTENT_BASED: ContentBasedRecommender,
    Rung.TRENDING: PopularityRecommender,
    Rung.NEWEST: NewestRecommender,
}


@pytest.fixture(scope="module", params=ENGINES.values(), ids=ENGINES.keys())
def engine(request: pytest.FixtureRequest, platform: TrainingData) -> Recommender:
    fitted: Recommender = request.param().fit(platform)
    return fitted


def person_and_twins(platform: TrainingData) -> tuple[UserState, list[StartupRecord]]:
    """A person who liked a startup, and three startups that differ from it by their names only."""
    liked = platform.startups[0]
    user = next(user for user in platform.users if liked.category in user.categories)
    act = HistoryItem(startup_id=liked.id, kind="like", label=1.0, time=datetime(2025, 4, 20, tzinfo=UTC))
    twins = [replace(liked, id=f"00000009-0000-4000-8000-{row:012d}") for row in range(3)]
    return UserState(record=user, history=(act,), as_of=NOW), twins


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_a_twin_without_a_usable_text_does_not_come_first(
    engine: Recommender, platform: TrainingData, text: FloatArray | None
) -> None:
    person, twins = person_and_twins(platform)
    broken = replace(twins[2], embedding=text)
    catalogue = Catalogue(startups=[*twins[:2], broken], as_of=NOW)
    scorer = engine.bind(catalogue)
    assert scorer.rank([person], 1).columns[0, 0] in {0, 1}
    assert not np.isposinf(scorer.score([person])).any()


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_nor_does_one_that_the_catalogue_grew_by(
    engine: Recommender, platform: TrainingData, text: FloatArray | None
) -> None:
    person, twins = person_and_twins(platform)
    catalogue = Catalogue(startups=twins[:2], as_of=NOW)
    grown = catalogue.changed([replace(twins[2], embedding=text)], (), NOW)
    scorer = engine.extend(engine.bind(catalogue), grown)
    assert scorer.rank([person], 1).columns[0, 0] in {0, 1}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_the_others_are_ranked_as_if_all_texts_were_whole(
    engine: Recommender, platform: TrainingData, text: FloatArray | None
) -> None:
    """One broken text must not spoil the lists of the rest."""
    person, twins = person_and_twins(platform)
    others = [startup for startup in platform.startups if startup.closed_at is None][:10]
    whole = engine.bind(Catalogue(startups=[*others, twins[0]], as_of=NOW))
    spoilt = engine.bind(Catalogue(startups=[*others, replace(twins[0], embedding=text)], as_of=NOW))
    allowed = np.arange(len(others) + 1) < len(others)
    before, after = (scorer.rank([person], 5, allowed).columns for scorer in (whole, spoilt))
    np.testing.assert_array_equal(before, after)
