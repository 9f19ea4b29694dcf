from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from contracts.api import Rung
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.services.errors import (
    DatabaseUnavailableError,
    NotReadyError,
    SavedCatalogueError,
    SchemaMismatchError,
)
from recommendation_service.services.ports import CatalogueChanges, CatalogueMark, NoModels
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot import STRANGER
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


def test_while_nothing_is_done_the_snapshot_stays_and_acts_are_not_read_again(
    keeper_of: Callable[..., SnapshotKeeper], fake_database: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = keeper_of(trend_interval=timedelta(seconds=60))
    before = keeper.current()
    monkeypatch.setattr(fake_database, "recent_pairs", lambda *_: pytest.fail("read again"))
    clock.now += timedelta(minutes=2)
    keeper.refresh()
    assert keeper.current() is before


def test_startups_that_came_get_their_trends_though_nothing_is_done(
    keeper_of: Callable[..., SnapshotKeeper], fake_database: Any, clock: Clock
) -> None:
    everything = fake_database.startups
    trending = max(keeper_of().current().reasons.trends.items(), key=lambda counted: counted[1])[0]
    fake_database.startups = [startup for startup in everything if startup.id != trending]
    keeper = keeper_of(trend_interval=timedelta(seconds=60))
    assert trending not in keeper.current().reasons.trends
    fake_database.change(everything)
    clock.now += timedelta(minutes=2)
    keeper.refresh()
    assert trending in keeper.current().reasons.trends


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
    deadline = time.monotonic() + 60
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


class ChangingDatabase:
    """Tells a change in pieces rather than everything."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self.pending: list[CatalogueChanges] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def tell(self, *startups: Any, gone: Collection[str] = ()) -> None:
        mark = CatalogueMark(read_at=NOW)
        self.pending.append(CatalogueChanges(startups=startups, gone=frozenset(gone), unusable=frozenset(), mark=mark))

    def catalogue_changes(self, since: CatalogueMark, known: Collection[str], now: datetime) -> CatalogueChanges:
        nothing = CatalogueChanges(startups=(), gone=frozenset(), unusable=frozenset(), mark=since)
        return self.pending.pop(0) if self.pending else nothing


@pytest.fixture
def changing(fake_database: Any) -> ChangingDatabase:
    return ChangingDatabase(fake_database)


NEW_ID = "00000000-0000-4000-8000-000000000001"


def shown(keeper: SnapshotKeeper, rung: Rung = Rung.NEWEST) -> list[str]:
    """Ids of everything that a rung ranks for a stranger, by the mask that every list begins with."""
    snapshot = keeper.current()
    ranking = snapshot.rungs[rung].scorer.rank([STRANGER], 1000, snapshot.catalogue.mask())
    return [snapshot.catalogue.startups[column].id for column in ranking.columns[0] if column >= 0]


@pytest.mark.parametrize("rung", [Rung.NEWEST, Rung.TRENDING, Rung.TWO_TOWER])
def test_a_change_is_taken_in_without_reading_everything_on_every_rung(
    changing: ChangingDatabase, told_models: Any, told_recommender: Any, clock: Clock, rung: Rung
) -> None:
    keeper = SnapshotKeeper(changing, told_models(v1=told_recommender()), ServingOptions(), clock)
    keeper.refresh()
    old = keeper.current()
    first, second, *_ = changing.startups
    changing.tell(replace(first, id=NEW_ID), replace(second, title="renamed"), gone={first.id})
    keeper.refresh()
    catalogue = keeper.current().catalogue
    listed = shown(keeper, rung)
    assert sorted(listed) == sorted(({startup.id for startup in changing.startups} - {first.id}) | {NEW_ID})
    assert catalogue.startups[catalogue.index_of[second.id]].title == "renamed"
    assert (catalogue.size, len(catalogue), changing.reads) == (len(listed), len(old.catalogue) + 2, 1)
    assert first.id in old.catalogue.index_of
    assert old.catalogue.size == len(old.catalogue)
    assert keeper.current().rungs[Rung.TWO_TOWER].model_version == "v1"


def test_what_is_gone_owns_nothing_and_is_like_nothing(changing: ChangingDatabase, clock: Clock) -> None:
    keeper = SnapshotKeeper(changing, NoModels(), ServingOptions(), clock)
    keeper.refresh()
    owned = replace(changing.startups[0], owner_id="owner")
    changing.tell(owned)
    keeper.refresh()
    assert keeper.current().owners["owner"].tolist() == [len(changing.startups)]
    changing.tell(gone={owned.id})
    keeper.refresh()
    assert "owner" not in keeper.current().owners


def test_unusable_embeddings_are_followed(changing: ChangingDatabase, clock: Clock) -> None:
    keeper = SnapshotKeeper(changing, NoModels(), ServingOptions(), clock)
    keeper.refresh()
    startup = replace(changing.startups[0], embedding=None)
    mark = CatalogueMark(read_at=NOW)
    changing.pending.append(
        CatalogueChanges(startups=[startup], gone=frozenset(), unusable=frozenset({startup.id}), mark=mark)
    )
    keeper.refresh()
    assert keeper.current().invalid_embeddings == 1
    changing.tell(changing.startups[0])
    keeper.refresh()
    assert keeper.current().invalid_embeddings == 0


def test_after_many_changes_everything_is_read_again(changing: ChangingDatabase, clock: Clock) -> None:
    keeper = SnapshotKeeper(changing, NoModels(), ServingOptions(most_changes=3, most_changed_share=0), clock)
    keeper.refresh()
    for number in range(4):
        changing.tell(replace(changing.startups[0], title=f"{number}"))
        keeper.refresh()
    assert changing.reads == 2
    assert len(keeper.current().catalogue) == keeper.current().catalogue.size == len(changing.startups)


def test_a_model_that_cannot_take_in_a_change_is_bound_anew(
    changing: ChangingDatabase, told_models: Any, told_recommender: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = SnapshotKeeper(changing, told_models(v1=told_recommender()), ServingOptions(), clock)
    keeper.refresh()
    monkeypatch.setattr(told_recommender, "extend", fail_with(ModelFileError("cannot")))
    changing.tell(replace(changing.startups[0], id=NEW_ID))
    keeper.refresh()
    assert NEW_ID in shown(keeper, Rung.TWO_TOWER)
    assert keeper.problems == {}


def test_a_hint_is_followed_at_once(fake_database: Any) -> None:
    keeper = SnapshotKeeper(fake_database, NoModels(), ServingOptions(refresh_interval=timedelta(hours=1)))
    keeper.start()
    try:
        fake_database.change(fake_database.startups[:3])
        keeper.hint([fake_database.startups[0].id])
        assert eventually(lambda: len(ids(keeper)) == 3)
    finally:
        keeper.stop()


def test_a_model_that_failed_is_left_alone_until_something_changes(
    told_models: Any, told_recommender: Any, fake_database: Any, clock: Clock
) -> None:
    models = told_models(v1=ModelFileError("flipped"))
    keeper = SnapshotKeeper(fake_database, models, ServingOptions(model_retry_interval=timedelta(minutes=1)), clock)
    for _ in range(5):
        keeper.refresh()
    assert models.loads == ["v1"] * 2, "once without a catalogue, once with it"
    assert "flipped" in keeper.problems["model"]
    clock.now += timedelta(minutes=1)
    keeper.refresh()
    assert models.loads == ["v1"] * 3
    models.models["v1"] = told_recommender()
    keeper.refresh()
    assert keeper.current().rungs[Rung.TWO_TOWER].model_version == "v1"
    assert keeper.problems == {}


def test_a_model_that_fails_on_who_asked_lately_does_not_take_over(
    told_models: Any, told_recommender: Any, fake_database: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = told_models(v1=told_recommender(), v2=told_recommender())
    keeper = SnapshotKeeper(fake_database, models, ServingOptions(), clock)
    keeper.refresh()
    keeper.asked(replace(STRANGER, record=replace(STRANGER.record, id="asked")))
    scorer = type(keeper.current().rungs[Rung.TWO_TOWER].scorer)
    honest = scorer.score

    def score(self: Any, users: Any) -> Any:
        if users[0].record.id == "asked":
            raise ModelFileError("cannot read this person")
        return honest(self, users)

    monkeypatch.setattr(scorer, "score", score)
    models.active = "v2"
    keeper.refresh()
    assert keeper.current().rungs[Rung.TWO_TOWER].model_version == "v1"
    assert keeper.problems["model"] == "cannot read this person"


def test_a_model_is_made_ready_beside_what_serves(fake_database: Any, told_models: Any, told_recommender: Any) -> None:
    """While it loads, changes of the catalogue are taken in, and the model then takes over with them."""
    changing, gate = ChangingDatabase(fake_database), threading.Event()
    models = told_models(v1=told_recommender(), v2=told_recommender())
    load = models.load

    def slow(version: str) -> Any:
        if version == "v2":
            gate.wait(10)
        return load(version)

    models.load = slow
    keeper = SnapshotKeeper(changing, models, ServingOptions(refresh_interval=timedelta(milliseconds=5)))
    keeper.start()
    try:
        models.active = "v2"
        changing.tell(replace(changing.startups[0], id=NEW_ID))
        assert eventually(lambda: NEW_ID in ids(keeper))
        assert keeper.current().rungs[Rung.TWO_TOWER].model_version == "v1"
        gate.set()
        assert eventually(lambda: keeper.current().rungs[Rung.TWO_TOWER].model_version == "v2")
        snapshot = keeper.current()
        assert snapshot.rungs[Rung.TWO_TOWER].scorer.catalogue is snapshot.catalogue
        assert NEW_ID in snapshot.catalogue.index_of
    finally:
        gate.set()
        keeper.stop()


class KeptInMemory:
    """A store that lives on, or is damaged."""

    problem = None

    def __init__(self) -> None:
        self.kept: Any = None
        self.broken: Exception | None = None

    def keep(self, opened: Any, pairs: Any) -> Any:
        self.kept = opened, pairs
        return opened

    def load(self) -> Any:
        if self.broken is not None:
            raise self.broken
        return self.kept


def test_a_start_without_a_database_serves_what_was_kept_marked_until_it_is_back(
    fake_database: Any, clock: Clock
) -> None:
    store = KeptInMemory()
    SnapshotKeeper(fake_database, NoModels(), ServingOptions(), clock, store).refresh()
    clock.now += timedelta(hours=2)
    fake_database.broken = DatabaseUnavailableError("gone")
    keeper = SnapshotKeeper(
        fake_database, NoModels(), ServingOptions(refresh_interval=timedelta(hours=9)), clock, store
    )
    keeper.start()
    try:
        assert ids(keeper) == {startup.id for startup in fake_database.startups}
        assert keeper.current().problems == ("catalogue: as it was kept at 2025-06-01 00:00 UTC",)
        assert (keeper.problems, keeper.age) == ({"catalogue": "gone"}, timedelta(hours=2))
        fake_database.broken = None
        keeper.refresh()
        assert (keeper.problems, keeper.age, keeper.current().problems) == ({}, timedelta(0), ())
    finally:
        keeper.stop()


def test_a_damaged_kept_catalogue_is_told_and_nothing_is_served_from_it(fake_database: Any, clock: Clock) -> None:
    store = KeptInMemory()
    store.broken = SavedCatalogueError("startups.parquet is damaged")
    fake_database.broken = DatabaseUnavailableError("gone")
    keeper = SnapshotKeeper(
        fake_database, NoModels(), ServingOptions(refresh_interval=timedelta(hours=9)), clock, store
    )
    keeper.start()
    try:
        with pytest.raises(NotReadyError, match=r"damaged.*gone"):
            keeper.current()
        fake_database.broken = None
        keeper.refresh()
        assert ids(keeper)
        assert keeper.problems == {}, "what was read anew is kept in its place"
    finally:
        keeper.stop()
