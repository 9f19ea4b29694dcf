from __future__ import annotations

import numpy as np

from recommendation_service.engines.retrieval.exact_index import ExactIndex
from recommendation_service.engines.retrieval.scans import Lengths, Looked
from recommendation_service.engines.types import FloatArray

BOUND = 0.3


class WorstScan:
    """As far off as its bound allows, where it hurts most: the best look worse than they are, all others better."""

    def __init__(self, vectors: FloatArray, best: int) -> None:
        self.vectors, self.best = vectors, best

    def look(self, queries: FloatArray, length: Lengths) -> Looked:
        products = queries @ self.vectors.T
        true_bar = np.sort(products, axis=1)[:, [-self.best]]
        off = np.where(products >= true_bar, -BOUND, BOUND).astype(np.float32)
        ones = np.ones(len(queries))
        return Looked(values=products + off, units=ones, bounds=1.0001 * BOUND * ones, roundings=1e-6 * ones)


def test_where_one_bound_is_not_enough_two_are_taken() -> None:
    """What looks best is not: the k-th best of what was looked at first is too bad to rule the others out."""
    rng = np.random.default_rng(0)
    vectors, queries = rng.standard_normal((2, 1500, 8), dtype=np.float32)
    queries = queries[:20]
    index = ExactIndex(vectors, compress=False)
    expected = index.search(queries, 10)
    index._scan = WorstScan(vectors, 10)
    found = index.search(queries, 10)
    np.testing.assert_array_equal(found.columns, expected.columns)
    np.testing.assert_array_equal(found.scores, expected.scores)
