"""Whatever changes about a person shows in the next read, though most reads ask only whether anything did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
import pytest
from sqlalchemy import Connection

from accounts.models import Preferences, Profile, User
from contracts.dataset import EMBEDDING_DIM
from interactions.models import InteractionEvent
from recommendation_service.adapters import current_people
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.adapters.reading import reading
from recommendation_service.adapters.user_reader import read_user_state
from recommendations.models import UserEmbedding
from startups.models import Startup

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
Act = Callable[..., InteractionEvent]


@pytest.fixture
def person(
    add_user: Callable[..., User], add_startup: Callable[..., Startup], act: Act, database: SqlPlatformDatabase
) -> User:
    """Somebody who was read: a profile, preferences, an embedding, two views."""
    user = add_user("a")
    Profile.objects.create(user=user, country="USA", skills=["python"])
    Preferences.objects.create(user=user, categories=["fintech"])
    UserEmbedding.objects.create(user=user, model_id="m", text_hash="h", vector=np.ones(EMBEDDING_DIM, "f4").tobytes())
    for minute, title in enumerate(("first", "second")):
        act(user, add_startup(title), "view", minutes=minute)
    database.user_state(str(user.id), NOW)
    return user


def renew_embedding(user: User, _: Act) -> None:
    UserEmbedding.objects.filter(user=user).update(vector=np.full(EMBEDDING_DIM, 2, "f4").tobytes())


def delete_a_startup_and_see_another(user: User, _: Act) -> None:
    """As many events as before."""
    Startup.objects.get(title="first").delete()
    third = Startup.objects.create(title="third", type="collaboration", opened_at=NOW)
    InteractionEvent.objects.create(user=user, startup=third, type="view", idempotency_key="third")


CHANGES: dict[str, Callable[[User, Act], object]] = {
    "an act": lambda user, act: act(user, Startup.objects.get(title="first"), "like", minutes=3),
    "an undo": lambda user, act: act(user, user.events.first().startup, "view", undoes=user.events.first()),
    "a startup deleted": lambda *_: Startup.objects.get(title="second").delete(),
    "one deleted, one seen": delete_a_startup_and_see_another,
    "the profile": lambda user, _: Profile.objects.filter(user=user).update(skills=["python", "sales"]),
    "the profile gone": lambda user, _: Profile.objects.filter(user=user).delete(),
    "a preference": lambda user, _: Preferences.objects.filter(user=user).update(tags=["ai"]),
    "the embedding": renew_embedding,
    "the role": lambda user, _: User.objects.filter(pk=user.pk).update(role="investor"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_shows_in_the_next_read(
    database: SqlPlatformDatabase, person: User, act: Act, change: Callable[[User, Act], object]
) -> None:
    user_id = str(person.id)
    before = database.user_state(user_id, NOW)
    change(person, act)
    assert before is not None
    with reading(database._requests) as connection:
        whole = read_user_state(connection, user_id, LATER)
    assert whole is not None
    with pytest.raises(AssertionError):
        np.testing.assert_equal(asdict(replace(before, as_of=LATER)), asdict(whole))
    one, many = database.user_state(user_id, LATER), database.user_states([user_id], LATER)[user_id]
    for found in (one, many):
        assert found is not None
        np.testing.assert_equal(asdict(found), asdict(whole))


def test_who_leaves_is_nobody_and_who_comes_back_is_there(database: SqlPlatformDatabase, person: User) -> None:
    user_id = str(person.id)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert (database.user_state(user_id, NOW), database.user_states([user_id], NOW)) == (None, {})
    User.objects.filter(pk=person.pk).update(is_active=True)
    assert database.user_state(user_id, NOW) is not None


def test_an_unchanged_person_is_not_read_whole_again_but_is_as_of_now(
    database: SqlPlatformDatabase, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("read whole")

    user_id = str(person.id)
    before = database.user_state(user_id, NOW)
    monkeypatch.setattr(current_people, "read_user_state", refuse)
    monkeypatch.setattr(current_people, "read_user_states", refuse)
    assert before is not None
    for found in (database.user_state(user_id, LATER), database.user_states([user_id], LATER)[user_id]):
        assert found is not None
        assert (found.record, found.history, found.as_of) == (before.record, before.history, LATER)


def test_an_act_between_the_signs_and_the_whole_shows_next_time(
    database: SqlPlatformDatabase, person: User, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(person, Startup.objects.get(title="first"), "like", minutes=3)
    user_id = str(person.id)

    def read_then_act(connection: Connection, user_id: str, now: datetime) -> object:
        state = read_user_state(connection, user_id, now)
        act(person, Startup.objects.get(title="second"), "like", minutes=4)
        return state

    with monkeypatch.context() as patched:
        patched.setattr(current_people, "read_user_state", read_then_act)
        database.user_state(user_id, NOW)
    found = database.user_state(user_id, NOW)
    assert found is not None
    assert [item.kind for item in found.history] == ["like", "like"]


def test_people_are_told_apart(database: SqlPlatformDatabase, person: User, add_user: Callable[..., User]) -> None:
    other = str(add_user("b").id)
    found = database.user_states([str(person.id), other, str(uuid4())], NOW)
    assert {user_id: len(state.history) for user_id, state in found.items()} == {str(person.id): 2, other: 0}
