from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from recommendation_service.engines.beyond_accuracy import (
    diversity,
    exposure,
    exposure_share,
    gini,
    most_popular,
    novelty,
    self_information,
)

LISTS = np.array([[0, 1, 2], [1, -1, -1], [-1, -1, -1]], dtype=np.int32)


def unit(rows: list[list[float]]) -> csr_matrix:
    table = np.array(rows, dtype=np.float64)
    return csr_matrix(table / np.linalg.norm(table, axis=1, keepdims=True))


def test_what_everybody_knows_is_no_surprise() -> None:
    bits = self_information(np.array([7, 3, 0]), people=7)
    np.testing.assert_allclose(bits, [0.0, 1.0, 3.0])


def test_novelty_by_hand() -> None:
    bits = np.array([0.0, 1.0, 3.0])
    assert novelty(LISTS, bits, 3).tolist() == [4 / 3, 1.0, 0.0]
    assert novelty(LISTS, bits, 1).tolist() == [0.0, 1.0, 0.0]


def test_diversity_by_hand() -> None:
    features = unit([[1, 0], [0, 1], [1, 1]])
    expected = 1 - (0 + 2 * math.sqrt(0.5)) / 3
    np.testing.assert_allclose(diversity(LISTS, features, 3), [expected, 0.0, 0.0])
    np.testing.assert_allclose(diversity(LISTS, features, 2), [1.0, 0.0, 0.0])


def test_the_same_startups_over_again_are_not_diverse() -> None:
    np.testing.assert_allclose(diversity(LISTS, unit([[1, 2]] * 3), 3), 0.0, atol=1e-12)


def test_diversity_equals_the_mean_over_pairs() -> None:
    rng = np.random.default_rng(0)
    features = unit(rng.random((30, 5)).tolist())
    columns = np.stack([rng.permutation(30)[:8] for _ in range(10)]).astype(np.int32)
    columns[3, 5:] = -1
    dense = features.toarray()
    for k in (2, 5, 8):
        expected = [
            np.mean([1 - dense[a] @ dense[b] for a, b in itertools.combinations(row[:k][row[:k] >= 0], 2)])
            for row in columns
        ]
        np.testing.assert_allclose(diversity(columns, features, k), expected, rtol=0, atol=1e-9)


def test_exposure_counts_the_lists_a_startup_is_in() -> None:
    assert exposure(LISTS, 5, 3).tolist() == [1, 2, 1, 0, 0]
    assert exposure(LISTS, 5, 1).tolist() == [1, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("exposures", "expected"),
    [([5, 5, 5, 5], 0.0), ([0, 0, 0, 8], 3 / 4), ([0, 0], 0.0), ([1, 3], 1 / 4), ([1, 2, 3, 4], 1 / 4)],
)
def test_gini_by_hand(exposures: list[int], expected: float) -> None:
    assert gini(np.array(exposures)) == pytest.approx(expected)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30))
def test_gini_is_half_the_relative_mean_difference(exposures: list[int]) -> None:
    values = np.array(exposures)
    if not values.sum():
        return
    differences = np.abs(values[:, None] - values[None, :]).mean()
    assert gini(values) == pytest.approx(differences / 2 / values.mean(), abs=1e-12)


def test_exposure_share_by_hand() -> None:
    exposures = np.array([1, 2, 1, 0, 0])
    assert exposure_share(exposures, np.array([False, True, False, False, True])) == 0.5
    assert exposure_share(np.zeros(5, dtype=np.int64), np.ones(5, dtype=np.bool_)) == 0.0


def test_the_most_popular_are_a_share_of_the_catalogue() -> None:
    actors = np.array([3, 9, 9, 1])
    assert most_popular(actors).tolist() == [False, True, False, False]
    assert most_popular(actors, 0.5).tolist() == [False, True, True, False]
