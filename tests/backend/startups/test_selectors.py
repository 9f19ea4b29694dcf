from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from startups.selectors import (
    startup_first_by_ids,
    startup_get_own,
    startup_get_visible,
    startup_list,
    startup_list_by_ids,
    startup_list_of_owner,
    startup_newest_ids,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_by_ids_keeps_the_given_order_and_drops_what_is_not_visible(make_startup):
    first, second, hidden = make_startup(), make_startup(), make_startup(status="hidden")
    assert startup_list_by_ids(ids=[second.pk, hidden.pk, uuid4(), first.pk]) == [second, first]
    assert startup_list_by_ids(ids=[]) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 9])
def test_the_first_by_ids_are_the_beginning_of_all_by_ids(make_startup, limit):
    startups = [make_startup(status=status) for status in ("active", "hidden", "sold", "active", "active", "closed")]
    ids = [startup.pk for startup in startups]
    assert startup_first_by_ids(ids=ids, limit=limit) == startup_list_by_ids(ids=ids)[:limit]


def test_the_first_by_ids_reads_only_what_it_needs(make_startup, django_assert_num_queries):
    ids = [make_startup().pk for _ in range(4)]
    with django_assert_num_queries(2):
        startup_first_by_ids(ids=ids, limit=2)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has statistics, which depend on the rows")
def test_startups_are_found_by_their_ids_and_not_among_all_that_are_visible(startup):
    with CaptureQueriesContext(connection) as asked:
        startup_list_by_ids(ids=[startup.pk, uuid4()])
    with connection.cursor() as cursor:
        plan = str(cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}").fetchall())
    assert "startup_newest" not in plan, plan
    assert "(id=?)" in plan, plan


def test_newest_are_the_latest_opened_without_the_left_out(make_startup):
    old, new, newest = (make_startup(opened_at=NOON + timedelta(days=n)) for n in range(3))
    make_startup(status="closed", opened_at=NOON)
    assert startup_newest_ids(limit=2) == [newest.pk, new.pk]
    assert startup_newest_ids(limit=2, without={newest.pk}) == [new.pk, old.pk]
    assert startup_newest_ids(limit=0) == []


def test_only_open_positions_come_along(startup, django_assert_num_queries):
    startup.positions.create(title="Closed", is_active=False)
    with django_assert_num_queries(2):
        found = startup_list().get()
        assert [position.title for position in found.positions.all()] == ["Backend engineer"]


def test_an_invisible_startup_is_not_found(make_startup):
    assert startup_get_visible(startup_id=make_startup(status="sold").pk) is None
    assert startup_get_visible(startup_id=uuid4()) is None


def test_an_owner_finds_their_own_whatever_its_status(make_user, make_startup):
    owner, other = make_user(), make_user()
    open_one, hidden = make_startup(owner=owner, opened_at=NOON), make_startup(owner=owner, status="hidden")
    make_startup(owner=other)
    assert list(startup_list_of_owner(owner=owner)) == [hidden, open_one]
    assert startup_get_own(owner=owner, startup_id=hidden.pk) == hidden
    assert startup_get_own(owner=other, startup_id=hidden.pk) is None
