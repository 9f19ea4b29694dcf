from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from contracts.api import MAX_EXCLUDED, StartupFilters
from recommendation_service.http_api.list_query import (
    FILTERS,
    PEOPLE_PARAMETERS,
    RECOMMENDATIONS_PARAMETERS,
    ListQuery,
    parse_list_query,
)
from recommendation_service.http_api.parsing import InvalidRequestError
from recommendation_service.services.page_cursor import PageCursor

A_CURSOR = PageCursor(
    list_id=UUID("0f9d1f66-3c6e-4c0a-9f3e-6b1f6d2a7c11"),
    kept_as=UUID("5b0e1f0a-52e4-4b0f-8f3e-1f6a2d7c9e30"),
    offset=20,
    shown=19,
)


def parsed(*pairs: tuple[str, str], known: tuple[str, ...] = RECOMMENDATIONS_PARAMETERS) -> ListQuery:
    return parse_list_query(MultiDict(pairs), known)


def test_nothing_asked_is_the_default() -> None:
    assert parsed() == ListQuery(limit=20)


def test_every_filter_of_the_contract_can_be_asked_for() -> None:
    assert set(FILTERS) == set(StartupFilters.model_fields)


def test_filters_are_read() -> None:
    query = parsed(
        ("category", "Fintech"),
        ("has_open_positions", "false"),
        ("created_after", "2026-01-31T12:00:00+02:00"),
        ("explain", "false"),
    )
    created_after = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))
    assert query.filters == StartupFilters(category="Fintech", has_open_positions=False, created_after=created_after)
    assert not query.explain


def test_what_is_excluded_is_repeated() -> None:
    ids = [uuid4() for _ in range(MAX_EXCLUDED)]
    assert parsed(*(("exclude", str(one)) for one in ids)).exclude == tuple(ids)
    with pytest.raises(InvalidRequestError, match=f"at most {MAX_EXCLUDED} may be excluded, got {MAX_EXCLUDED + 1}"):
        parsed(*(("exclude", str(one)) for one in [*ids, uuid4()]))


def test_a_role_is_for_people() -> None:
    assert parsed(("role", "investor"), known=PEOPLE_PARAMETERS).role == "investor"
    with pytest.raises(InvalidRequestError, match="unknown query parameter 'role'"):
        parsed(("role", "investor"))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("category", "", "category must be a term of 1 to 80 characters, got ''"),
        ("tag", " ", "tag must be a term"),
        ("tag", "x" * 81, "tag must be a term"),
        ("has_open_positions", "True", "has_open_positions must be true or false, got 'True'"),
        ("has_open_positions", "1", "must be true or false"),
        ("explain", "", "explain must be true or false"),
        ("created_after", "2026-01-31", "created_after must be a moment like"),
        ("created_after", "2026-01-31T12:00:00", "must be a moment like"),
        ("created_after", "2026-02-31T12:00:00Z", "must be a moment like"),
        ("created_after", "1767225600", "must be a moment like"),
        ("exclude", "x", "the excluded id must be a UUID"),
        ("cursor", "x", "cursor must be the next_cursor of an earlier answer"),
        ("cursor", "\u00e4" * PageCursor.LENGTH, "ASCII"),
        ("cursor", "*" * PageCursor.LENGTH, "cursor must be"),
    ],
)
def test_values_that_are_not_valid_are_refused_with_what_is(name: str, text: str, told: str) -> None:
    with pytest.raises(InvalidRequestError, match=told):
        parsed((name, text))


def test_parameters_are_given_once() -> None:
    with pytest.raises(InvalidRequestError, match="tag must be given once, got it 2 times"):
        parsed(("tag", "a"), ("tag", "b"))


@pytest.mark.parametrize("name", [*FILTERS, "exclude"])
def test_a_cursor_goes_with_no_other_choice_of_startups(name: str) -> None:
    assert parsed(("cursor", A_CURSOR.encode()), ("limit", "3"), ("explain", "true")).cursor == A_CURSOR
    with pytest.raises(InvalidRequestError, match=f"{name} cannot be changed from page to page"):
        parsed(("cursor", A_CURSOR.encode()), (name, "x"))


@given(st.uuids(), st.uuids(), st.integers(1, 65535), st.data())
def test_cursors_are_read_as_they_were_written(list_id: UUID, kept_as: UUID, offset: int, data: st.DataObject) -> None:
    cursor = PageCursor(list_id=list_id, kept_as=kept_as, offset=offset, shown=data.draw(st.integers(1, offset)))
    assert PageCursor.decode(cursor.encode()) == cursor


@given(st.lists(st.tuples(st.sampled_from([*RECOMMENDATIONS_PARAMETERS, "x"]), st.text()), max_size=4))
def test_any_query_is_read_or_refused_in_short_ascii(pairs: list[tuple[str, str]]) -> None:
    told = ""
    try:
        parsed(*pairs)
    except InvalidRequestError as error:
        told = str(error)
    assert told.isascii()
    assert len(told) < 900


@given(st.datetimes(timezones=st.just(UTC)))
def test_any_moment_is_read(moment: datetime) -> None:
    assert parsed(("created_after", moment.isoformat())).filters.created_after == moment
