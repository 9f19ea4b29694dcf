"""Pages of one list: what they promise, whatever happens between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.api import Recommendations, Rung, StartupFilters
from recommendation_service.engines.errors import EngineError
from recommendation_service.services import recommending
from recommendation_service.services.errors import DatabaseUnavailableError
from recommendation_service.services.kept_lists import KeptList, ListGoneError, ListNotKeptError, ListsInMemory
from recommendation_service.services.page_cursor import PageCursor
from recommendation_service.services.recommendation_service import RecommendationService

NOW = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture
def service(fake_database: Any, told_models: Any, told_recommender: Any) -> RecommendationService:
    return RecommendationService(fake_database, models=told_models(v1=told_recommender()), clock=lambda: NOW)


@pytest.fixture
def me(fake_database: Any) -> str:
    """Somebody warm, for whom two towers are due."""
    return next(one for one in fake_database.users if len(fake_database.user_state(one, NOW).history) == 10)


def ids(*pages: Recommendations) -> list[str]:
    return [str(item.startup_id) for page in pages for item in page.items]


def ranks(*pages: Recommendations) -> list[int]:
    return [item.rank for page in pages for item in page.items]


def following(service: RecommendationService, page: Recommendations, limit: int) -> Recommendations:
    assert page.next_cursor is not None
    cursor = PageCursor.decode(page.next_cursor)
    return service.recommend(page.user_id, limit, request_id=uuid4(), cursor=cursor)


def all_pages(service: RecommendationService, user_id: str, limit: int) -> list[Recommendations]:
    pages = [service.recommend(user_id, limit)]
    while pages[-1].next_cursor:
        pages.append(following(service, pages[-1], limit))
    return pages


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(limit=st.integers(1, 40))
def test_pages_put_together_are_the_list(service: RecommendationService, me: str, limit: int) -> None:
    whole, pages = service.recommend(me, 100), all_pages(service, me, limit)
    assert ids(*pages) == ids(whole)
    assert ranks(*pages) == list(range(1, len(whole.items) + 1))
    assert {page.request_id for page in pages} == {pages[0].request_id}
    assert [page.exhausted for page in pages] == [False] * (len(pages) - 1) + [True]
    assert (whole.exhausted, whole.next_cursor) == (True, None)


def test_what_was_acted_on_between_two_pages_is_left_out(
    service: RecommendationService, fake_database: Any, me: str
) -> None:
    whole = ids(service.recommend(me, 100))
    first = service.recommend(me, 5)
    for seen in (whole[0], whole[6]):
        fake_database.acts.append(replace(fake_database.acts[0], user_id=me, startup_id=seen))
    second = following(service, first, 5)
    assert ids(second) == [whole[5], *whole[7:11]]
    assert ranks(second) == [6, 7, 8, 9, 10]


def test_what_closed_between_two_pages_is_left_out_and_what_opened_changes_nothing(
    service: RecommendationService, fake_database: Any, me: str
) -> None:
    whole = ids(service.recommend(me, 100))
    first = service.recommend(me, 5)
    opened = replace(fake_database.startups[0], id=str(uuid4()), opened_at=NOW)
    fake_database.change([opened, *(one for one in fake_database.startups if one.id not in {whole[2], whole[5]})])
    service.keeper.refresh()
    second = following(service, first, 5)
    assert ids(second) == whole[6:11]
    assert opened.id in ids(service.recommend(me, 100))


def test_what_no_longer_fits_the_filters_is_left_out(
    service: RecommendationService, fake_database: Any, me: str
) -> None:
    first = service.recommend(me, 1, filters=StartupFilters(category="fintech"))
    whole = ids(service.recommend(me, 100, filters=StartupFilters(category="fintech")))
    moved = [replace(one, category="health") if one.id == whole[1] else one for one in fake_database.startups]
    fake_database.change(moved)
    service.keeper.refresh()
    assert ids(following(service, first, 1)) == [whole[2]]


def test_another_model_does_not_change_a_list_that_was_begun(
    fake_database: Any, told_models: Any, told_recommender: Any, me: str
) -> None:
    models = told_models(v1=told_recommender(), v2=told_recommender(lambda n: np.arange(n, dtype=np.float32)))
    service = RecommendationService(fake_database, models=models, clock=lambda: NOW)
    whole, first = ids(service.recommend(me, 100)), service.recommend(me, 4)
    models.active = "v2"
    service.keeper.refresh()
    second = following(service, first, 4)
    assert (second.model_version, ids(second)) == ("v1", whole[4:8])
    assert service.recommend(me, 4).model_version == "v2"


def test_everything_gone_ends_the_list(service: RecommendationService, fake_database: Any, me: str) -> None:
    first = service.recommend(me, 5)
    fake_database.change([])
    service.keeper.refresh()
    second = following(service, first, 5)
    assert (second.items, second.next_cursor, second.exhausted) == ([], None, True)


def test_a_list_is_its_persons_alone(service: RecommendationService, fake_database: Any, me: str) -> None:
    cursor = PageCursor.decode(str(service.recommend(me, 5).next_cursor))
    other = next(one for one in fake_database.users if one != me)
    with pytest.raises(ListGoneError, match="ask again without a cursor"):
        service.recommend(other, 5, cursor=cursor)


def test_a_list_that_is_not_kept_is_gone(service: RecommendationService, me: str) -> None:
    with pytest.raises(ListGoneError):
        service.recommend(me, 5, cursor=PageCursor(list_id=uuid4(), kept_as=uuid4(), offset=5, shown=5))


@pytest.mark.parametrize(("offset", "shown"), [(10_000, 3), (65_535, 65_535)])
def test_a_cursor_beyond_the_list_is_its_end(service: RecommendationService, me: str, offset: int, shown: int) -> None:
    begun = service.recommend(me, 5)
    kept_as = PageCursor.decode(str(begun.next_cursor)).kept_as
    cursor = PageCursor(list_id=begun.request_id, kept_as=kept_as, offset=offset, shown=shown)
    page = service.recommend(me, 5, cursor=cursor)
    assert (page.items, page.next_cursor, page.exhausted) == ([], None, True)


def test_a_list_that_is_kept_no_longer_is_kept_anew_for_who_asks_again(
    fake_database: Any, told_models: Any, me: str
) -> None:
    lists = ListsInMemory(most=1)
    service = RecommendationService(fake_database, models=told_models(), lists=lists, clock=lambda: NOW)
    other = next(one for one in fake_database.users if one != me)
    for _ in range(2):
        first = service.recommend(me, 5)
        assert ids(following(service, first, 5)) == ids(service.recommend(me, 10))[5:]
        service.recommend(other, 5)
        with pytest.raises(ListGoneError):
            following(service, first, 5)


class FullDisk(ListsInMemory):
    def keep(self, kept: KeptList) -> None:
        raise ListNotKeptError("no space left on device")


def test_a_list_that_cannot_be_kept_is_one_page_and_says_that_there_is_more(
    fake_database: Any, told_models: Any, me: str
) -> None:
    service = RecommendationService(fake_database, models=told_models(), lists=FullDisk(), clock=lambda: NOW)
    page = service.recommend(me, 5)
    assert (len(page.items), page.next_cursor, page.exhausted) == (5, None, False)
    assert service.fallbacks.counts["kept_lists", "ListNotKeptError"] == 1


def test_a_list_without_a_next_page_is_not_kept(fake_database: Any, told_models: Any, me: str) -> None:
    service = RecommendationService(fake_database, models=told_models(), lists=FullDisk(), clock=lambda: NOW)
    assert service.recommend(me, 100).exhausted
    assert not service.fallbacks.counts.get(("kept_lists", "ListNotKeptError"))


def test_a_list_ends_at_its_depth_and_says_that_there_is_more(
    service: RecommendationService, me: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recommending, "MOST_PLACES", 7)
    pages = all_pages(service, me, 5)
    assert [len(page.items) for page in pages] == [5, 2]
    assert not pages[-1].exhausted


def test_an_anonymous_list_has_pages_too(service: RecommendationService, fake_database: Any, me: str) -> None:
    service.keeper.refresh()
    fake_database.broken = DatabaseUnavailableError("gone")
    pages = all_pages(service, me, 10)
    assert {page.rung for page in pages} == {Rung.TRENDING}
    assert all(page.degraded for page in pages)
    assert len(set(ids(*pages))) == len(ids(*pages)) == len(fake_database.startups)


def test_a_list_that_was_degraded_stays_so(
    fake_database: Any, told_models: Any, told_recommender: Any, me: str
) -> None:
    def once(n: int) -> Any:
        if calls:
            raise EngineError("out of order")
        calls.append(n)
        return np.zeros(n, dtype=np.float32)

    calls: list[int] = []
    service = RecommendationService(fake_database, models=told_models(v1=told_recommender(once)), clock=lambda: NOW)
    pages = all_pages(service, me, 10)
    assert {page.degraded_reason for page in pages} == {"two_tower: the engine two_tower failed"}


def fits(startup: Any, filters: StartupFilters) -> bool:
    """The filters as one would say them, startup by startup."""
    terms = {
        "type": [startup.type],
        "category": [startup.category],
        "field": [startup.field],
        "phase": [startup.phase],
        "stage": startup.stages,
        "tag": startup.tags,
    }
    asked = {name: getattr(filters, name) for name in terms}
    return (
        all(
            term is None or term.strip().lower() in [one.lower() for one in terms[name]] for name, term in asked.items()
        )
        and filters.has_open_positions in (None, any(position.is_active for position in startup.positions))
        and (filters.created_after is None or startup.opened_at > filters.created_after)
    )


CATEGORIES: Sequence[str | None] = (None, "Fintech", " health ", "none such")
A_FILTER = st.builds(
    StartupFilters,
    category=st.sampled_from(CATEGORIES),
    field=st.sampled_from([None, "fintech-field", "HEALTH-field"]),
    type=st.sampled_from([None, "marketplace"]),
    phase=st.sampled_from([None, "Idea", "growth"]),
    stage=st.sampled_from([None, "SEED", "growth"]),
    tag=st.sampled_from([None, "fintech-tag"]),
    has_open_positions=st.sampled_from([None, True, False]),
    created_after=st.sampled_from([None, datetime(2025, 2, 1, tzinfo=UTC)]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(filters=A_FILTER)
def test_filters_hold_and_pages_are_not_short_for_their_sake(
    service: RecommendationService, fake_database: Any, me: str, filters: StartupFilters
) -> None:
    fitting = {one.id for one in fake_database.startups if fits(one, filters)}
    seen = {item.startup_id for item in fake_database.user_state(me, NOW).history}
    assert set(ids(service.recommend(me, 100, filters=filters))) == fitting - seen
    one = fake_database.startups[0].id
    assert {str(item.startup_id) for item in service.similar(one, 100, filters=filters).items} == fitting - {one}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(filters=A_FILTER)
def test_filters_hold_for_whom_nothing_is_known(
    service: RecommendationService, fake_database: Any, me: str, filters: StartupFilters
) -> None:
    service.keeper.refresh()
    fake_database.broken = DatabaseUnavailableError("gone")
    fitting = {one.id for one in fake_database.startups if fits(one, filters)}
    assert set(ids(service.recommend(me, 100, filters=filters))) == fitting


def test_what_is_excluded_is_in_no_page(service: RecommendationService, me: str) -> None:
    whole = ids(service.recommend(me, 100))
    pages = [service.recommend(me, 4, exclude=[UUID(whole[0]), UUID(whole[5]), uuid4()])]
    while pages[-1].next_cursor:
        pages.append(following(service, pages[-1], 4))
    assert ids(*pages) == [*whole[1:5], *whole[6:]]


def test_reasons_are_given_unless_they_are_not_wanted(service: RecommendationService, me: str) -> None:
    assert any(item.reasons for item in service.recommend(me, 50).items)
    assert not any(item.reasons for item in service.recommend(me, 50, explain=False).items)


def test_an_undated_open_startup_filter_needs_later_than(service: RecommendationService, fake_database: Any) -> None:
    newest = max(startup.opened_at for startup in fake_database.startups)
    someone = next(iter(fake_database.users))
    assert service.recommend(someone, filters=StartupFilters(created_after=newest)).items == []
    just_before = StartupFilters(created_after=newest - timedelta(microseconds=1))
    assert service.similar(fake_database.startups[0].id, filters=just_before).items
