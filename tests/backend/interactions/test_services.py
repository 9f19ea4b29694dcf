from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import User
from interactions.errors import (
    IdempotencyConflictError,
    InteractionNotFoundError,
    InvalidInteractionError,
    OwnStartupError,
    StartupUnavailableError,
)
from interactions.models import InteractionEvent
from interactions.selectors import interaction_list_live
from interactions.services import interaction_record, interaction_undo, interaction_withdraw
from startups.models import Startup

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
THREADS = 8


def record(user: User, startup: Startup, type: str = "like", idempotency_key: str = "k1", **rest: object):
    return interaction_record(user=user, startup=startup, type=type, idempotency_key=idempotency_key, **rest)


def test_records_an_act_with_what_led_to_it(member, startup):
    request_id = uuid4()
    event = record(member, startup, occurred_at=NOON, recommendation_request_id=request_id, recommendation_position=3)
    stored = InteractionEvent.objects.get()
    assert stored == event
    assert (stored.type, stored.occurred_at, stored.undoes) == ("like", NOON, None)
    assert (stored.recommendation_request_id, stored.recommendation_position) == (request_id, 3)


def test_the_same_key_again_is_the_same_event(member, startup):
    assert record(member, startup) == record(member, startup)
    assert InteractionEvent.objects.count() == 1


def test_a_repeat_is_answered_even_after_the_startup_was_hidden(member, startup):
    event = record(member, startup)
    startup.status = "hidden"
    startup.save()
    assert record(member, startup) == event


def test_keys_are_each_persons_own(make_user, startup):
    assert record(make_user(), startup) != record(make_user(), startup)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"type": "favorite"}, "type like"),
        ({"recommendation_request_id": uuid4()}, "recommendation_request_id None"),
        ({"occurred_at": NOON}, "occurred_at"),
    ],
)
def test_the_same_key_for_another_act_is_a_conflict(member, startup, change, named):
    record(member, startup)
    with pytest.raises(IdempotencyConflictError, match=f"'k1' already stands for another act.*{named}"):
        record(member, startup, **change)


def test_the_same_key_for_another_startup_is_a_conflict(member, startup, make_startup):
    record(member, startup)
    with pytest.raises(IdempotencyConflictError, match=f"startup_id {startup.pk}"):
        record(member, make_startup())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"type": "adore"}, "'adore'; known: apply, interest, favorite, like, click, view, dislike"),
        ({"idempotency_key": ""}, "1 to 200 characters, got 0"),
        ({"idempotency_key": "x" * 201}, "1 to 200 characters, got 201"),
        ({"idempotency_key": "undo:1"}, "'undo:' are reserved, got 'undo:1'"),
        ({"recommendation_request_id": uuid4(), "recommendation_position": 0}, "1 to 32767, got 0"),
        ({"recommendation_request_id": uuid4(), "recommendation_position": 32768}, "1 to 32767, got 32768"),
        ({"recommendation_position": 1}, "needs the recommendation_request_id"),
    ],
)
def test_values_out_of_range_are_refused(member, startup, values, message):
    with pytest.raises(InvalidInteractionError, match=message):
        record(member, startup, **values)
    assert not InteractionEvent.objects.exists()


def test_acts_on_ones_own_startup_are_refused(member, make_startup):
    with pytest.raises(OwnStartupError):
        record(member, make_startup(owner=member))


@pytest.mark.parametrize("status", ["hidden", "sold", "closed"])
def test_acts_on_an_invisible_startup_are_refused(member, make_startup, status):
    startup = make_startup(status=status)
    with pytest.raises(StartupUnavailableError) as refused:
        record(member, startup)
    assert str(refused.value) == f"there is no active startup {startup.pk}", "its status is nobody's business"


def test_undoing_appends_a_row_and_keeps_the_act(member, startup):
    act = record(member, startup)
    undoing = interaction_undo(user=member, event_id=act.pk)
    assert undoing.undoes == act
    assert (undoing.user, undoing.startup, undoing.type) == (member, startup, "like")
    assert InteractionEvent.objects.count() == 2
    assert not interaction_list_live(user=member).exists()


def test_undoing_twice_is_one_undoing(member, startup):
    act = record(member, startup)
    assert interaction_undo(user=member, event_id=act.pk) == interaction_undo(user=member, event_id=act.pk)
    assert InteractionEvent.objects.count() == 2


def test_an_undoing_cannot_be_undone(member, startup):
    undoing = interaction_undo(user=member, event_id=record(member, startup).pk)
    with pytest.raises(InteractionNotFoundError):
        interaction_undo(user=member, event_id=undoing.pk)


def test_another_persons_act_cannot_be_undone(member, make_user, startup):
    act = record(make_user(), startup)
    with pytest.raises(InteractionNotFoundError, match=f"no act {act.pk}"):
        interaction_undo(user=member, event_id=act.pk)
    assert InteractionEvent.objects.count() == 1


def test_withdrawing_undoes_every_live_act_of_the_type(member, startup, make_startup):
    first = record(member, startup, idempotency_key="tab one")
    record(member, startup, idempotency_key="tab two")
    kept = record(member, startup, type="favorite", idempotency_key="k3")
    elsewhere = record(member, make_startup(), idempotency_key="k4")
    interaction_undo(user=member, event_id=first.pk)
    assert interaction_withdraw(user=member, startup=startup, type="like") == 1
    assert interaction_withdraw(user=member, startup=startup, type="like") == 0
    assert set(interaction_list_live(user=member)) == {kept, elsewhere}


def in_threads(work: Callable[[], object]) -> list[object]:
    """What `work` answers in several threads that start at the same moment."""
    barrier = Barrier(THREADS)

    def run(_: int) -> object:
        barrier.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


@pytest.mark.django_db(transaction=True)
def test_racing_repeats_record_one_event(member, startup):
    events = in_threads(lambda: record(member, startup).pk)
    assert len(set(events)) == 1
    assert InteractionEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_racing_undos_append_one_row(member, startup):
    act = record(member, startup)
    undoings = in_threads(lambda: interaction_undo(user=member, event_id=act.pk).pk)
    assert len(set(undoings)) == 1
    assert InteractionEvent.objects.count() == 2
