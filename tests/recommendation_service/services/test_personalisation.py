"""Members who want no lists of their own: nothing is made of what they did, whoever asks, and by whatever way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from contracts.api import BatchRequest, Pair, Recommendations, Rung, Segment
from recommendation_service.engines.types import UserState
from recommendation_service.services.kept_lists import ListGoneError
from recommendation_service.services.page_cursor import PageCursor
from recommendation_service.services.recommendation_service import RecommendationService

NOW = datetime(2025, 6, 1, tzinfo=UTC)
EVERYBODYS = {Rung.TRENDING, Rung.NEWEST}


@pytest.fixture
def service(fake_database: Any, told_models: Any, told_recommender: Any) -> RecommendationService:
    return RecommendationService(fake_database, models=told_models(v1=told_recommender()), clock=lambda: NOW)


@pytest.fixture
def me(fake_database: Any) -> str:
    """Somebody warm, for whom two towers are due."""
    return next(one for one in fake_database.users if len(fake_database.user_state(one, NOW).history) == 10)


@pytest.fixture
def switch_off(fake_database: Any, me: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on the database says that I want no lists of my own."""
    read_one, read_many = fake_database.user_state, fake_database.user_states

    def decided(state: UserState | None) -> UserState | None:
        return replace(state, is_personalised=state.record.id != me) if state else None

    def off() -> None:
        monkeypatch.setattr(fake_database, "user_state", lambda *asked: decided(read_one(*asked)))
        monkeypatch.setattr(
            fake_database, "user_states", lambda *asked: {one: decided(s) for one, s in read_many(*asked).items()}
        )

    return off


def ids(answer: Recommendations) -> list[UUID]:
    return [item.startup_id for item in answer.items]


def test_the_list_is_everybodys_and_says_so(
    service: RecommendationService, switch_off: Callable[[], None], me: str
) -> None:
    assert service.recommend(me, 20).rung is Rung.TWO_TOWER
    switch_off()
    answer = service.recommend(me, 20)
    assert answer.rung in EVERYBODYS
    assert (answer.segment, answer.model_version) == (Segment.COLD, None)
    assert answer.engine != "two_tower"
    assert (answer.degraded, answer.degraded_reason) == (False, None)


def test_what_they_decided_stays_out_of_it(
    service: RecommendationService, fake_database: Any, switch_off: Callable[[], None], me: str
) -> None:
    switch_off()
    done = {item.startup_id for item in fake_database.user_state(me, NOW).history}
    assert done.isdisjoint(map(str, ids(service.recommend(me, 100))))


def test_reasons_say_nothing_of_them(service: RecommendationService, switch_off: Callable[[], None], me: str) -> None:
    switch_off()
    kinds = {reason.kind for item in service.recommend(me, 100).items for reason in item.reasons}
    assert kinds <= {"trending", "new"}


def test_batches_and_pairs_are_no_way_around(
    service: RecommendationService, fake_database: Any, switch_off: Callable[[], None], me: str
) -> None:
    other = next(
        one for one in fake_database.users if one != me and len(fake_database.user_state(one, NOW).history) == 10
    )
    switch_off()
    mine, theirs = (line.recommendations for line in service.recommend_many(BatchRequest(user_ids=[me, other])))
    assert mine is not None
    assert theirs is not None
    assert (mine.rung, theirs.rung) == (service.recommend(me).rung, Rung.TWO_TOWER)
    assert (mine.segment, mine.degraded) == (Segment.COLD, False)
    pair = Pair(user_id=UUID(me), startup_id=ids(mine)[0])
    assert service.score_pairs([pair]).scores[0].engine == mine.engine


def test_an_inspection_asks_no_engine_about_them(
    service: RecommendationService, switch_off: Callable[[], None], me: str
) -> None:
    switch_off()
    found = service.inspect(me)
    assert {rung.rung for rung in found.rungs} == set(found.route) == EVERYBODYS


def test_a_personal_list_that_was_begun_ends(
    service: RecommendationService, switch_off: Callable[[], None], me: str
) -> None:
    cursor = service.recommend(me, 5).next_cursor
    assert cursor is not None
    switch_off()
    with pytest.raises(ListGoneError):
        service.recommend(me, 5, cursor=PageCursor.decode(cursor))
    everybodys = service.recommend(me, 5)
    assert everybodys.next_cursor is not None
    following = service.recommend(me, 5, cursor=PageCursor.decode(everybodys.next_cursor))
    assert following.rung is everybodys.rung
