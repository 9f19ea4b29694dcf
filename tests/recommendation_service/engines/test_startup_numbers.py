from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from recommendation_service.engines.act_ledger import ActLedger
from recommendation_service.engines.startup_numbers import NUMBERS, startup_numbers
from recommendation_service.engines.types import Interactions, StartupRecord

START = datetime(2025, 1, 1, tzinfo=UTC)
NOW = START + timedelta(days=20)
STARTUPS = [
    StartupRecord(id="old", opened_at=START, founded_on=date(2024, 12, 2)),
    StartupRecord(id="new", opened_at=START + timedelta(days=30), founded_on=date(2025, 1, 31)),
]


def microseconds(days: float) -> int:
    return int((START + timedelta(days=days)).timestamp() * 1e6)


def numbers_of(acts: Interactions, known: list[int], startups: list[StartupRecord] = STARTUPS) -> dict[str, np.ndarray]:
    ledger = ActLedger.of(acts, np.arange(2), 2)
    found = startup_numbers(startups, np.array(known), ledger, as_of=NOW, half_life_days=8.0)
    assert found.dtype == np.float32
    return dict(zip(NUMBERS, found.T, strict=True))


def test_by_hand(make_interactions: Callable[..., Interactions]) -> None:
    """An application four days ago and a dislike; the mean label is shrunk towards 0.5 by two acts."""
    acts = make_interactions([(0, 0, "apply", microseconds(16)), (1, 0, "dislike", microseconds(18))])
    found = numbers_of(acts, [0, -1])
    expected = {
        "liked": [np.log(2), 0],
        "liked_lately": [np.log(1.5), 0],
        "liked_just_now": [np.log1p(0.5**4), 0],
        "disliked": [np.log(2), 0],
        "no_acts": [0, 1],
        "days_open": [np.log(21), 0],
        "not_yet_open": [0, 1],
        "age": [np.log(51), 0],
        "age_unknown": [0, 1],
        "liked_per_day": [np.log(2) - np.log(21), 0],
        "mean_label": [(1 + 2 * 0.5) / 4, 0.5],
    }
    assert tuple(expected) == NUMBERS
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5, err_msg=name)


def test_the_future_does_not_count(make_interactions: Callable[..., Interactions]) -> None:
    acts = [(0, 0, "apply", microseconds(16))]
    later = [(1, 0, "apply", microseconds(20)), (1, 1, "apply", microseconds(25))]
    moved = [STARTUPS[0], replace(STARTUPS[1], opened_at=START + timedelta(days=50), founded_on=date(2025, 2, 20))]
    now = numbers_of(make_interactions(acts), [0, 1])
    then = numbers_of(make_interactions(acts + later), [0, 1], moved)
    for name in NUMBERS:
        np.testing.assert_array_equal(now[name], then[name], err_msg=name)


def test_nothing_at_all(make_interactions: Callable[..., Interactions]) -> None:
    found = numbers_of(make_interactions([]), [-1, -1])
    assert all(np.isfinite(values).all() for values in found.values())
