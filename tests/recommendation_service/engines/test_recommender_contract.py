"""What every engine promises, whoever it learns from and whomever it is asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from recommendation_service.engines.als import AlsConfig, AlsRecommender
from recommendation_service.engines.content_based import ContentBasedRecommender
from recommendation_service.engines.errors import ModelFileError, NotFittedError
from recommendation_service.engines.histories import user_states
from recommendation_service.engines.item_knn import ItemKnnRecommender
from recommendation_service.engines.newest import NewestRecommender
from recommendation_service.engines.popularity import PopularityRecommender
from recommendation_service.engines.rank_fusion import RankFusionRecommender
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.trending import TrendingRecommender
from recommendation_service.engines.types import (
    Catalogue,
    HistoryItem,
    Interactions,
    StartupRecord,
    TrainingData,
    UserRecord,
    UserState,
)
from tests.recommendation_service.small_ensemble import small_ensemble

NOW = datetime(2025, 5, 1, tzinfo=UTC)
STRANGER = UserState(record=UserRecord(id="stranger", role="student"), as_of=NOW)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """How to make an engine, and what it does beyond the contract's minimum."""

    make: Callable[[], Recommender]
    learns: bool = True
    has_state: bool = False
    looks_at_people: bool = True
    judges_the_past: bool = False
    """It learns from lists it would have shown, among what was open: other startups and known dislikes change those."""


def fusion() -> Recommender:
    return RankFusionRecommender({"item_knn": ItemKnnRecommender(), "content_based": ContentBasedRecommender()})


PROMISES = {
    "als": Promise(make=lambda: AlsRecommender(AlsConfig(factors=8, iterations=4)), has_state=True),
    "content_based": Promise(make=ContentBasedRecommender),
    "ensemble": Promise(make=small_ensemble, has_state=True, judges_the_past=True),
    "item_knn": Promise(make=ItemKnnRecommender, has_state=True),
    "newest": Promise(make=NewestRecommender, learns=False, looks_at_people=False),
    "popularity": Promise(make=PopularityRecommender, looks_at_people=False),
    "rank_fusion": Promise(make=fusion),
    "trending": Promise(make=TrendingRecommender, has_state=True, looks_at_people=False),
}
STATEFUL = {name: promise for name, promise in PROMISES.items() if promise.has_state}

every_engine = pytest.mark.parametrize("promise", PROMISES.values(), ids=PROMISES.keys())
every_stateful_engine = pytest.mark.parametrize("promise", STATEFUL.values(), ids=STATEFUL.keys())


@pytest.fixture(scope="module")
def states(platform: TrainingData) -> list[UserState]:
    return user_states(platform, np.arange(len(platform.users)), NOW)


def catalogue_of(startups: list[StartupRecord]) -> Catalogue:
    return Catalogue(startups=startups, as_of=NOW)


def scores_of(engine: Recommender, data: TrainingData, users: list[UserState]) -> np.ndarray:
    return engine.bind(catalogue_of(list(data.startups))).score(users)


@every_engine
def test_scores_have_the_promised_shape_and_type(promise: Promise, platform: TrainingData, states) -> None:
    scores = scores_of(promise.make().fit(platform), platform, states)
    assert scores.shape == (len(states), len(platform.startups))
    assert scores.dtype == np.float32
    assert not np.isposinf(scores).any()


@every_engine
def test_is_known_by_the_name_it_is_registered_under(promise: Promise) -> None:
    names = [name for name, other in PROMISES.items() if other is promise]
    assert [promise.make().name] == names


@every_engine
def test_the_same_data_gives_the_same_scores(promise: Promise, platform: TrainingData, states) -> None:
    once, again = (scores_of(promise.make().fit(platform), platform, states) for _ in range(2))
    np.testing.assert_array_equal(once, again)


@every_engine
def test_a_batch_scores_like_single_people(promise: Promise, platform: TrainingData, states) -> None:
    scorer = promise.make().fit(platform).bind(catalogue_of(list(platform.startups)))
    together = scorer.score(states[:9])
    alone = np.concatenate([scorer.score([user]) for user in states[:9]])
    np.testing.assert_allclose(alone, together, rtol=1e-4, atol=1e-5)


@every_engine
def test_asking_about_nobody_is_no_error(promise: Promise, platform: TrainingData) -> None:
    assert scores_of(promise.make().fit(platform), platform, []).shape == (0, len(platform.startups))


@every_engine
def test_an_empty_catalogue_ranks_nothing(promise: Promise, platform: TrainingData, states) -> None:
    ranking = promise.make().fit(platform).bind(catalogue_of([])).rank(states[:3], 5)
    assert ranking.columns.tolist() == [[-1] * 5] * 3


@every_engine
def test_a_startup_never_seen_harms_nobody(promise: Promise, platform: TrainingData, states) -> None:
    new = StartupRecord(id="new", opened_at=NOW)
    engine = promise.make().fit(platform)
    without = engine.bind(catalogue_of(list(platform.startups))).rank(states, 5)
    known = np.array([True] * len(platform.startups) + [False])
    ranking = engine.bind(catalogue_of([*platform.startups, new])).rank(states, 5, known)
    same = np.mean(ranking.columns == without.columns)
    assert same > 0.9 if promise.judges_the_past else same == 1.0


@every_engine
def test_a_person_without_history_is_served_or_told_so(promise: Promise, platform: TrainingData, states) -> None:
    """The stranger may still be refused by an engine that serves newcomers of whom something is known."""
    engine = promise.make().fit(platform)
    newcomer = replace(states[0], history=())
    ranking = engine.bind(catalogue_of(list(platform.startups))).rank([newcomer, STRANGER], 5)
    assert (ranking.columns[0] >= 0).any() == engine.serves_cold_users


@every_engine
def test_an_unknown_startup_in_the_history_is_left_out(promise: Promise, platform: TrainingData, states) -> None:
    engine = promise.make().fit(platform)
    unknown = HistoryItem(startup_id="gone", kind="like", label=0.8, time=NOW)
    with_unknown = [replace(user, history=(*user.history, unknown)) for user in states]
    np.testing.assert_array_equal(scores_of(engine, platform, with_unknown), scores_of(engine, platform, states))


@every_engine
def test_what_is_not_allowed_is_not_ranked(promise: Promise, platform: TrainingData, states) -> None:
    allowed = np.zeros((len(states), len(platform.startups)), dtype=np.bool_)
    allowed[:, ::3] = True
    ranking = promise.make().fit(platform).bind(catalogue_of(list(platform.startups))).rank(states, 40, allowed)
    assert (ranking.columns[ranking.columns >= 0] % 3 == 0).all()


@every_engine
def test_learning_from_no_acts_is_no_error(promise: Promise, platform: TrainingData, states) -> None:
    nothing = replace(platform, interactions=platform.interactions.take(np.zeros(0, dtype=np.intp)))
    scores = scores_of(promise.make().fit(nothing), nothing, states)
    assert scores.shape == (len(states), len(platform.startups))


@every_engine
def test_a_dislike_in_a_history_is_no_like(promise: Promise, platform: TrainingData, states) -> None:
    engine = promise.make().fit(platform)
    likes_only = [replace(user, history=tuple(item for item in user.history if item.label > 0)) for user in states]
    found, expected = scores_of(engine, platform, states), scores_of(engine, platform, likes_only)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@every_engine
def test_dislikes_teach_no_likes(promise: Promise, platform: TrainingData, states) -> None:
    """It is as if nothing had been done."""
    if promise.judges_the_past:
        return
    liked = platform.interactions.label > 0
    without = replace(platform, interactions=platform.interactions.take(liked))
    found = scores_of(promise.make().fit(same_startups(platform, liked)), platform, states)
    expected = scores_of(promise.make().fit(without), platform, states)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def same_startups(data: TrainingData, liked: np.ndarray) -> TrainingData:
    """All likes, and those dislikes whose startup somebody liked: what engines count startups by stays the same."""
    rows: Interactions = data.interactions
    return replace(data, interactions=rows.take(liked | np.isin(rows.startup, rows.startup[liked])))


@every_engine
def test_must_learn_first(promise: Promise, platform: TrainingData) -> None:
    if promise.learns:
        with pytest.raises(NotFittedError, match="call fit"):
            promise.make().bind(catalogue_of(list(platform.startups)))


@every_engine
def test_looks_at_people_if_it_says_so(promise: Promise, platform: TrainingData, states) -> None:
    scores = scores_of(promise.make().fit(platform), platform, states)
    same = np.array_equal(scores, np.broadcast_to(scores[0], scores.shape), equal_nan=True)
    assert same != promise.looks_at_people


@every_stateful_engine
def test_a_saved_engine_scores_the_same(promise: Promise, platform: TrainingData, states) -> None:
    engine = promise.make().fit(platform)
    loaded = type(engine).from_state(*engine.to_state())
    np.testing.assert_array_equal(scores_of(loaded, platform, states), scores_of(engine, platform, states))


@every_stateful_engine
def test_a_foreign_state_is_refused(promise: Promise, platform: TrainingData) -> None:
    engine = promise.make().fit(platform)
    tensors, description = engine.to_state()
    with pytest.raises(ModelFileError, match="does not hold"):
        type(engine).from_state({}, description)
    with pytest.raises(ModelFileError, match="does not hold"):
        type(engine).from_state(tensors, {})


@every_stateful_engine
def test_there_is_no_state_before_learning(promise: Promise) -> None:
    with pytest.raises(NotFittedError, match="call fit"):
        promise.make().to_state()


@every_engine
def test_a_catalogue_that_grew_scores_as_if_bound_at_once(promise: Promise, platform: TrainingData, states) -> None:
    """Changed startups are columns behind the old ones, and histories name new and changed ones too."""
    engine = promise.make().fit(platform)
    begun = catalogue_of(list(platform.startups[:-4]))
    renamed = replace(platform.startups[0], category="gaming", tags=("never seen before",), embedding=None)
    grown = begun.changed([*platform.startups[-4:], renamed], {platform.startups[1].id}, NOW)
    extended = engine.extend(engine.bind(begun), grown)
    at_once = engine.bind(Catalogue(startups=grown.startups, as_of=NOW, live=grown.live))
    assert extended.catalogue is grown
    np.testing.assert_allclose(extended.score(states), at_once.score(states), rtol=1e-4, atol=1e-5)
    again = grown.changed([replace(renamed, title="twice")], (), NOW)
    twice = engine.extend(extended, again)
    at_once = engine.bind(Catalogue(startups=again.startups, as_of=NOW, live=again.live))
    np.testing.assert_allclose(twice.score(states), at_once.score(states), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(extended.score(states), extended.score(states), err_msg="the shorter one still answers")
