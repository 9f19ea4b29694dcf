from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.timeline import (
    TimeWindow,
    before,
    data_before,
    done_by_people,
    from_microseconds,
    parse_moment,
    to_microseconds,
    within,
)
from recommendation_service.engines.types import Interactions, TrainingData

MOMENT = datetime(2025, 3, 1, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_microseconds_and_back(moment: datetime) -> None:
    assert from_microseconds(to_microseconds(moment)) == moment


def test_time_zones_are_one_time() -> None:
    assert to_microseconds(MOMENT.astimezone(timezone(timedelta(hours=5)))) == to_microseconds(MOMENT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2012-07-01", datetime(2012, 7, 1, tzinfo=UTC)),
        ("2012-07-01T12:30:00", datetime(2012, 7, 1, 12, 30, tzinfo=UTC)),
        ("2012-07-01T12:00:00+02:00", datetime(2012, 7, 1, 10, tzinfo=UTC)),
    ],
)
def test_moments_are_read(text: str, expected: datetime) -> None:
    assert parse_moment(text) == expected


@pytest.mark.parametrize("text", ["", "July 2012", "2012-13-01"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a date; write it like 2012-07-01"):
        parse_moment(text)


def test_a_window_has_its_start_and_not_its_end() -> None:
    window = TimeWindow(start=MOMENT, end=MOMENT + timedelta(microseconds=2))
    times = to_microseconds(MOMENT) + np.array([-1, 0, 1, 2])
    assert window.contains(times).tolist() == [False, True, True, False]
    assert TimeWindow(start=MOMENT).contains(times).tolist() == [False, True, True, True]


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ConfigError, match="must end after it starts"):
        TimeWindow(start=MOMENT, end=MOMENT)
    with pytest.raises(ConfigError, match="start needs a time zone"):
        TimeWindow(start=datetime(2025, 1, 1))


def test_before_and_within_meet_without_gap_or_overlap(platform: TrainingData) -> None:
    rows = platform.interactions
    early, late = before(rows, MOMENT), within(rows, TimeWindow(start=MOMENT))
    assert len(early) + len(late) == len(rows)
    assert early.time.max() < to_microseconds(MOMENT) <= late.time.min()
    assert len(data_before(platform, MOMENT).interactions) == len(early)


def test_sampled_negatives_are_nobodys_acts(make_interactions: Callable[..., Interactions]) -> None:
    rows = make_interactions([(0, 0, "apply", 1), (0, 1, "sampled_negative", 1), (0, 2, "dislike", 2)])
    assert done_by_people(rows).tolist() == [True, False, True]
