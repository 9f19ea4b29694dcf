from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest

from accounts.models import Profile, User
from accounts.services import preferences_update, user_create, user_update
from contracts.dataset import EMBEDDING_DIM
from interactions.models import InteractionEvent
from recommendation_service.adapters.people_reader import SqlMemberSource
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.services.errors import DatabaseUnavailableError
from recommendations.models import UserEmbedding
from recommendations.personalisation import personalisation_change
from startups.models import Startup

Act = Callable[..., InteractionEvent]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def source(database_url: str) -> Iterator[SqlMemberSource]:
    opened = SqlMemberSource(database_url)
    yield opened
    opened.close()


def join(name: str, **profile: object) -> User:
    return user_create(email=f"{name}@example.org", profile=profile)  # type: ignore[arg-type]


def test_only_active_members_with_a_public_profile_can_be_found(source: SqlMemberSource) -> None:
    found, hidden, gone = join("a"), join("b", is_public=False), join("c")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    without_profile = User.objects.create_user("d@example.org", None)
    everybody = [str(user.id) for user in (found, hidden, gone, without_profile)]
    assert source.findable() == [str(found.id)]
    assert set(source.confirmed(everybody, str(uuid4()))) == {str(found.id)}
    for read in (source.members, source.described):
        assert [member.state.record.id for member in read([*everybody, str(uuid4())], now())] == [str(found.id)]
    assert source.changes(source.mark(now()), now()).count == 1


def test_whoever_follows_everybody_reads_ahead_for_those_who_ask(
    database_url: str, database: SqlPlatformDatabase, act: Act, add_startup: Callable[..., Startup]
) -> None:
    """Only while nothing changed: an act shows in the next read of either."""
    user, startup = join("a"), add_startup("Acme")
    act(user, startup, "view")
    user_id = str(user.id)
    shared = SqlMemberSource(database_url, seen=database.seen)
    (member,) = shared.members([user_id], now())
    ahead = database.user_states([user_id], now())[user_id]
    assert ahead.history is member.state.history
    act(user, startup, "like", minutes=1)
    after = database.user_state(user_id, now())
    assert after is not None
    assert [item.kind for item in after.history] == ["like"]
    (member,) = shared.members([user_id], now())
    assert member.state.history is after.history
    shared.close()


def test_a_member_is_read_whole(source: SqlMemberSource, act: Act, add_startup: Callable[..., Startup]) -> None:
    user, startup = join("a", skills=["python"], city="Berlin"), add_startup("Acme")
    act(user, startup, "like")
    (member,) = source.members([str(user.id)], now())
    assert member.state.record.skills == ("python",)
    assert member.state.record.location.city == "Berlin"
    assert [(item.startup_id, item.kind) for item in member.state.history] == [(str(startup.id), "like")]
    assert abs(member.joined_at - user.date_joined).total_seconds() < 0.001


def test_nothing_happened(source: SqlMemberSource, act: Act, add_startup: Callable[..., Startup]) -> None:
    act(join("a"), add_startup("Acme"), "view")
    mark = source.mark(now())
    for _ in range(3):
        changes = source.changes(mark, now())
        assert changes.ids == frozenset()
        mark = changes.mark


def change_profile(user: User) -> None:
    user_update(user=user, profile={"skills": ["sales"]})


def hide(user: User) -> None:
    user_update(user=user, profile={"is_public": False})


def choose(user: User) -> None:
    preferences_update(user=user, changes={"categories": ["fintech"]})


def leave(user: User) -> None:
    user.is_active = False
    user.save()


@pytest.mark.parametrize("change", [change_profile, hide, choose, leave])
def test_who_changed_something_of_themselves_is_told_once(
    source: SqlMemberSource, change: Callable[[User], None]
) -> None:
    user, _ = join("a"), join("b")
    mark = source.mark(now())
    change(user)
    changes = source.changes(mark, now())
    assert changes.ids == {str(user.id)}
    assert source.changes(changes.mark, now()).ids == frozenset()


def test_an_embedding_that_follows_an_edit_is_told(source: SqlMemberSource) -> None:
    user = join("a")
    mark = source.mark(now())
    vector = np.ones(EMBEDDING_DIM, dtype=np.float32).tobytes()
    UserEmbedding.objects.create(user=user, model_id="m", text_hash="h", vector=vector)
    assert source.changes(mark, now()).ids == {str(user.id)}


def test_who_acts_is_told(source: SqlMemberSource, act: Act, add_startup: Callable[..., Startup]) -> None:
    user, startup = join("a"), add_startup("Acme")
    mark = source.mark(now())
    liked = act(user, startup, "like")
    changes = source.changes(mark, now())
    assert changes.ids == {str(user.id)}
    act(user, startup, "like", undoes=liked)
    assert source.changes(changes.mark, now()).ids == {str(user.id)}


def test_who_joins_or_is_deleted_is_counted(source: SqlMemberSource) -> None:
    user = join("a")
    mark = source.mark(now())
    newcomer = join("b")
    changes = source.changes(mark, now())
    assert (changes.ids, changes.count) == ({str(newcomer.id)}, 2)
    Profile.objects.filter(pk=user.pk).delete()
    user.delete()
    assert source.changes(changes.mark, now()).count == 1


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    source = SqlMemberSource(f"sqlite:///{tmp_path / 'nowhere.sqlite3'}")
    for ask in (source.findable, lambda: source.mark(now()), lambda: source.confirmed([str(uuid4())], str(uuid4()))):
        with pytest.raises(DatabaseUnavailableError, match="did not answer"):
            ask()


def test_a_decision_is_told_until_it_is_taken_back(
    source: SqlMemberSource, act: Act, add_startup: Callable[..., Startup]
) -> None:
    user, other = join("a"), join("b")
    startup, another = add_startup("Acme"), add_startup("Other")

    def decided(user: User, startup: Startup) -> bool:
        return source.confirmed([str(user.id)], str(startup.id))[str(user.id)].decided

    act(user, startup, "like")
    assert not decided(user, startup)
    applied = act(user, startup, "apply", minutes=1)
    assert decided(user, startup)
    assert not decided(other, startup)
    assert not decided(user, another)
    act(user, startup, "apply", minutes=2, undoes=applied)
    assert not decided(user, startup)
    act(user, startup, "dislike", minutes=3)
    assert decided(user, startup)
    assert source.confirmed([str(user.id)], str(startup.id))[str(user.id)].role == user.role


def test_who_switches_their_own_lists_off_is_told_and_known_by_their_words_alone(
    source: SqlMemberSource, act: Act, add_startup: Callable[..., Startup]
) -> None:
    user, startup = join("a", skills=["python"]), add_startup("Acme")
    act(user, startup, "apply")
    mark = source.mark(now())
    personalisation_change(user=user, is_personalised=False)
    changes = source.changes(mark, now())
    assert changes.ids == {str(user.id)}
    (member,) = source.members(changes.ids, now())
    assert member.known.history == ()
    assert member.known.record.skills == ("python",)
    assert [item.kind for item in member.state.history] == ["apply"]
    personalisation_change(user=user, is_personalised=True)
    changes = source.changes(changes.mark, now())
    assert changes.ids == {str(user.id)}
    (member,) = source.members(changes.ids, now())
    assert member.known is member.state
