from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from startups import services
from startups.models import Position, Startup
from startups.services import (
    position_create,
    position_update,
    startup_change_status,
    startup_create,
    startup_update,
)

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_startup_comes_with_its_positions(member):
    positions = [{"title": "Engineer", "requirements": "python"}, {"title": "Cook", "is_active": False}]
    startup = startup_create(
        owner=member, title="Solaris", type="collaboration", tags=["climate"], positions=positions, opened_at=NOON
    )
    stored = Startup.objects.get()
    assert stored == startup
    assert (stored.owner, stored.status, stored.opened_at, stored.tags) == (member, "active", NOON, ["climate"])
    assert list(stored.positions.values_list("title", "is_active")) == [("Engineer", True), ("Cook", False)]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"description": "x" * 20001}, "description"),
        ({"type": "shop"}, "type"),
        ({"phase": "later"}, "phase"),
        ({"tags": ["a", "a"]}, "tags"),
        ({"stages": [1]}, "stages"),
        ({"stages": list("abcdef")}, "stages"),
        ({"tags": list("abcdefghi")}, "tags"),
        ({"positions": [{"title": ""}]}, "title"),
    ],
)
def test_a_refused_value_is_named_and_nothing_is_written(member, values, named):
    with pytest.raises(ValidationError) as refused:
        startup_create(**{"owner": member, "title": "Solaris", "type": "marketplace", **values})
    assert named in refused.value.message_dict
    assert not Startup.objects.exists()
    assert not Position.objects.exists()


def test_changes_are_stored_and_the_rest_stays(startup):
    before = startup.updated_at
    startup_update(startup=startup, title="Renamed", tags=["climate"])
    startup.refresh_from_db()
    assert (startup.title, startup.tags, startup.category) == ("Renamed", ["climate"], "fintech")
    assert startup.updated_at > before


def test_a_refused_change_changes_nothing(startup):
    with pytest.raises(ValidationError):
        startup_update(startup=startup, type="shop")
    startup.refresh_from_db()
    assert startup.type == "collaboration"


def test_what_is_not_said_of_a_startup_cannot_be_changed(startup):
    with pytest.raises(ValidationError, match="owner_id, status cannot be changed; these can: category, city"):
        startup_update(startup=startup, status="sold", owner_id=None)


@pytest.mark.parametrize("status", ["hidden", "sold", "closed"])
def test_leaving_sets_when_and_coming_back_clears_it(make_startup, status):
    startup = make_startup(opened_at=NOON)
    left = datetime(2026, 2, 1, tzinfo=UTC)
    startup_change_status(startup=startup, status=status, at=left)
    startup.refresh_from_db()
    assert (startup.status, startup.closed_at) == (status, left)
    startup_change_status(startup=startup, status="active")
    startup.refresh_from_db()
    assert (startup.status, startup.closed_at) == ("active", None)


def test_the_same_status_again_keeps_the_first_time(make_startup):
    startup = make_startup(opened_at=NOON)
    closed_at = startup_change_status(startup=startup, status="sold").closed_at
    assert startup_change_status(startup=startup, status="sold").closed_at == closed_at


def test_an_unknown_status_is_refused(startup):
    with pytest.raises(ValidationError, match="asleep"):
        startup_change_status(startup=startup, status="asleep")


def test_positions_are_added_changed_and_closed_and_the_startup_has_changed_each_time(startup):
    times = [startup.updated_at]

    def note_time():
        startup.refresh_from_db()
        times.append(startup.updated_at)

    position = position_create(startup=startup, title="Cook", requirements="knives")
    note_time()
    position_update(position=position, title="Chef")
    note_time()
    position_update(position=position, is_active=False)
    note_time()
    stored = startup.positions.get(pk=position.pk)
    assert (stored.title, stored.requirements, stored.is_active) == ("Chef", "knives", False)
    assert times == sorted(set(times))


def test_the_same_position_again_is_the_same(startup):
    first = position_create(startup=startup, title="Cook", requirements="knives")
    assert position_create(startup=startup, title="Cook", requirements="knives") == first
    position_update(position=first, is_active=False)
    assert position_create(startup=startup, title="Cook", requirements="knives") != first


def test_an_id_given_is_taken_once(member):
    key = uuid4()
    assert startup_create(owner=member, title="A", type="marketplace", startup_id=key).pk == key
    with pytest.raises(ValidationError, match="already exists"):
        startup_create(owner=member, title="A", type="marketplace", startup_id=key)


def test_a_refused_position_changes_nothing(startup):
    position = startup.positions.get()
    with pytest.raises(ValidationError, match="title"):
        position_update(position=position, title="")
    with pytest.raises(ValidationError, match="requirements"):
        position_create(startup=startup, title="Cook", requirements="x" * 5001)
    assert list(startup.positions.values_list("title", flat=True)) == ["Backend engineer"]


def test_a_startup_offers_a_bounded_number_of_positions(startup, monkeypatch):
    monkeypatch.setattr(services, "MAX_POSITIONS", 2)
    second = position_create(startup=startup, title="Cook")
    with pytest.raises(ValidationError, match="at most 2 positions"):
        position_create(startup=startup, title="Waiter")
    position_update(position=second, is_active=False)
    position_create(startup=startup, title="Waiter")


def test_nobody_fills_the_catalogue(member, make_user, monkeypatch):
    monkeypatch.setattr(services, "MAX_NEW_PER_DAY", 2)
    for title in ("A", "B"):
        startup_create(owner=member, title=title, type="marketplace")
    with pytest.raises(ValidationError, match="At most 2 new startups a day"):
        startup_create(owner=member, title="C", type="marketplace")
    startup_create(owner=make_user(), title="C", type="marketplace")
    startup_create(owner=None, title="D", type="marketplace")
