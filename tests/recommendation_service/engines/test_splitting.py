from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.splitting import TemporalSplit, split_by_ratio
from recommendation_service.engines.timeline import before, done_by_people, within
from recommendation_service.engines.types import Interactions, TrainingData

CB2013 = TemporalSplit(
    train_until=datetime(2012, 7, 1, tzinfo=UTC),
    validation_from=datetime(2012, 1, 1, tzinfo=UTC),
)


def test_round_trips_through_json() -> None:
    assert TemporalSplit.from_dict(json.loads(json.dumps(CB2013.to_dict()))) == CB2013


def test_windows_lie_end_to_end() -> None:
    validation = CB2013.validation_window
    assert validation is not None
    assert (validation.start, validation.end) == (CB2013.validation_from, CB2013.train_until)
    assert (CB2013.test_window.start, CB2013.test_window.end) == (CB2013.train_until, None)
    assert TemporalSplit(train_until=CB2013.train_until).validation_window is None


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"train_until": None},
        {"train_until": "soon"},
        {"train_until": 5},
        {"train_until": "2012-07-01", "surprise": "2012-08-01"},
        {"train_until": "2012-07-01", "test_until": "2012-06-01"},
        {"train_until": "2012-07-01", "validation_from": "2012-07-01"},
    ],
)
def test_what_is_no_split_is_refused(values: dict[str, str | None]) -> None:
    with pytest.raises(ConfigError):
        TemporalSplit.from_dict(values)


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ConfigError, match="train_until needs a time zone, got 2012-07-01T00:00:00"):
        TemporalSplit(train_until=datetime(2012, 7, 1))


def test_ratio_cuts_the_acts_in_order_of_time(platform: TrainingData) -> None:
    split = split_by_ratio(platform.interactions, test=0.2, validation=0.1)
    acts = platform.interactions.take(done_by_people(platform.interactions))
    validation = split.validation_window
    assert validation is not None
    assert len(within(acts, split.test_window)) / len(acts) == pytest.approx(0.2, abs=0.01)
    assert len(within(acts, validation)) / len(acts) == pytest.approx(0.1, abs=0.01)


def test_sampled_negatives_stay_with_their_positive(platform: TrainingData) -> None:
    split = split_by_ratio(platform.interactions)
    early = before(platform.interactions, split.train_until)
    sampled = early.take(~done_by_people(early))
    moments = {(user, time) for user, time in zip(early.user, early.time, strict=True)}
    assert all((user, time) in moments for user, time in zip(sampled.user, sampled.time, strict=True))
    positives = early.take(done_by_people(early) & (early.label > 0))
    assert set(sampled.time.tolist()) <= set(positives.time.tolist())


def test_no_share_for_validation_is_no_validation(platform: TrainingData) -> None:
    assert split_by_ratio(platform.interactions, validation=0.0).validation_from is None


@pytest.mark.parametrize(("test", "validation"), [(0.0, 0.1), (-0.1, 0.1), (0.5, 0.5), (1.0, 0.0), (0.2, -0.1)])
def test_impossible_shares_are_refused(platform: TrainingData, test: float, validation: float) -> None:
    with pytest.raises(ConfigError, match="shares must be"):
        split_by_ratio(platform.interactions, test=test, validation=validation)


@pytest.mark.parametrize("times", [[], [5], [5, 5, 5]])
def test_one_moment_cannot_be_split(make_interactions: Callable[..., Interactions], times: list[int]) -> None:
    rows = make_interactions([(0, startup, "apply", time) for startup, time in enumerate(times)])
    with pytest.raises(ConfigError, match="two moments or more"):
        split_by_ratio(rows)


@pytest.mark.parametrize("times", [[1, 2], [1, 1, 1, 1, 1, 1, 1, 1, 1, 2], [1] + [2] * 9, list(range(10))])
def test_something_always_lies_on_both_sides(make_interactions: Callable[..., Interactions], times: list[int]) -> None:
    rows = make_interactions([(0, startup, "apply", time) for startup, time in enumerate(times)])
    split = split_by_ratio(rows)
    assert len(before(rows, split.train_until)) > 0
    assert len(within(rows, split.test_window)) > 0
    if split.validation_window is not None:
        assert len(within(rows, split.validation_window)) > 0
        assert (np.asarray(before(rows, split.validation_window.start).time) < 10).any()
