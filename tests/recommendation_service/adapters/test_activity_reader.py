from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from accounts.models import User
from interactions.models import InteractionEvent
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendations.personalisation import personalisation_change
from startups.models import Startup

AddUser = Callable[..., User]
AddStartup = Callable[..., Startup]
Act = Callable[..., InteractionEvent]
DAY = 24 * 60


def recent(database: SqlPlatformDatabase, days: int, most: int = 100) -> set[tuple[str, str, str]]:
    pairs = database.recent_pairs(timedelta(days=days), most)
    return {(pair.user_id, pair.startup_id, pair.outcome.type.value) for pair in pairs}


def test_nothing_done_is_nothing(database: SqlPlatformDatabase) -> None:
    assert recent(database, 90) == set()


def test_the_window_ends_with_the_latest_act(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    user, old, new = add_user("a"), add_startup("old"), add_startup("new")
    act(user, old, "like", minutes=-1000 * DAY - 1)
    act(user, new, "like", minutes=-990 * DAY)
    assert recent(database, 10) == {(str(user.id), str(new.id), "like")}
    assert len(recent(database, 11)) == 2


def test_pairs_are_resolved_and_undone_ones_left_out(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    user, startup, gone = add_user("a"), add_startup("s"), add_startup("gone")
    act(user, startup, "view", minutes=1)
    act(user, startup, "apply", minutes=2)
    act(user, gone, "like", minutes=4, undoes=act(user, gone, "like", minutes=3))
    assert recent(database, 10) == {(str(user.id), str(startup.id), "apply")}


def test_at_most_so_many_acts_are_read_the_latest_first(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    user = add_user("a")
    startups = [add_startup(str(number)) for number in range(4)]
    for minutes, startup in enumerate(startups):
        act(user, startup, "view", minutes=minutes)
    assert {pair[1] for pair in recent(database, 10, most=2)} == {str(startup.id) for startup in startups[2:]}


def test_acts_of_people_who_want_no_lists_of_their_own_do_not_count(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    user, off, startup = add_user("a"), add_user("b"), add_startup("s")
    act(user, startup, "like")
    act(off, startup, "like", minutes=1)
    personalisation_change(user=off, is_personalised=False)
    assert recent(database, 10) == {(str(user.id), str(startup.id), "like")}


def test_the_version_is_another_one_after_each_change_and_the_same_without(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    user, other, startup, gone = add_user("a"), add_user("b"), add_startup("s"), add_startup("gone")
    changes: list[Callable[[], object]] = [
        lambda: act(user, startup, "view", minutes=1),
        lambda: act(user, gone, "like", minutes=2),
        lambda: act(user, gone, "like", minutes=3, undoes=user.events.get(type="like")),
        lambda: gone.delete(),
        lambda: personalisation_change(user=user, is_personalised=False),
        lambda: personalisation_change(user=other, is_personalised=False),
        lambda: personalisation_change(user=user, is_personalised=True),
    ]
    for change in changes:
        before = database.acts_version()
        assert database.acts_version() == before
        change()
        assert database.acts_version() != before
