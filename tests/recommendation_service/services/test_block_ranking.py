from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from threading import Event
from typing import Any
from uuid import UUID

import pytest

from contracts.api import BatchLine, BatchRequest
from recommendation_service.services import block_ranking
from recommendation_service.services.ports import NoModels
from recommendation_service.services.recommendation_service import RecommendationService

NOW = datetime(2025, 6, 1, tzinfo=UTC)
PEOPLE = 12


@pytest.fixture
def asked(fake_database: Any) -> list[UUID]:
    return [UUID(user) for user in list(fake_database.users)[:PEOPLE]]


@pytest.fixture
def service(fake_database: Any, monkeypatch: pytest.MonkeyPatch) -> RecommendationService:
    """Blocks of five."""
    monkeypatch.setattr(block_ranking, "MOST_PEOPLE_AT_ONCE", 5)
    return RecommendationService(fake_database, NoModels(), clock=lambda: NOW)


def lists_of(lines: Iterator[BatchLine]) -> list[tuple[UUID, list[UUID]]]:
    found = [(line.user_id, line.recommendations) for line in lines]
    return [(user, [item.startup_id for item in answer.items]) for user, answer in found if answer is not None]


def test_blocks_come_in_the_order_asked_for(service: RecommendationService, asked: list[UUID]) -> None:
    alone = [(user, [item.startup_id for item in service.recommend(user, 7).items]) for user in asked]
    assert lists_of(service.recommend_many(BatchRequest(user_ids=asked, limit=7))) == alone


def test_the_next_block_is_read_while_one_is_answered(
    service: RecommendationService, fake_database: Any, asked: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = [Event() for _ in range(3)]
    read = fake_database.user_states

    def noted(user_ids: Sequence[str], now: datetime) -> Any:
        begun[asked.index(UUID(user_ids[0])) // 5].set()
        return read(user_ids, now)

    monkeypatch.setattr(fake_database, "user_states", noted)
    lines = service.recommend_many(BatchRequest(user_ids=asked[:-1], limit=3))
    next(lines)
    assert begun[1].wait(10)
    assert not begun[2].is_set()
    assert len(list(lines)) == PEOPLE - 2


def test_whoever_takes_no_more_lines_leaves_nothing_behind(service: RecommendationService, asked: list[UUID]) -> None:
    lines = service.recommend_many(BatchRequest(user_ids=asked, limit=3))
    next(lines)
    lines.close()  # type: ignore[attr-defined] # a generator
    assert len(lists_of(service.recommend_many(BatchRequest(user_ids=asked, limit=3)))) == PEOPLE


def test_a_mistake_of_ours_while_reading_ahead_is_told(
    service: RecommendationService, fake_database: Any, asked: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = fake_database.user_states

    def fails_later(user_ids: Sequence[str], now: datetime) -> Any:
        if UUID(user_ids[0]) != asked[0]:
            raise AssertionError("no failure of the database")
        return read(user_ids, now)

    monkeypatch.setattr(fake_database, "user_states", fails_later)
    lines = service.recommend_many(BatchRequest(user_ids=asked, limit=3))
    with pytest.raises(AssertionError, match="no failure of the database"):
        list(lines)
