from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines.retrieval.compressed_scan import CompressedScan, can_compress
from recommendation_service.engines.retrieval.exact_index import ExactIndex
from recommendation_service.engines.retrieval.scans import FullScan, lengths, measure, products
from recommendation_service.engines.types import FloatArray

SHAPES = ["unit", "long_tailed", "one_large_value", "tiny", "huge", "equal", "zeros"]


def vectors_like(shape: str, count: int, width: int, seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((count, width))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    if shape == "long_tailed":
        rows *= rng.pareto(1.5, (count, 1)) + 0.01
    if shape == "one_large_value":
        rows[0, 0] = 1000.0
    scale = {"tiny": 1e-12, "huge": 1e15, "zeros": 0.0}.get(shape, 1.0)
    if shape == "equal":
        rows[:] = rows[0]
    return (rows * scale).astype(np.float32)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("scan", [CompressedScan, FullScan])
def test_no_product_is_farther_off_than_the_bound(scan: type, shape: str) -> None:
    vectors, queries = vectors_like(shape, 3000, 40, seed=0), vectors_like(shape, 7, 40, seed=1)
    rankable, longest = measure(vectors)
    looked = scan(vectors, rankable if scan is CompressedScan else longest).look(queries, lengths(queries))
    truth = queries.astype(np.float64) @ vectors.T.astype(np.float64)
    off = np.abs(looked.values * looked.units[:, None] - truth).max(axis=1)
    assert (off <= looked.bounds).all()


@pytest.mark.parametrize("width", [1, 3, 128, 385, 1000])
def test_products_of_levels_are_exact_whole_numbers(width: int) -> None:
    """The proof rests on it: what comes back is the product of the levels, not something near."""
    vectors = vectors_like("unit", 500, width, seed=0)
    queries = vectors_like("unit", 5, width, seed=1)
    looked = CompressedScan(vectors, np.ones(500, dtype=np.bool_)).look(queries, lengths(queries))
    levels = np.rint(vectors * np.float32(127 / np.abs(vectors).max())).astype(np.int64)
    steps = np.abs(queries).max(axis=1) / np.float32(127)
    asked = np.rint(queries / steps[:, None]).astype(np.int64)
    np.testing.assert_array_equal(looked.values.astype(np.int64), asked @ levels.T)


def test_sums_that_could_leave_float32_are_not_compressed() -> None:
    assert can_compress(128)
    assert not can_compress(5000)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("k", [1, 100])
def test_compressed_search_is_full_search(shape: str, k: int) -> None:
    vectors, queries = vectors_like(shape, 5000, 32, seed=2), vectors_like(shape, 20, 32, seed=3)
    vectors[17] = np.nan
    allowed = np.random.default_rng(4).random(5000) < 0.8
    compressed, full = ExactIndex(vectors).search(queries, k, allowed), ExactIndex(vectors, compress=False)
    expected = full.search(queries, k, allowed)
    np.testing.assert_array_equal(compressed.columns, expected.columns)
    np.testing.assert_array_equal(compressed.scores, expected.scores)


def test_one_by_one_or_together_the_list_is_the_same() -> None:
    vectors, queries = vectors_like("unit", 4000, 16, seed=2), vectors_like("unit", 30, 16, seed=3)
    for compress in (True, False):
        index = ExactIndex(vectors, compress=compress)
        together = index.search(queries, 20)
        for row in range(30):
            alone = index.search(queries[row : row + 1], 20)
            np.testing.assert_array_equal(alone.columns[0], together.columns[row])
            np.testing.assert_array_equal(alone.scores[0], together.scores[row])


def test_products_are_the_same_by_row_and_by_matrix() -> None:
    vectors, queries = vectors_like("unit", 200, 16, seed=2), vectors_like("unit", 30, 16, seed=3)
    np.testing.assert_allclose(products(queries, vectors), queries @ vectors.T, atol=1e-6)
    np.testing.assert_allclose(products(queries[:3], vectors), queries[:3] @ vectors.T, atol=1e-6)


def test_a_query_that_is_too_long_finds_nothing_and_warns_of_nothing() -> None:
    vectors = vectors_like("unit", 5000, 16, seed=2)
    queries = np.stack([vectors[0], np.full(16, 1e30, dtype=np.float32), np.full(16, np.inf, dtype=np.float32)])
    ranking = ExactIndex(vectors).search(queries, 5)
    assert ranking.columns[0, 0] == 0
    assert (ranking.columns[1:] == -1).all()
