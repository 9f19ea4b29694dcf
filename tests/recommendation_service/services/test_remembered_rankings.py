"""A ranking of moments ago stands in only where nothing changed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest

from contracts.api import StartupFilters
from recommendation_service.services.page_cursor import PageCursor
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.services.remembered_rankings import GOOD_FOR

NOW = datetime(2025, 6, 1, tzinfo=UTC)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def asked() -> list[int]:
    """Grows with every ranking of the engine."""
    return []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(
    fake_database: Any, told_models: Any, told_recommender: Any, asked: list[int], clock: Clock
) -> RecommendationService:
    def scores(n: int) -> Any:
        asked.append(n)
        return -np.arange(n, dtype=np.float32)

    return RecommendationService(fake_database, models=told_models(v1=told_recommender(scores)), clock=clock)


@pytest.fixture
def me(fake_database: Any, service: RecommendationService, asked: list[int]) -> str:
    """Somebody warm, who has just been answered."""
    someone = next(one for one in fake_database.users if len(fake_database.user_state(one, NOW).history) == 10)
    service.recommend(someone, 5)
    asked.clear()
    return str(someone)


def items(answer: Any) -> list[Any]:
    return [item.model_dump() for item in answer.items]


def test_the_same_question_is_ranked_once(service: RecommendationService, me: str, asked: list[int]) -> None:
    first, second = service.recommend(me, 5), service.recommend(me, 9)
    assert asked == []
    assert items(second)[:5] == items(first)
    assert first.request_id != second.request_id


@pytest.mark.parametrize("limit", [1, 5, 100])
@pytest.mark.parametrize("explain", [True, False])
def test_json_of_whom_nothing_changed_is_what_is_answered_otherwise(
    service: RecommendationService, me: str, limit: int, explain: bool
) -> None:
    who, request_id = UUID(me), uuid4()
    plain = service.recommend(who, limit, request_id=request_id, explain=explain).model_dump_json()
    written = [
        service.recommend_json(who, limit, request_id=request_id, explain=explain),
        service.recommend_json(who, limit, request_id=request_id, explain=explain),
    ]
    assert written == [plain.encode()] * 2


def test_pages_of_a_remembered_ranking_carry_the_id_of_their_own_list(
    service: RecommendationService, me: str, clock: Clock
) -> None:
    for _ in range(3):
        clock.now += timedelta(seconds=1)
        first = json.loads(service.recommend_json(UUID(me), 5))
        following = service.recommend(me, 5, cursor=PageCursor.decode(first["next_cursor"]))
        assert str(following.request_id) == first["request_id"]
        assert [item.rank for item in following.items] == [6, 7, 8, 9, 10]


def test_json_of_another_page_is_not_mistaken_for_this(service: RecommendationService, me: str) -> None:
    def length(limit: int, *, explain: bool = True) -> tuple[int, bool]:
        items = json.loads(service.recommend_json(UUID(me), limit, explain=explain))["items"]
        return len(items), any(item["reasons"] for item in items)

    explained = length(5)[1]
    assert [length(3), length(5), length(5, explain=False), length(5)] == [
        (3, explained),
        (5, explained),
        (5, False),
        (5, explained),
    ]


def test_an_act_shows_in_the_next_answer(
    service: RecommendationService, me: str, asked: list[int], fake_database: Any
) -> None:
    first = str(service.recommend(me, 1).items[0].startup_id)
    fake_database.acts.append(replace(fake_database.acts[0], user_id=me, startup_id=first))
    assert str(service.recommend(me, 1).items[0].startup_id) != first
    assert asked


@pytest.mark.parametrize(
    "changed",
    [{"skills": ("go",)}, {"tags": ()}, {"role": "student"}, {"embedding": None}, {"embedding": np.ones(384)}],
    ids=["skills", "tags", "role", "no text", "text"],
)
def test_an_edited_profile_is_ranked_anew(
    service: RecommendationService, me: str, asked: list[int], fake_database: Any, changed: dict[str, Any]
) -> None:
    fake_database.users[me] = replace(fake_database.users[me], **changed)
    service.recommend(me, 5)
    assert asked


def test_a_changed_catalogue_is_ranked_anew(
    service: RecommendationService, me: str, asked: list[int], fake_database: Any
) -> None:
    gone = service.recommend(me, 1).items[0].startup_id
    fake_database.change([one for one in fake_database.startups if one.id != str(gone)])
    service.keeper.refresh()
    asked.clear()
    assert gone not in [item.startup_id for item in service.recommend(me, 100).items]
    assert asked


def test_other_filters_and_exclusions_are_other_questions(
    service: RecommendationService, me: str, asked: list[int]
) -> None:
    narrowed = service.recommend(me, 5, filters=StartupFilters(category="fintech"))
    assert len(asked) == 1
    service.recommend(me, 5, filters=StartupFilters(category="fintech"))
    assert len(asked) == 1
    service.recommend(me, 5, exclude=[narrowed.items[0].startup_id])
    assert len(asked) == 2


def test_time_alone_makes_a_ranking_old(
    service: RecommendationService, me: str, asked: list[int], clock: Clock
) -> None:
    clock.now = NOW + GOOD_FOR
    service.recommend(me, 5)
    assert asked == []
    clock.now += timedelta(microseconds=1)
    service.recommend(me, 5)
    assert asked


def test_what_came_about_by_a_failure_is_not_remembered(
    fake_database: Any, told_models: Any, told_recommender: Any
) -> None:
    def failing_second(n: int) -> Any:
        calls.append(n)
        if len(calls) == 2:
            raise ValueError("out of order")
        return -np.arange(n, dtype=np.float32)

    calls: list[int] = []
    models = told_models(v1=told_recommender(failing_second))
    service = RecommendationService(fake_database, models=models, clock=lambda: NOW)
    someone = next(one for one in fake_database.users if len(fake_database.user_state(one, NOW).history) == 10)
    service.keeper.refresh()
    calls[:] = [0]
    assert service.recommend(someone).degraded
    assert not service.recommend(someone).degraded


def test_nothing_is_kept_of_a_snapshot_that_is_gone(
    service: RecommendationService, me: str, fake_database: Any
) -> None:
    import gc
    import weakref

    old = weakref.ref(service.keeper.current())
    fake_database.change(fake_database.startups[1:])
    service.keeper.refresh()
    gc.collect()
    assert old() is None
