"""The snapshot is replaced whole, by a thread that survives whatever happens to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from recommendation_service.services import snapshot_keeper
from recommendation_service.services.errors import DatabaseUnavailableError, NotReadyError, SchemaMismatchError
from recommendation_service.services.ports import NoModels
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot_keeper import SnapshotKeeper
from tests.live_service import eventually
from tests.recommendation_service.services.snapshot_keeping import Clock, fail_with, ids


def test_nothing_changed_is_nothing_read(keeper_of: Callable[..., SnapshotKeeper], fake_database: Any) -> None:
    keeper = keeper_of()
    snapshot = keeper.current()
    keeper.refresh()
    assert keeper.current() is snapshot
    assert fake_database.reads == 1


def test_a_new_startup_appears_and_a_hidden_one_goes(
    keeper_of: Callable[..., SnapshotKeeper], fake_database: Any
) -> None:
    keeper = keeper_of()
    old = keeper.current()
    hidden, *others = fake_database.startups
    added = replace(hidden, id="00000000-0000-4000-8000-000000000001")
    fake_database.change([*others, added])
    keeper.refresh()
    assert ids(keeper) == {startup.id for startup in others} | {added.id}
    assert hidden.id in old.catalogue.index_of, "answers under way keep their own snapshot"


def test_a_lost_database_leaves_the_old_catalogue_and_its_age_grows(
    keeper_of: Callable[..., SnapshotKeeper], fake_database: Any, clock: Clock
) -> None:
    keeper = keeper_of()
    fake_database.broken = DatabaseUnavailableError("gone")
    clock.now += timedelta(seconds=7)
    keeper.refresh()
    assert ids(keeper)
    assert (keeper.problems, keeper.age) == ({"catalogue": "gone"}, timedelta(seconds=7))
    fake_database.broken = None
    keeper.refresh()
    assert (keeper.problems, keeper.age) == ({}, timedelta(0))


def test_after_a_failure_the_schema_is_looked_at_again(
    keeper_of: Callable[..., SnapshotKeeper], fake_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = keeper_of()
    fake_database.version += 1
    monkeypatch.setattr(fake_database, "open_startups", fail_with(DatabaseUnavailableError("no such column: phase")))
    keeper.refresh()
    monkeypatch.setattr(fake_database, "require_schema", fail_with(SchemaMismatchError(["column phase is missing"])))
    keeper.refresh()
    assert "column phase is missing" in keeper.problems["catalogue"]


def test_without_any_catalogue_there_is_no_snapshot(
    keeper_of: Callable[..., SnapshotKeeper], fake_database: Any
) -> None:
    fake_database.broken = DatabaseUnavailableError("gone")
    keeper = keeper_of()
    with pytest.raises(NotReadyError, match="gone"):
        keeper.current()
    assert keeper.age is None


@pytest.fixture
def running(fake_database: Any) -> Iterator[SnapshotKeeper]:
    keeper = SnapshotKeeper(fake_database, NoModels(), ServingOptions(refresh_interval=timedelta(milliseconds=5)))
    keeper.start()
    yield keeper
    keeper.stop()


def test_the_thread_follows_changes_and_survives_failures(running: SnapshotKeeper, fake_database: Any) -> None:
    assert running.running
    fake_database.broken = DatabaseUnavailableError("gone")
    assert eventually(lambda: "catalogue" in running.problems)
    fake_database.broken = None
    fake_database.change(fake_database.startups[:3])
    assert eventually(lambda: len(ids(running)) == 3 and not running.problems)


def test_the_thread_survives_even_mistakes_and_tells_of_them(running: SnapshotKeeper, fake_database: Any) -> None:
    fake_database.broken = TypeError("nobody thought of this")
    assert eventually(lambda: "nobody thought of this" in running.problems.get("refresh", ""))
    assert ids(running)
    fake_database.broken = None
    fake_database.change(fake_database.startups[:3])
    assert eventually(lambda: len(ids(running)) == 3 and not running.problems)


def test_stopping_ends_the_thread(running: SnapshotKeeper) -> None:
    running.stop()
    assert not running.running
    assert "snapshot-keeper" not in {thread.name for thread in threading.enumerate()}


def test_readers_never_see_half_a_snapshot(running: SnapshotKeeper, fake_database: Any) -> None:
    """Engines, owners and catalogue of every snapshot seen while it changes belong together."""
    everything = list(fake_database.startups)
    for round_ in range(40):
        fake_database.change(everything[: 1 + round_ % len(everything)])
        snapshot = running.current()
        catalogues = {id(engine.scorer.catalogue) for engine in snapshot.rungs.values()}
        assert catalogues == {id(snapshot.catalogue)}
        assert snapshot.reasons.catalogue is snapshot.catalogue
        time.sleep(0.003)


def test_a_database_that_hangs_at_the_start_does_not_hold_it_up(
    fake_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_keeper, "START_SECONDS", 0.05)
    release = threading.Event()
    monkeypatch.setattr(fake_database, "require_schema", release.wait)
    keeper = SnapshotKeeper(fake_database, NoModels(), ServingOptions(refresh_interval=timedelta(milliseconds=5)))
    keeper.start()
    try:
        assert keeper.problems == {
            "catalogue": "it could not be read from the platform's database within 0.05 s; still asking"
        }
        with pytest.raises(NotReadyError, match="still asking"):
            keeper.current()
        release.set()
        assert eventually(lambda: keeper.current_or_none() is not None and not keeper.problems)
    finally:
        release.set()
        keeper.stop()


def test_a_mistake_at_the_start_is_not_hidden(fake_database: Any) -> None:
    fake_database.broken = TypeError("nobody thought of this")
    keeper = SnapshotKeeper(fake_database, NoModels(), ServingOptions())
    with pytest.raises(TypeError, match="nobody thought of this"):
        keeper.start()
    assert not keeper.running


def test_a_hint_is_followed_at_once(fake_database: Any) -> None:
    keeper = SnapshotKeeper(fake_database, NoModels(), ServingOptions(refresh_interval=timedelta(hours=1)))
    keeper.start()
    try:
        fake_database.change(fake_database.startups[:3])
        keeper.hint([fake_database.startups[0].id])
        assert eventually(lambda: len(ids(keeper)) == 3)
    finally:
        keeper.stop()
