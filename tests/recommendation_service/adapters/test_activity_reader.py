from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from operator import itemgetter

import pytest

from accounts.models import User
from contracts.interactions import Act as Done
from contracts.interactions import InteractionType, resolve_pair
from interactions.models import InteractionEvent
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendations.personalisation import personalisation_change
from startups.models import Startup
from tests.recommendation_service.conftest import DonePair, activity_of

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
AddUser = Callable[..., User]
AddStartup = Callable[..., Startup]
Act = Callable[..., InteractionEvent]
DAY = 24 * 60


HALF_LIFE = timedelta(days=14)


def recent(database: SqlPlatformDatabase, days: int) -> dict[str, tuple[int, float]]:
    """How many are interested and what all acts are worth, by startup id."""
    activity = database.recent_activity(timedelta(days=days), HALF_LIFE)
    return {one.startup_id: (one.interested, round(one.worth, 6)) for one in activity}


def test_nothing_done_is_nothing(database: SqlPlatformDatabase) -> None:
    assert recent(database, 90) == {}


def test_the_window_ends_with_the_latest_act(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    user, old, new = add_user("a"), add_startup("old"), add_startup("new")
    act(user, old, "like", minutes=-1000 * DAY - 1)
    act(user, new, "like", minutes=-990 * DAY)
    assert recent(database, 10) == {str(new.id): (1, 0.8)}
    assert len(recent(database, 11)) == 2


def test_pairs_are_resolved_and_undone_ones_left_out(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    user, startup, gone = add_user("a"), add_startup("s"), add_startup("gone")
    act(user, startup, "view", minutes=1)
    act(user, startup, "apply", minutes=2)
    act(user, gone, "like", minutes=4, undoes=act(user, gone, "like", minutes=3))
    assert recent(database, 10) == {str(startup.id): (1, 1.0)}


def test_every_act_of_the_window_counts_however_many_there_are(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup
) -> None:
    """More than a page of rows, with acts that are the oldest of all, whose sums are known."""
    people = User.objects.bulk_create(User(email=f"{number}@example.org") for number in range(4000))
    startups = [add_startup(str(number)) for number in range(2)]
    InteractionEvent.objects.bulk_create(
        InteractionEvent(
            user=user, startup=startup, type="view", occurred_at=NOW, idempotency_key=f"{user.pk} {startup.pk}"
        )
        for startup in startups
        for user in people
    )
    assert recent(database, 10) == {str(startup.id): (0, 1600.0) for startup in startups}


def test_worth_fades_by_half_in_each_half_life(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    startup = add_startup("s")
    for number, half_lives in enumerate((2, 0, 1)):
        act(add_user(str(number)), startup, "apply", minutes=-half_lives * 14 * DAY)
    assert recent(database, 90) == {str(startup.id): (3, 1 + 0.5 + 0.25)}
    (activity,) = database.recent_activity(timedelta(days=90), HALF_LIFE)
    assert activity.latest == NOW


KINDS = ("view", "click", "like", "favorite", "apply", "interest", "dislike")


@pytest.mark.parametrize("seed", range(6))
def test_it_is_what_the_contract_decides_of_each_pair(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act, seed: int
) -> None:
    """Held against `resolve_pair` over random acts, many of them at one moment, some of them taken back."""
    rng = random.Random(seed)
    people, startups = [add_user(str(number)) for number in range(4)], [add_startup(str(number)) for number in range(3)]
    done: dict[tuple[int, int], list[tuple[datetime, int, Done]]] = defaultdict(list)
    for number in range(60):
        user, startup, minute = rng.randrange(4), rng.randrange(3), rng.randrange(5) * 600
        made = act(people[user], startups[startup], rng.choice(KINDS), minutes=minute)
        withdrawn = rng.random() < 0.2
        if withdrawn:
            act(people[user], startups[startup], made.type, minutes=minute + 1, undoes=made)
        one = Done(type=InteractionType(made.type), occurred_at=made.occurred_at, withdrawn=withdrawn)
        done[user, startup].append((made.occurred_at, number, one))
    pairs = []
    for (user, startup), acts in done.items():
        outcome = resolve_pair(one for _, _, one in sorted(acts, key=itemgetter(0, 1)))
        if outcome is not None:
            pairs.append(DonePair(user_id=str(user), startup_id=str(startups[startup].id), outcome=outcome))
    expected = {one.startup_id: one for one in activity_of(pairs, HALF_LIFE)}
    found = {one.startup_id: one for one in database.recent_activity(timedelta(days=90), HALF_LIFE)}
    assert found.keys() == expected.keys()
    for startup_id, one in found.items():
        assert (one.interested, one.latest) == (expected[startup_id].interested, expected[startup_id].latest)
        assert one.worth == pytest.approx(expected[startup_id].worth, rel=1e-12)


def test_acts_of_people_who_want_no_lists_of_their_own_do_not_count(
    database: SqlPlatformDatabase, add_user: AddUser, add_startup: AddStartup, act: Act
) -> None:
    user, off, startup = add_user("a"), add_user("b"), add_startup("s")
    act(user, startup, "like")
    act(off, startup, "like", minutes=1)
    personalisation_change(user=off, is_personalised=False)
    assert recent(database, 10) == {str(startup.id): (1, 0.8)}


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
