"""Which model serves: only one that can takes over, and the old one serves until then."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from contracts.api import Rung
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.services.serving_options import ServingOptions
from recommendation_service.services.snapshot import STRANGER
from recommendation_service.services.snapshot_keeper import SnapshotKeeper
from tests.live_service import eventually
from tests.recommendation_service.services.snapshot_keeping import (
    NEW_ID,
    ChangingDatabase,
    Clock,
    fail_with,
    ids,
    shown,
)


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
