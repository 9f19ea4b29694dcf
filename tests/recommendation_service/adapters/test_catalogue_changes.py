from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.adapters import catalogue_changes
from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.services.ports import CatalogueChanges
from recommendations.models import StartupEmbedding
from startups.models import FundingRound, Position, Startup

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
VECTOR = np.linspace(-1, 1, EMBEDDING_DIM, dtype=np.float32).tobytes()


class Follower:
    """Knows ids and a mark, as the keeper does."""

    def __init__(self, database: SqlPlatformDatabase) -> None:
        self._database = database
        read = database.open_startups(NOW)
        self.mark = read.mark
        self.titles = {startup.id: startup.title for startup in read.startups}

    def look(self, now: datetime = NOW) -> CatalogueChanges | None:
        found = self._database.catalogue_changes(self.mark, self.titles.keys(), now)
        if found is not None:
            self.mark = found.mark
            self.titles = {key: title for key, title in self.titles.items() if key not in found.gone}
            self.titles |= {startup.id: startup.title for startup in found.startups}
        return found

    def changed(self, now: datetime = NOW) -> tuple[list[str], list[str]]:
        """Titles that are new or changed, and ids that are gone."""
        found = self.look(now)
        assert found is not None
        return sorted(startup.title for startup in found.startups), sorted(found.gone)


@pytest.fixture
def follow(database: SqlPlatformDatabase) -> Callable[[], Follower]:
    return lambda: Follower(database)


def test_nothing_changed_is_nothing_read(follow: Callable[[], Follower], add_startup: Callable[..., Startup]) -> None:
    add_startup("a")
    follower = follow()
    assert follower.changed() == ([], [])
    assert not follower.look()


def test_a_new_startup_is_read_whole_and_once(
    follow: Callable[[], Follower], add_startup: Callable[..., Startup]
) -> None:
    add_startup("old")
    follower = follow()
    added = add_startup("new", category="fintech")
    Position.objects.create(startup=added, title="Engineer")
    FundingRound.objects.create(startup=added, announced_on=date(2025, 1, 1))
    StartupEmbedding.objects.create(startup=added, model_id="m", text_hash="h", vector=VECTOR)
    found = follower.look()
    assert found is not None
    (record,) = found.startups
    assert (record.title, record.category, record.positions[0].title) == ("new", "fintech", "Engineer")
    assert len(record.rounds) == 1
    assert record.embedding is not None
    assert follower.changed() == ([], [])


@pytest.mark.parametrize("status", ["hidden", "sold", "closed"])
@pytest.mark.parametrize("in_bulk", [False, True])
def test_what_members_can_no_longer_find_is_gone(
    follow: Callable[[], Follower], add_startup: Callable[..., Startup], status: str, in_bulk: bool
) -> None:
    add_startup("stays")
    going = add_startup("goes")
    follower = follow()
    if in_bulk:
        Startup.objects.filter(pk=going.pk).update(status=status)
    else:
        going.status = status
        going.save()
    assert follower.changed() == ([], [str(going.id)])
    assert follower.changed() == ([], [])


def test_what_is_deleted_is_gone(follow: Callable[[], Follower], add_startup: Callable[..., Startup]) -> None:
    going, identity = add_startup("goes"), ""
    add_startup("stays")
    identity, follower = str(going.id), follow()
    going.delete()
    assert follower.changed() == ([], [identity])


def test_a_startup_deleted_while_another_appears_is_gone_all_the_same(
    follow: Callable[[], Follower], add_startup: Callable[..., Startup]
) -> None:
    going = add_startup("goes")
    identity, follower = str(going.id), follow()
    going.delete()
    add_startup("new")
    assert follower.changed() == (["new"], [identity])


EDITS: dict[str, Callable[[Startup], object]] = {
    "edited": lambda startup: startup.save(),
    "embedded": lambda startup: StartupEmbedding.objects.create(
        startup=startup, model_id="m", text_hash="h", vector=VECTOR
    ),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_what_leaves_a_mark_is_read_again_and_nothing_else(
    follow: Callable[[], Follower], add_startup: Callable[..., Startup], edit: Callable[[Startup], object]
) -> None:
    add_startup("untouched")
    startup, follower = add_startup("touched"), follow()
    edit(startup)
    assert follower.changed() == (["touched"], [])
    assert follower.changed() == ([], [])


UNMARKED: dict[str, Callable[[Startup], object]] = {
    "position added": lambda startup: Position.objects.create(startup=startup, title="t"),
    "position renamed": lambda startup: Position.objects.update(title="Somebody else"),
    "position closed": lambda startup: Position.objects.update(is_active=False),
    "position removed": lambda startup: Position.objects.all().delete(),
    "round added": lambda startup: FundingRound.objects.create(startup=startup, announced_on=date(2025, 1, 1)),
}


@pytest.mark.parametrize("change", UNMARKED.values(), ids=UNMARKED.keys())
def test_what_leaves_no_mark_has_everything_read_again(
    follow: Callable[[], Follower], add_startup: Callable[..., Startup], change: Callable[[Startup], object]
) -> None:
    startup = add_startup("a")
    Position.objects.create(startup=startup, title="Engineer")
    follower = follow()
    change(startup)
    assert follower.look() is None


def test_time_alone_opens_and_closes_startups(
    follow: Callable[[], Follower], add_startup: Callable[..., Startup]
) -> None:
    soon, closing = NOW + timedelta(seconds=2), NOW + timedelta(seconds=4)
    add_startup("opens", opened_at=soon)
    closes = add_startup("closes", closed_at=closing)
    follower = follow()
    assert follower.changed(soon - timedelta(microseconds=1)) == ([], [])
    assert follower.changed(soon) == (["opens"], [])
    assert follower.changed(closing) == ([], [str(closes.id)])


def test_a_transaction_that_commits_late_is_not_missed(
    follow: Callable[[], Follower], add_startup: Callable[..., Startup]
) -> None:
    """Its time of change lies before one that was seen already."""
    early, late = add_startup("early"), add_startup("late")
    follower = follow()
    late.save()
    assert follower.changed() == (["late"], [])
    Startup.objects.filter(pk=early.pk).update(title="shown late", updated_at=late.updated_at - timedelta(seconds=5))
    add_startup("moves the version")
    assert follower.changed() == (["moves the version", "shown late"], [])


def test_a_mark_from_before_a_restart_catches_up(
    database: SqlPlatformDatabase, add_startup: Callable[..., Startup]
) -> None:
    kept, gone = add_startup("kept"), add_startup("gone")
    read = database.open_startups(NOW)
    known = {startup.id for startup in read.startups}
    mark = replace(read.mark, version=None, seen={})
    Startup.objects.filter(pk=kept.pk).update(updated_at=read.mark.changed_at - timedelta(hours=1))  # type: ignore[operator]
    Startup.objects.filter(pk=gone.pk).delete()
    added = add_startup("added")
    found = database.catalogue_changes(mark, known, NOW)
    assert found is not None
    assert [startup.id for startup in found.startups] == [str(added.id)]
    assert found.gone == {str(gone.id)}


def test_an_unusable_embedding_of_a_change_is_told(
    follow: Callable[[], Follower], add_startup: Callable[..., Startup]
) -> None:
    startup, follower = add_startup("a"), follow()
    StartupEmbedding.objects.create(startup=startup, model_id="m", text_hash="h", vector=b"short")
    found = follower.look()
    assert found is not None
    assert found.unusable == {str(startup.id)}


def test_a_flood_has_everything_read_again(
    follow: Callable[[], Follower], add_startup: Callable[..., Startup], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_changes, "MOST_CHANGES", 2)
    follower = follow()
    for name in "ab":
        add_startup(name)
    assert follower.changed() == (["a", "b"], [])
    for name in "cde":
        add_startup(name)
    assert follower.look() is None


def test_more_changes_than_a_query_takes_parameters_are_all_read(
    follow: Callable[[], Follower], add_startup: Callable[..., Startup], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue_changes, "_IDS_AT_ONCE", 2)
    follower = follow()
    for name in "abcde":
        add_startup(name)
    assert follower.changed() == (list("abcde"), [])


def test_the_first_startup_of_an_empty_platform_is_found(
    follow: Callable[[], Follower], add_startup: Callable[..., Startup]
) -> None:
    follower = follow()
    add_startup("first")
    assert follower.changed() == (["first"], [])


def test_changes_after_those_that_settled_are_found(
    follow: Callable[[], Follower], add_startup: Callable[..., Startup]
) -> None:
    changed = add_startup("a")
    follower, later = follow(), datetime.now(tz=UTC) + timedelta(minutes=2)
    assert follower.changed(later) == ([], [])
    assert follower.mark.seen == {}
    changed.category = "fintech"
    changed.save()
    assert follower.changed(later + timedelta(seconds=2)) == (["a"], [])
    assert follower.changed(later + timedelta(seconds=4)) == ([], [])
