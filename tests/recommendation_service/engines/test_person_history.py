from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendation_service.engines.person_history import INTERACTION_KINDS, NOTHING_DONE, History, HistoryItem
from recommendation_service.engines.types import UserRecord, UserState

MOMENTS = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))
ITEMS = st.lists(
    st.builds(
        HistoryItem,
        startup_id=st.text(max_size=5),
        kind=st.sampled_from(INTERACTION_KINDS),
        label=st.floats(0, 1),
        time=MOMENTS,
    ),
    max_size=6,
)


@given(ITEMS)
def test_what_is_packed_comes_out_as_it_was(items: list[HistoryItem]) -> None:
    history = History.of(items)
    assert list(history) == items
    assert [history[place] for place in range(len(items))] == items
    assert list(history[1:]) == items[1:]
    assert list(reversed(history)) == items[::-1]
    assert history == tuple(items)
    assert hash(history) == hash(tuple(items))
    assert deepcopy(history) == history


@given(ITEMS, ITEMS)
def test_histories_are_equal_where_their_items_are(one: list[HistoryItem], other: list[HistoryItem]) -> None:
    assert (History.of(one) == History.of(other)) == (one == other)


def test_a_history_stays_itself_and_no_list_equals_it() -> None:
    assert History.of(NOTHING_DONE) is NOTHING_DONE
    assert NOTHING_DONE != []
    assert NOTHING_DONE == ()


def test_moments_of_any_zone_are_kept_to_the_microsecond() -> None:
    east = datetime(2026, 1, 1, 3, 0, 0, 123456, tzinfo=timezone(timedelta(hours=3)))
    history = History.of([HistoryItem(startup_id="a", kind="like", label=0.8, time=east)])
    assert history[0].time == datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)
    assert history.time.tolist() == [1_767_225_600_123_456]


def test_an_act_that_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError, match="shrug"):
        History.of([HistoryItem(startup_id="a", kind="shrug", label=0.8, time=datetime.now(UTC))])


def test_a_person_holds_what_they_did_in_arrays() -> None:
    item = HistoryItem(startup_id="a", kind="view", label=0.4, time=datetime(2026, 1, 1, tzinfo=UTC))
    state = UserState(record=UserRecord(id="u", role="student"), history=(item,))
    assert state.history.startup_ids == ("a",)
    np.testing.assert_array_equal(state.history.label, [0.4])
    assert state.without_acts().history == ()
