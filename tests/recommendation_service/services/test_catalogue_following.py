"""Changes of the catalogue are followed, in pieces where the database tells them; what was kept stands in for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contracts.api import Rung
from recommendation_service.services.errors import DatabaseUnavailableError, NotReadyError, SavedCatalogueError
from recommendation_service.services.ports import CatalogueChanges, CatalogueMark, NoModels
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot_keeper import SnapshotKeeper
from tests.live_service import eventually
from tests.recommendation_service.services.snapshot_keeping import (
    NEW_ID,
    NOW,
    ChangingDatabase,
    Clock,
    fail_with,
    ids,
    shown,
)


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
    monkeypatch.setattr(fake_database, "recent_activity", lambda *_: pytest.fail("read again"))
    clock.now += timedelta(minutes=2)
    keeper.refresh()
    assert keeper.current() is before


def test_acts_that_cannot_be_counted_in_time_cost_neither_the_trends_nor_the_changes(
    changing: ChangingDatabase, fake_database: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = SnapshotKeeper(changing, NoModels(), ServingOptions(trend_interval=timedelta(seconds=60)), clock)
    keeper.refresh()
    before = dict(keeper.current().reasons.trends)
    changing.tell(replace(changing.startups[0], id=NEW_ID))
    clock.now += timedelta(minutes=1)
    with monkeypatch.context() as patch:
        patch.setattr(type(fake_database), "recent_activity", fail_with(DatabaseUnavailableError("too slow")))
        keeper.refresh()
    assert NEW_ID in ids(keeper)
    assert dict(keeper.current().reasons.trends) == before != {}
    fake_database.acts = []
    clock.now += timedelta(minutes=1)
    keeper.refresh()
    assert keeper.current().reasons.trends == {}


def test_without_acts_that_can_be_counted_there_is_a_catalogue_all_the_same(
    fake_database: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = SnapshotKeeper(fake_database, NoModels(), ServingOptions(trend_interval=timedelta(seconds=60)), clock)
    with monkeypatch.context() as patch:
        patch.setattr(type(fake_database), "recent_activity", fail_with(DatabaseUnavailableError("too slow")))
        keeper.refresh()
    assert (len(ids(keeper)), Rung.TRENDING in keeper.current().rungs) == (len(fake_database.startups), False)
    clock.now += timedelta(minutes=1)
    keeper.refresh()
    assert Rung.TRENDING in keeper.current().rungs


def test_changes_do_not_wait_while_acts_are_counted(fake_database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    changing, gate = ChangingDatabase(fake_database), threading.Event()
    interval = {"refresh_interval": timedelta(milliseconds=5), "trend_interval": timedelta(milliseconds=5)}
    keeper = SnapshotKeeper(changing, NoModels(), ServingOptions(**interval))
    keeper.start()
    count = type(fake_database).recent_activity

    def slow(*given: Any) -> Any:
        assert gate.wait(20)
        return count(*given)

    monkeypatch.setattr(type(fake_database), "recent_activity", slow)
    try:
        fake_database.acts = fake_database.acts[:1]
        changing.tell(replace(changing.startups[0], id=NEW_ID))
        assert eventually(lambda: NEW_ID in ids(keeper))
        assert len(keeper.current().reasons.trends) > 1
        gate.set()
        assert eventually(lambda: len(keeper.current().reasons.trends) <= 1)
        assert NEW_ID in ids(keeper)
    finally:
        gate.set()
        keeper.stop()


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
