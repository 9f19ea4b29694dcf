from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest

from contracts.api import Rung, Segment
from recommendation_service.engines.errors import EngineError
from recommendation_service.engines.router import RoutingPolicy
from recommendation_service.engines.types import StartupRecord, UserState
from recommendation_service.services.errors import (
    DatabaseUnavailableError,
    NotReadyError,
    UnknownStartupError,
    UnknownUserError,
)
from recommendation_service.services.ports import LearnedModel
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.services.serving_options import ServingOptions
from tests.recommendation_service.services.snapshot_keeping import NEW_ID, ChangingDatabase

NOW = datetime(2025, 6, 1, tzinfo=UTC)


def serving(database: Any, models: Any, **options: Any) -> RecommendationService:
    return RecommendationService(database, models=models, options=ServingOptions(**options), clock=lambda: NOW)


@pytest.fixture
def service(fake_database: Any, told_models: Any, told_recommender: Any) -> RecommendationService:
    return serving(fake_database, told_models(two_tower_v1=told_recommender()))


@pytest.fixture
def history_of(fake_database: Any) -> dict[str, UserState]:
    return {user_id: fake_database.user_state(user_id, NOW) for user_id in fake_database.users}


def somebody(history_of: dict[str, UserState], at_least: int, at_most: int) -> UserState:
    return next(state for state in history_of.values() if at_least <= len(state.history) <= at_most)


def ids(answer: Any) -> list[str]:
    return [str(item.startup_id) for item in answer.items]


@pytest.mark.parametrize(
    ("acts", "segment", "rung", "version"),
    [
        ((0, 4), Segment.COLD, Rung.CONTENT_BASED, None),
        ((5, 20), Segment.WARM, Rung.TWO_TOWER, "two_tower_v1"),
    ],
    ids=["cold", "warm"],
)
def test_each_segment_gets_the_rung_that_is_due(
    service: RecommendationService,
    history_of: dict[str, UserState],
    acts: tuple[int, int],
    segment: Segment,
    rung: Rung,
    version: str | None,
) -> None:
    answer = service.recommend(somebody(history_of, *acts).record.id, limit=5)
    assert (answer.segment, answer.rung, answer.model_version) == (segment, rung, version)
    assert (answer.degraded, answer.degraded_reason) == (False, None)
    assert [item.rank for item in answer.items] == [1, 2, 3, 4, 5]


def test_thresholds_decide_who_is_hot(
    fake_database: Any, told_models: Any, told_recommender: Any, history_of: dict[str, UserState]
) -> None:
    models = told_models(two_tower_v1=told_recommender())
    service = serving(fake_database, models, routing=RoutingPolicy(warm_from=1, hot_above=4))
    answer = service.recommend(somebody(history_of, 5, 20).record.id)
    assert (answer.segment, answer.rung) == (Segment.HOT, Rung.TWO_TOWER)


@pytest.fixture
def ensemble_of(told_recommender: Any) -> Any:
    """A version with an ensemble beside its two towers, and the routing that names it for everybody."""

    def build(ensemble: Any) -> LearnedModel:
        routing = RoutingPolicy(first_rung=dict.fromkeys(Segment, Rung.ENSEMBLE))
        return LearnedModel(engines={Rung.ENSEMBLE: ensemble, Rung.TWO_TOWER: told_recommender()}, routing=routing)

    return build


def test_the_routing_of_the_version_that_serves_decides_and_goes_with_it(
    fake_database: Any, told_models: Any, told_recommender: Any, ensemble_of: Any, history_of: dict[str, UserState]
) -> None:
    models = told_models(v1=ensemble_of(told_recommender()), v2=told_recommender())
    service = serving(fake_database, models)
    newcomer = somebody(history_of, 0, 4).record.id
    answer = service.recommend(newcomer)
    assert (answer.rung, answer.model_version, answer.degraded) == (Rung.ENSEMBLE, "v1", False)
    models.active = "v2"
    service.keeper.refresh()
    assert service.recommend(newcomer).rung is Rung.CONTENT_BASED


def test_an_ensemble_that_fails_leaves_the_towers_of_the_same_version(
    fake_database: Any, told_models: Any, told_recommender: Any, ensemble_of: Any, history_of: dict[str, UserState]
) -> None:
    class Broken(told_recommender):  # type: ignore[misc]
        serves_cold_users = False

    def fail(_startups: int) -> Any:
        raise EngineError("the re-ranker is out of order")

    service = serving(fake_database, told_models(v1=ensemble_of(Broken(fail))))
    answer = service.recommend(somebody(history_of, 0, 100).record.id)
    assert (answer.rung, answer.model_version, answer.degraded) == (Rung.TWO_TOWER, "v1", True)
    assert answer.degraded_reason == "ensemble: the engine two_tower failed"


def test_a_route_that_names_a_rung_the_version_lacks_is_told(
    fake_database: Any, told_models: Any, told_recommender: Any, history_of: dict[str, UserState]
) -> None:
    routing = RoutingPolicy(first_rung=dict.fromkeys(Segment, Rung.ENSEMBLE))
    service = serving(fake_database, told_models(v1=told_recommender()), routing=routing)
    answer = service.recommend(next(iter(history_of)))
    assert (answer.rung, answer.degraded) == (Rung.TWO_TOWER, True)
    assert "ensemble" in (answer.degraded_reason or "")


def test_what_somebody_did_anything_to_never_comes_back_on_any_rung(
    service: RecommendationService, history_of: dict[str, UserState], fake_database: Any
) -> None:
    rungs = set()
    for user_id, state in history_of.items():
        answer = service.recommend(user_id, limit=100)
        rungs.add(answer.rung)
        done = {item.startup_id for item in state.history}
        assert done.isdisjoint(ids(answer))
        assert answer.exhausted
        if answer.rung is Rung.TWO_TOWER:
            assert len(answer.items) == len({startup.id for startup in fake_database.startups} - done)
    assert len(rungs) > 1


def test_own_startups_never_come_back_even_for_a_stranger(
    fake_database: Any, told_models: Any, history_of: dict[str, UserState]
) -> None:
    me = next(iter(history_of))
    fake_database.change(
        [replace(startup, owner_id=me) for startup in fake_database.startups[:-1]] + fake_database.startups[-1:]
    )
    service = serving(fake_database, told_models())
    service.keeper.refresh()
    fake_database.broken = DatabaseUnavailableError("gone")
    assert ids(service.recommend(me)) == [fake_database.startups[-1].id]


def test_everything_seen_is_an_empty_exhausted_answer(
    service: RecommendationService, fake_database: Any, history_of: dict[str, UserState]
) -> None:
    state = somebody(history_of, 5, 20)
    seen = {item.startup_id for item in state.history}
    fake_database.change([startup for startup in fake_database.startups if startup.id in seen])
    answer = service.recommend(state.record.id)
    assert (answer.items, answer.exhausted, answer.degraded) == ([], True, False)


def test_an_empty_catalogue_is_an_empty_answer(
    service: RecommendationService, fake_database: Any, history_of: dict[str, UserState]
) -> None:
    fake_database.change([])
    for acts in ((0, 0), (5, 20)):
        answer = service.recommend(somebody(history_of, *acts).record.id)
        assert (answer.items, answer.exhausted) == ([], True)


def test_no_model_yet_is_content_based_and_says_so(
    fake_database: Any, told_models: Any, history_of: dict[str, UserState]
) -> None:
    service = serving(fake_database, told_models())
    answer = service.recommend(somebody(history_of, 5, 20).record.id, limit=3)
    assert (answer.rung, answer.degraded) == (Rung.CONTENT_BASED, True)
    assert "no active model" in str(answer.degraded_reason)
    assert len(answer.items) == 3


def test_switched_off_two_towers_are_not_missed(
    fake_database: Any, told_models: Any, told_recommender: Any, history_of: dict[str, UserState]
) -> None:
    models = told_models(two_tower_v1=told_recommender())
    service = RecommendationService(fake_database, enable_two_tower=False, models=models)
    answer = service.recommend(somebody(history_of, 5, 20).record.id)
    assert (answer.rung, answer.degraded) == (Rung.CONTENT_BASED, False)
    assert models.loads == []


@pytest.mark.parametrize(
    "error",
    [EngineError("engine"), RuntimeError("torch"), ValueError("numpy"), ZeroDivisionError(), KeyError("id")],
    ids=lambda error: type(error).__name__,
)
def test_a_failing_engine_falls_back_counted_and_marked(
    fake_database: Any, told_models: Any, told_recommender: Any, history_of: dict[str, UserState], error: Exception
) -> None:
    answers = iter([np.zeros(len(fake_database.startups), np.float32)])
    model = told_recommender(lambda n: fail_after(answers, error))
    service = serving(fake_database, told_models(two_tower_v1=model))
    answer = service.recommend(somebody(history_of, 5, 20).record.id, limit=3)
    assert (answer.rung, answer.model_version, answer.degraded) == (Rung.CONTENT_BASED, None, True)
    assert answer.degraded_reason == "two_tower: the engine two_tower failed"
    assert service.fallbacks.counts == {("two_tower", type(error).__name__): 1}


def fail_after(answers: Any, error: Exception) -> Any:
    """The prepared answers, then the error."""
    for answer in answers:
        return answer
    raise error


def test_an_error_nobody_foresaw_is_not_swallowed(
    fake_database: Any, told_models: Any, told_recommender: Any, history_of: dict[str, UserState]
) -> None:
    answers = iter([np.zeros(len(fake_database.startups), np.float32)])
    model = told_recommender(lambda n: fail_after(answers, AssertionError("a bug")))
    service = serving(fake_database, told_models(two_tower_v1=model))
    with pytest.raises(AssertionError, match="a bug"):
        service.recommend(somebody(history_of, 5, 20).record.id)


def test_startups_that_an_engine_cannot_score_are_left_out(
    fake_database: Any, told_models: Any, told_recommender: Any, history_of: dict[str, UserState]
) -> None:
    def scores(n: int) -> Any:
        values = np.full(n, np.nan, dtype=np.float32)
        values[[3, 5]] = 1.0, np.inf
        return values

    service = serving(fake_database, told_models(two_tower_v1=told_recommender(scores)))
    answer = service.recommend(somebody(history_of, 5, 20).record.id)
    newest_first = sorted(fake_database.startups, key=lambda startup: startup.opened_at, reverse=True)
    assert set(ids(answer)) <= {newest_first[3].id}


def test_an_unreadable_person_gets_what_trends_marked_as_degraded(
    service: RecommendationService, fake_database: Any, history_of: dict[str, UserState]
) -> None:
    service.keeper.refresh()
    fake_database.broken = DatabaseUnavailableError("the password is secret")
    answer = service.recommend(next(iter(history_of)), limit=3)
    assert (answer.rung, answer.segment, answer.degraded) == (Rung.TRENDING, Segment.COLD, True)
    assert answer.degraded_reason == "user_state: the platform's database did not answer"
    popular = Counter(pair.startup_id for pair in fake_database.acts if pair.outcome.label > 0)
    assert popular[ids(answer)[0]] > 0


def test_where_nothing_ever_happened_the_newest_answer(
    fake_database: Any, told_models: Any, history_of: dict[str, UserState]
) -> None:
    fake_database.acts = []
    service = serving(fake_database, told_models())
    service.keeper.refresh()
    fake_database.broken = DatabaseUnavailableError("gone")
    answer = service.recommend(next(iter(history_of)), limit=2)
    newest = sorted(fake_database.startups, key=lambda startup: startup.opened_at, reverse=True)
    assert answer.rung is Rung.NEWEST
    assert ids(answer) == [startup.id for startup in newest[:2]]


def test_it_counts_the_open_startups_without_a_text(fake_database: Any, told_models: Any) -> None:
    service = RecommendationService(fake_database, models=told_models())
    assert service.state.startups_without_text() == 0
    service.keeper.refresh()
    before = service.state.startups_without_text()
    with_text = [startup for startup in fake_database.startups if startup.embedding is not None]
    assert before == len(fake_database.startups) - len(with_text)
    silent, gone = replace(with_text[0], embedding=None), with_text[1]
    fake_database.change([silent, *(one for one in fake_database.startups if one.id not in {silent.id, gone.id})])
    service.keeper.refresh()
    assert service.state.startups_without_text() == before + 1


def test_the_startups_without_a_text_are_counted_through_every_change(fake_database: Any, told_models: Any) -> None:
    """Held against a count of all records, as a scrape would have to make it."""
    changing = ChangingDatabase(fake_database)
    service = RecommendationService(changing, models=told_models())
    service.keeper.refresh()
    texts = [startup for startup in fake_database.startups if startup.embedding is not None]
    silent = next(startup for startup in fake_database.startups if startup.embedding is None)
    steps: list[tuple[list[StartupRecord], set[str]]] = [
        ([replace(texts[0], embedding=None)], set()),
        ([replace(texts[0], title="still silent", embedding=None)], set()),
        ([texts[0], replace(silent, id=NEW_ID)], set()),
        ([], {silent.id, texts[1].id, "unknown"}),
        ([replace(texts[2], encoder="another")], {NEW_ID}),
    ]
    for startups, gone in steps:
        changing.tell(*startups, gone=gone)
        service.keeper.refresh()
        catalogue = service.keeper.current().catalogue
        counted = sum(catalogue.startups[column].embedding is None for column in catalogue.index_of.values())
        assert service.state.startups_without_text() == counted


def test_it_tells_when_the_model_that_serves_was_trained(
    fake_database: Any, told_models: Any, told_recommender: Any
) -> None:
    trained_at = datetime(2025, 1, 1, tzinfo=UTC)
    learned = LearnedModel(engines={Rung.TWO_TOWER: told_recommender()}, created_at=trained_at)
    models = told_models(v1=learned)
    service = RecommendationService(fake_database, models=models)
    assert service.state.model_created_at() is None
    service.keeper.refresh()
    assert service.state.model_created_at() == trained_at
    models.active = None
    service.keeper.refresh()
    assert service.state.model_created_at() is None


def test_a_database_that_was_never_there_is_not_ready(fake_database: Any, told_models: Any) -> None:
    fake_database.broken = DatabaseUnavailableError("gone")
    service = serving(fake_database, told_models())
    with pytest.raises(NotReadyError, match="gone"):
        service.recommend(uuid4())
    readiness = service.state.readiness()
    assert (readiness.ready, readiness.rung, readiness.problems) == (False, None, ["catalogue: gone"])


def test_strangers_are_unknown(service: RecommendationService) -> None:
    with pytest.raises(UnknownUserError, match="there is no user"):
        service.recommend(uuid4())


def test_a_person_deleted_between_two_calls_is_unknown(
    service: RecommendationService, fake_database: Any, history_of: dict[str, UserState]
) -> None:
    user_id = next(iter(history_of))
    service.recommend(user_id)
    del fake_database.users[user_id]
    with pytest.raises(UnknownUserError):
        service.recommend(user_id)


@pytest.mark.parametrize("limit", [0, -1, 101, 10**9])
def test_limits_out_of_range_are_refused(service: RecommendationService, limit: int, history_of: Any) -> None:
    with pytest.raises(ValueError, match=f"1 to 100, got {limit}"):
        service.recommend(next(iter(history_of)), limit=limit)
    with pytest.raises(ValueError, match=f"1 to 100, got {limit}"):
        service.similar(uuid4(), limit=limit)


def test_a_new_act_changes_the_next_answer(
    service: RecommendationService, fake_database: Any, history_of: dict[str, UserState]
) -> None:
    state = somebody(history_of, 5, 20)
    first = ids(service.recommend(state.record.id, limit=1))[0]
    fake_database.acts.append(replace(fake_database.acts[0], user_id=state.record.id, startup_id=first))
    assert first not in ids(service.recommend(state.record.id, limit=100))


def test_similar_startups_are_open_others(service: RecommendationService, fake_database: Any) -> None:
    startup = fake_database.startups[0]
    answer = service.similar(startup.id, limit=100)
    assert set(ids(answer)) == {other.id for other in fake_database.startups[1:]}
    assert (answer.startup_id, answer.degraded, answer.exhausted) == (UUID(startup.id), False, True)
    best = next(other for other in fake_database.startups if other.id == ids(answer)[0])
    assert best.category == startup.category


def test_similar_to_what_is_not_open_is_unknown(service: RecommendationService, fake_database: Any) -> None:
    gone = fake_database.startups.pop()
    with pytest.raises(UnknownStartupError, match=gone.id):
        service.similar(gone.id)


def test_models_tell_what_serves_and_why_not_what_should(
    fake_database: Any, told_models: Any, told_recommender: Any
) -> None:
    models = told_models(v1=told_recommender(), v2=EngineError("flipped byte"))
    service = serving(fake_database, models)
    service.keeper.refresh()
    models.active = "v2"
    service.keeper.refresh()
    told = service.model_control.models()
    assert (told.serving, told.active, told.problem) == ("v1", "v2", "flipped byte")
    assert [model.version for model in told.versions] == ["v1", "v2"]


def test_a_vanished_registry_is_told_and_the_model_goes_on_serving(
    fake_database: Any, told_models: Any, told_recommender: Any
) -> None:
    models = told_models(v1=told_recommender())
    service = serving(fake_database, models)
    service.keeper.refresh()
    models.broken = EngineError("the pointer is damaged")
    service.keeper.refresh()
    told = service.model_control.models()
    assert (told.serving, told.active, told.problem, told.versions) == ("v1", None, "the pointer is damaged", [])


def test_readiness_tells_rung_size_and_age(service: RecommendationService, fake_database: Any) -> None:
    assert not service.state.readiness().ready
    service.keeper.refresh()
    readiness = service.state.readiness()
    assert (readiness.ready, readiness.rung, readiness.model_version) == (True, Rung.TWO_TOWER, "two_tower_v1")
    assert (readiness.catalogue_size, readiness.catalogue_age_seconds) == (len(fake_database.startups), 0.0)


def test_unusable_embeddings_are_told_with_their_cure(
    service: RecommendationService, fake_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = replace(fake_database.open_startups(NOW), unusable=frozenset({"a", "b", "c"}))
    monkeypatch.setattr(fake_database, "open_startups", lambda *_: opened)
    service.keeper.refresh()
    readiness = service.state.readiness()
    assert readiness.ready
    assert "3 of startups" in readiness.problems[0]
    assert "generate_embeddings --force" in readiness.problems[0]


@pytest.mark.parametrize("name", ["refresh_interval", "reload_interval", "trend_window"])
def test_options_without_sense_are_refused(name: str) -> None:
    with pytest.raises(EngineError, match=f"{name} must be above 0"):
        ServingOptions(**{name: timedelta(0)})
