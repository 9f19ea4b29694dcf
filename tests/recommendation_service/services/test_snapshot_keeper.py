from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from contracts.api import Rung
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.services.errors import DatabaseUnavailableError, NotReadyError, SchemaMismatchError
from recommendation_service.services.ports import NoModels
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot_keeper import SnapshotKeeper

NOW = datetime(2025, 6, 1, tzinfo=UTC)


class Clock:
    """Stands still until moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper_of(fake_database: Any, clock: Clock) -> Callable[..., SnapshotKeeper]:
    def keeper(models: Any = None, **options: Any) -> SnapshotKeeper:
        made = SnapshotKeeper(fake_database, models or NoModels(), ServingOptions(**options), clock)
        made.refresh()
        return made

    return keeper


def ids(keeper: SnapshotKeeper) -> set[str]:
    return {startup.id for startup in keeper.current().catalogue.startups}


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


def test_edits_without_a_mark_are_read_after_a_while(
    keeper_of: Callable[..., SnapshotKeeper], fake_database: Any, clock: Clock
) -> None:
    keeper = keeper_of(reload_interval=timedelta(minutes=5))
    fake_database.startups = [replace(startup, title="renamed") for startup in fake_database.startups]
    clock.now += timedelta(minutes=4)
    keeper.refresh()
    assert keeper.current().catalogue.startups[0].title != "renamed"
    clock.now += timedelta(minutes=1)
    keeper.refresh()
    assert keeper.current().catalogue.startups[0].title == "renamed"


def test_trends_are_counted_anew_without_reading_the_catalogue(
    keeper_of: Callable[..., SnapshotKeeper], fake_database: Any, clock: Clock
) -> None:
    keeper = keeper_of(trend_interval=timedelta(seconds=60))
    before = keeper.current()
    fake_database.acts = []
    clock.now += timedelta(seconds=59)
    keeper.refresh()
    assert Rung.TRENDING in keeper.current().rungs
    clock.now += timedelta(seconds=1)
    keeper.refresh()
    after = keeper.current()
    assert Rung.TRENDING not in after.rungs
    assert (after.reasons.trends, after.catalogue is before.catalogue, fake_database.reads) == ({}, True, 1)


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


def fail_with(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> Any:
        raise error

    return fail


def test_without_any_catalogue_there_is_no_snapshot(
    keeper_of: Callable[..., SnapshotKeeper], fake_database: Any
) -> None:
    fake_database.broken = DatabaseUnavailableError("gone")
    keeper = keeper_of()
    with pytest.raises(NotReadyError, match="gone"):
        keeper.current()
    assert keeper.age is None


def test_a_newly_activated_model_takes_over_with_the_same_catalogue(
    keeper_of: Callable[..., SnapshotKeeper], told_models: Any, told_recommender: Any
) -> None:
    models = told_models(v1=told_recommender(), v2=told_recommender())
    keeper = keeper_of(models)
    first = keeper.current()
    models.active = "v2"
    keeper.refresh()
    second = keeper.current()
    assert (first.rungs[Rung.TWO_TOWER].model_version, second.rungs[Rung.TWO_TOWER].model_version) == ("v1", "v2")
    assert second.catalogue is first.catalogue
    keeper.refresh()
    assert models.loads == ["v1", "v2"]


def test_a_deactivated_model_stops_serving(
    keeper_of: Callable[..., SnapshotKeeper], told_models: Any, told_recommender: Any
) -> None:
    models = told_models(v1=told_recommender())
    keeper = keeper_of(models)
    models.active = None
    keeper.refresh()
    assert Rung.TWO_TOWER not in keeper.current().rungs
    assert keeper.current().model is None


def all_nan(n: int) -> Any:
    return np.full(n, np.nan, dtype=np.float32)


@pytest.mark.parametrize("bad", ["corrupt", "missing", "blind"])
def test_a_model_that_cannot_serve_leaves_the_old_one_serving_and_is_told(
    keeper_of: Callable[..., SnapshotKeeper], told_models: Any, told_recommender: Any, bad: str
) -> None:
    models = told_models(v1=told_recommender(), corrupt=ModelFileError("flipped"), blind=told_recommender(all_nan))
    keeper = keeper_of(models)
    models.active = bad
    keeper.refresh()
    assert keeper.current().rungs[Rung.TWO_TOWER].model_version == "v1"
    expected = {"corrupt": "flipped", "missing": "no version missing", "blind": "scores no startup with a finite"}
    assert expected[bad] in keeper.problems["model"]
    models.active = "v1"
    keeper.refresh()
    assert keeper.problems == {}


def test_a_model_that_fails_on_a_new_catalogue_does_not_hold_it_up(
    keeper_of: Callable[..., SnapshotKeeper], told_models: Any, told_recommender: Any, fake_database: Any
) -> None:
    full = len(fake_database.startups)
    model = told_recommender(lambda n: np.zeros(n, np.float32) if n == full else all_nan(n))
    keeper = keeper_of(told_models(v1=model))
    fake_database.change(fake_database.startups[1:])
    keeper.refresh()
    assert len(ids(keeper)) == full - 1
    assert Rung.TWO_TOWER not in keeper.current().rungs
    assert "scores no startup" in keeper.problems["model"]
    keeper.refresh()
    assert "scores no startup" in keeper.problems["model"], "it is still told after another look"
    fake_database.change([fake_database.startups[0], *fake_database.startups])
    keeper.refresh()
    keeper.refresh()
    assert keeper.current().rungs[Rung.TWO_TOWER].model_version == "v1"
    assert keeper.problems == {}


@pytest.fixture
def running(fake_database: Any) -> Iterator[SnapshotKeeper]:
    keeper = SnapshotKeeper(fake_database, NoModels(), ServingOptions(refresh_interval=timedelta(milliseconds=5)))
    keeper.start()
    yield keeper
    keeper.stop()


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.005)
    return holds()


def test_the_thread_follows_changes_and_survives_failures(running: SnapshotKeeper, fake_database: Any) -> None:
    assert running.running
    fake_database.broken = DatabaseUnavailableError("gone")
    assert eventually(lambda: "catalogue" in running.problems)
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
