from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommendation_service.engines.recommender import top_k
from recommendation_service.engines.selection import bar, bars, best_columns, keep_allowed, keep_out, reaching
from recommendation_service.engines.types import FloatArray

SCORES = arrays(
    np.float32,
    st.integers(1, 60),
    elements=st.sampled_from([-np.inf, -2.0, -1.0, -0.0, 0.0, 0.5, 1.0, 3.0, np.inf]),
)


def sorted_columns(scores: FloatArray, k: int) -> list[int]:
    order = sorted(range(len(scores)), key=lambda column: (-float(scores[column]), column))
    return [column for column in order if scores[column] > -np.inf][:k]


@given(SCORES, st.integers(1, 70))
@settings(deadline=None)
def test_the_best_are_those_of_a_sort(scores: FloatArray, k: int) -> None:
    assert best_columns(scores, k).tolist() == sorted_columns(scores, k)


@pytest.mark.parametrize("size", [1_000, 4_000, 50_001])
@pytest.mark.parametrize("kinds", [5, 10**6])
def test_long_rows_agree_with_a_sort_ties_or_not(size: int, kinds: int) -> None:
    scores = np.random.default_rng(size).integers(kinds, size=size).astype(np.float32)
    for k in (1, 10, 100, 999):
        assert best_columns(scores, k).tolist() == sorted_columns(scores, k)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99, 1.0])
def test_what_is_not_allowed_is_set_to_minus_infinity(share: float) -> None:
    rng = np.random.default_rng(0)
    scores, allowed = rng.standard_normal(500).astype(np.float32), rng.random(500) < share
    expected = np.where(allowed, scores, -np.inf)
    keep_allowed(scores, allowed)
    np.testing.assert_array_equal(scores, expected)


def test_top_k_leaves_the_scores_as_they_were_and_drops_nan() -> None:
    scores = np.array([[1.0, np.nan, 3.0, -np.inf], [0.0, 0.0, 0.0, 0.0]], dtype=np.float32)
    before = scores.copy()
    ranking = top_k(scores, 3, np.array([[True, True, True, True], [False, True, True, False]]))
    np.testing.assert_array_equal(scores, before)
    assert ranking.columns.tolist() == [[2, 0, -1], [1, 2, -1]]
    assert ranking.scores.tolist() == [[3.0, 1.0, -np.inf], [0.0, 0.0, -np.inf]]


@pytest.mark.parametrize("kind", [np.float32, np.int32])
@pytest.mark.parametrize("share", [0.5, 0.99])
def test_what_is_not_allowed_never_reaches_anything(kind: Any, share: float) -> None:
    rng = np.random.default_rng(0)
    scores, allowed = rng.integers(-50, 50, 400).astype(kind), rng.random(400) < share
    expected = [np.flatnonzero(allowed & (scores >= least)).tolist() for least in (-60, -3, 7)]
    keep_allowed(scores, allowed)
    assert [reaching(scores, least).tolist() for least in (-np.inf, -3, 7)] == expected
    keep_out(scores, np.flatnonzero(allowed))
    assert not len(reaching(scores, -np.inf))


def test_a_whole_number_reaches_the_fraction_right_above_it() -> None:
    """What decides is a bound, and a bound may be off upwards only."""
    assert reaching(np.array([1, 2, 3], dtype=np.int32), 2.5).tolist() == [1, 2]


@pytest.mark.parametrize("size", [20, 3000, 20_011])
@pytest.mark.parametrize("k", [1, 7, 21, 40])
def test_each_of_many_has_a_bar_that_k_scores_reach_and_few_others(size: int, k: int) -> None:
    scores = np.random.default_rng(size).standard_normal((size, 5)).astype(np.float32)
    scores[:, 3] = -np.inf
    scores[::4, 4] = np.nan
    found = bars(scores, k)
    assert found[:3].tolist() == [bar(np.ascontiguousarray(row), k) for row in scores.T[:3]]
    assert found[3] == -np.inf
    reached = (scores >= found).sum(axis=0)
    assert (reached[[0, 1, 2, 4]] >= min(k, size - size // 4 - 1)).all()
    assert (reached[[0, 1, 2]] <= max(3 * k, size if k >= size else 0)).all()
