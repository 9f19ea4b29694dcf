from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines import bootstrap
from recommendation_service.engines.bootstrap import Interval, intervals, resampled_means


def values_of(seed: int, users: int = 200) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.3, 0.2, size=(users, 2))


def test_equals_resampling_row_by_row() -> None:
    values = values_of(1, users=30)
    means = resampled_means(values, resamples=50, rng=np.random.default_rng(7))
    drawn = np.random.default_rng(7).integers(30, size=(50, 30))
    np.testing.assert_allclose(means, values[drawn].mean(axis=1))


def test_the_same_seed_gives_the_same_draws_in_one_piece_or_many(monkeypatch: pytest.MonkeyPatch) -> None:
    values = values_of(2)
    whole = resampled_means(values, resamples=100, rng=np.random.default_rng(3))
    monkeypatch.setattr(bootstrap, "_CELLS_PER_CHUNK", 1000)
    np.testing.assert_allclose(resampled_means(values, resamples=100, rng=np.random.default_rng(3)), whole)


def test_columns_are_resampled_in_pairs() -> None:
    values = values_of(4)
    paired = np.stack([values[:, 0], values[:, 0] + 0.5], axis=1)
    means = resampled_means(paired, resamples=100, rng=np.random.default_rng(0))
    np.testing.assert_allclose(means[:, 1] - means[:, 0], 0.5)


def test_a_mean_has_the_width_that_theory_expects() -> None:
    values = values_of(5, users=2000)
    means = resampled_means(values, resamples=2000, rng=np.random.default_rng(0))
    standard_error = values[:, 0].std() / np.sqrt(2000)
    interval = intervals(values, means)[0]
    assert interval.mean == pytest.approx(values[:, 0].mean())
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * standard_error, rel=0.1)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        sample = rng.exponential(1.0, size=(80, 1))
        interval = intervals(sample, resampled_means(sample, resamples=200, rng=rng), confidence=0.9)[0]
        held += interval.low <= 1.0 <= interval.high
    assert 0.8 <= held / 200 <= 0.97


def test_a_wider_confidence_is_a_wider_interval() -> None:
    values = values_of(6)
    means = resampled_means(values, resamples=500, rng=np.random.default_rng(0))
    narrow, wide = intervals(values, means, confidence=0.5)[0], intervals(values, means, confidence=0.99)[0]
    assert wide.low < narrow.low < narrow.high < wide.high


def test_one_user_has_no_spread() -> None:
    values = np.array([[0.4]])
    assert intervals(values, resampled_means(values, resamples=10, rng=np.random.default_rng(0))) == [
        Interval(mean=0.4, low=0.4, high=0.4)
    ]


def test_nobody_gives_zeros_rather_than_nan() -> None:
    values = np.zeros((0, 2))
    means = resampled_means(values, resamples=5, rng=np.random.default_rng(0))
    assert means.tolist() == [[0.0, 0.0]] * 5
    assert intervals(values, means) == [Interval(mean=0.0, low=0.0, high=0.0)] * 2


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(0.1, 0.2, True), (-0.2, -0.1, True), (-0.1, 0.1, False), (0.0, 0.1, False)]
)
def test_a_difference_beyond_chance_excludes_zero(low: float, high: float, expected: bool) -> None:
    assert Interval(mean=0.0, low=low, high=high).excludes_zero is expected
