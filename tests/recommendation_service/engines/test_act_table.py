from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from recommendation_service.engines.act_table import ActTable
from recommendation_service.engines.histories import Histories
from recommendation_service.engines.timeline import from_microseconds
from recommendation_service.engines.types import TrainingData, UserState

FIELDS = ("person", "startup", "label", "kind", "time", "as_of")


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_rows_and_states_tell_the_same(platform: TrainingData, share: float) -> None:
    """Training reads the rows of everybody, serving the histories of those who ask."""
    histories = Histories(platform)
    moment = from_microseconds(int(np.quantile(platform.interactions.time, share)))
    users = np.arange(3, len(platform.users), 2)
    states = [histories.state(user, moment) for user in users.tolist()]
    row_of = {startup.id: row for row, startup in enumerate(platform.startups)}
    trained = ActTable.of_rows(histories.acts, users, moment)
    served = ActTable.of_states(states, row_of, moment)
    assert trained.people == served.people == len(users)
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(trained, field), getattr(served, field), err_msg=field)
        assert getattr(trained, field).dtype == getattr(served, field).dtype


def test_startups_that_nobody_knows_are_left_out(platform: TrainingData) -> None:
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    state = Histories(platform).state(0, moment)
    table = ActTable.of_states([state], {state.history[1].startup_id: 7}, moment)
    assert table.startup.tolist() == [7]
    assert table.time.tolist() == [int(state.history[1].time.timestamp() * 1e6)]


def test_age_is_counted_from_the_moment_of_the_person(platform: TrainingData) -> None:
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    state = Histories(platform).state(0, moment)
    row_of = {startup.id: row for row, startup in enumerate(platform.startups)}
    own = ActTable.of_states([state], row_of, datetime(2031, 1, 1, tzinfo=UTC))
    timeless = UserState(record=state.record, history=state.history)
    np.testing.assert_array_equal(own.age_days, ActTable.of_states([timeless], row_of, moment).age_days)
    assert own.age_days[0] == pytest.approx((moment - state.history[0].time).total_seconds() / 86_400)
