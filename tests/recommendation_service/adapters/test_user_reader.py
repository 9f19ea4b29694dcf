from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import uuid4

import numpy as np

from accounts.models import Preferences, Profile, User
from contracts.dataset import EMBEDDING_DIM
from interactions.models import InteractionEvent
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.engines.types import HistoryItem, Location, UserState
from recommendations.models import UserEmbedding
from recommendations.personalisation import personalisation_change
from startups.models import Startup

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
AddUser = Callable[..., User]
AddStartup = Callable[..., Startup]
Act = Callable[..., InteractionEvent]


def state_of(database: SqlPlatformDatabase, user: User) -> UserState:
    state = database.user_state(str(user.id), NOW)
    assert state is not None
    return state


def kinds(state: UserState) -> list[tuple[str, str]]:
    return [(item.startup_id, item.kind) for item in state.history]


def test_a_person_is_read_whole(database: SqlPlatformDatabase, add_user: AddUser) -> None:
    user = add_user("a", role="investor", external_id="/person/1")
    Profile.objects.create(user=user, country="USA", state="CA", city="Palo Alto", skills=["python", "sales"])
    Preferences.objects.create(
        user=user,
        categories=["fintech"],
        fields=["payments"],
        tags=["ai", "日本"],
        stages=["seed"],
        skills=["sales", "design"],
    )
    vector = np.arange(EMBEDDING_DIM, dtype=np.float32)
    UserEmbedding.objects.create(user=user, model_id="m", text_hash="h", vector=vector.tobytes())

    state = state_of(database, user)

    record = state.record
    assert (record.id, record.role, record.external_id) == (str(user.id), "investor", "/person/1")
    assert record.location == Location(country="USA", state="CA", city="Palo Alto")
    assert record.skills == ("python", "sales", "design")
    assert (record.categories, record.fields) == (("fintech",), ("payments",))
    assert (record.tags, record.stages) == (("ai", "日本"), ("seed",))
    assert record.embedding is not None
    np.testing.assert_array_equal(record.embedding, vector)
    assert record.encoder == "m"
    assert (state.history, state.as_of) == ((), NOW)


def test_what_a_bio_names_counts_as_chosen(database: SqlPlatformDatabase, add_user: AddUser) -> None:
    user = add_user("a")
    Profile.objects.create(user=user, bio="Travel first; train travel, and mobile messaging.")
    assert state_of(database, user).record.categories == ("travel",)
    Preferences.objects.create(user=user, categories=["media"], fields=["podcasting"], tags=["ai"])
    record = state_of(database, user).record
    assert record.categories == ("travel", "media")
    assert (record.fields, record.tags) == (("podcasting", "mobile-messaging"), ("ai", "train-travel"))


def test_another_bio_is_read_with_the_next_question(database: SqlPlatformDatabase, add_user: AddUser) -> None:
    user = add_user("a")
    Profile.objects.create(user=user, bio="Travel.")
    assert state_of(database, user).record.categories == ("travel",)
    Profile.objects.filter(user=user).update(bio="Nothing any more.")
    assert state_of(database, user).record.categories == ()


def test_a_person_without_profile_preferences_or_embedding_is_empty(
    database: SqlPlatformDatabase, add_user: AddUser
) -> None:
    record = state_of(database, add_user("a")).record
    assert (record.location, record.skills, record.categories, record.embedding) == (Location(), (), (), None)


def test_an_unusable_embedding_is_none(database: SqlPlatformDatabase, add_user: AddUser) -> None:
    user = add_user("a")
    UserEmbedding.objects.create(user=user, model_id="m", text_hash="h", vector=b"123")
    record = state_of(database, user).record
    assert (record.embedding, record.encoder) == (None, None)


def test_nobody_is_none(database: SqlPlatformDatabase) -> None:
    assert database.user_state(str(uuid4()), NOW) is None


def test_who_left_is_nobody(database: SqlPlatformDatabase, add_user: AddUser) -> None:
    assert database.user_state(str(add_user("a", is_active=False).id), NOW) is None


def test_history_is_what_the_acts_amount_to_oldest_first(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    user, other = add_user("a"), add_user("b")
    liked, disliked, viewed = add_startup("liked"), add_startup("disliked"), add_startup("viewed")
    act(user, viewed, "view", minutes=9)
    act(user, liked, "view", minutes=1)
    act(user, liked, "like", minutes=2)
    act(user, disliked, "favorite", minutes=3)
    act(user, disliked, "dislike", minutes=4)
    act(other, viewed, "apply", minutes=5)
    assert state_of(database, user).history == (
        HistoryItem(startup_id=str(liked.id), kind="like", label=0.8, time=NOW + timedelta(minutes=2)),
        HistoryItem(startup_id=str(disliked.id), kind="dislike", label=0.0, time=NOW + timedelta(minutes=4)),
        HistoryItem(startup_id=str(viewed.id), kind="view", label=0.4, time=NOW + timedelta(minutes=9)),
    )


def test_an_undone_act_does_not_count(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    user, gone, weaker = add_user("a"), add_startup("gone"), add_startup("weaker")
    act(user, gone, "like", minutes=2, undoes=act(user, gone, "like", minutes=1))
    act(user, weaker, "view", minutes=1)
    act(user, weaker, "favorite", minutes=3, undoes=act(user, weaker, "favorite", minutes=2))
    assert kinds(state_of(database, user)) == [(str(weaker.id), "view")]


def test_an_act_after_an_undone_one_counts_again(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    user, startup = add_user("a"), add_startup("s")
    act(user, startup, "like", minutes=2, undoes=act(user, startup, "like", minutes=1))
    act(user, startup, "like", minutes=3)
    assert kinds(state_of(database, user)) == [(str(startup.id), "like")]


def test_of_two_acts_at_one_moment_the_one_recorded_later_decides(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    user, startup = add_user("a"), add_startup("s")
    act(user, startup, "like")
    act(user, startup, "dislike")
    assert kinds(state_of(database, user)) == [(str(startup.id), "dislike")]


def test_several_people_are_read_as_each_alone(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    users, startups = [add_user(name) for name in "abc"], [add_startup(name) for name in "xyz"]
    left = add_user("left", is_active=False)
    Profile.objects.create(user=users[0], country="USA", skills=["python"])
    for minute, (user, startup) in enumerate(product(users[:2], startups)):
        act(user, startup, "like", minutes=10 - minute)
    act(users[0], startups[0], "like", minutes=20, undoes=act(users[0], startups[0], "like", minutes=19))
    asked = [str(user.id) for user in (*users, left)]
    found = database.user_states([*asked, str(uuid4())], NOW)
    alone = {str(user.id): asdict(state_of(database, user)) for user in users}
    assert {user_id: asdict(state) for user_id, state in found.items()} == alone
    assert database.user_states([], NOW) == {}
    assert list(database.user_ids()) == sorted(asked[:3])


def test_lists_are_personal_until_somebody_says_otherwise(database: SqlPlatformDatabase, add_user: AddUser) -> None:
    silent, off, on = add_user("a"), add_user("b"), add_user("c")
    personalisation_change(user=off, is_personalised=False)
    personalisation_change(user=on, is_personalised=True)
    expected = {str(silent.id): True, str(off.id): False, str(on.id): True}
    assert {str(user.id): state_of(database, user).is_personalised for user in (silent, off, on)} == expected
    read = database.user_states(list(expected), NOW)
    assert {user_id: state.is_personalised for user_id, state in read.items()} == expected
