from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np

from recommendation_service.engines.histories import Histories, user_states
from recommendation_service.engines.timeline import from_microseconds
from recommendation_service.engines.types import INTERACTION_KINDS, Interactions, TrainingData


def test_equals_reading_every_row(platform: TrainingData) -> None:
    rows = platform.interactions
    as_of = from_microseconds(int(np.median(rows.time)))
    users = np.arange(len(platform.users))
    for user, state in zip(users.tolist(), user_states(platform, users, as_of), strict=True):
        expected = [
            (platform.startups[rows.startup[row]].id, INTERACTION_KINDS[rows.kind[row]], float(rows.label[row]))
            for row in range(len(rows))
            if rows.user[row] == user
            and from_microseconds(rows.time[row]) < as_of
            and INTERACTION_KINDS[rows.kind[row]] != "sampled_negative"
        ]
        assert [(item.startup_id, item.kind, item.label) for item in state.history] == expected
        assert state.record is platform.users[user]
        assert state.as_of == as_of


def test_the_moment_itself_is_not_history(
    platform: TrainingData, make_interactions: Callable[..., Interactions]
) -> None:
    data = replace(platform, interactions=make_interactions([(0, 3, "apply", 1000), (0, 4, "view", 2000)]))
    histories = Histories(data)
    at = from_microseconds(1000)
    assert histories.state(0, at).history == ()
    assert [item.startup_id for item in histories.state(0, at + timedelta(microseconds=1)).history] == [
        platform.startups[3].id
    ]
    assert histories.state(1, at).history == ()


def test_dislikes_are_history_and_sampled_negatives_are_not(
    platform: TrainingData, make_interactions: Callable[..., Interactions]
) -> None:
    rows = [(0, 1, "dislike", 1), (0, 2, "sampled_negative", 2), (0, 3, "like", 3)]
    histories = Histories(replace(platform, interactions=make_interactions(rows)))
    assert [item.kind for item in histories.state(0, from_microseconds(10)).history] == ["dislike", "like"]
