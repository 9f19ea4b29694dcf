from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix, random_array

from recommendation_service.engines.sparse_rows import entries_of, product, products_of, weighted_sums

RNG = np.random.default_rng(5)
TABLE = random_array((9, 6), density=0.4, format="csr", rng=RNG, dtype=np.float32)


def test_entries_are_those_of_the_rows_in_turn() -> None:
    """A row may come twice, or have no entries."""
    rows = np.array([3, 0, 3, 8])
    place, columns, values = entries_of(TABLE, rows)
    found = np.zeros((len(rows), 6), dtype=np.float32)
    found[place, columns] = values
    np.testing.assert_array_equal(found, TABLE.toarray()[rows])


def test_sums_are_by_group() -> None:
    rows, groups = np.array([1, 4, 4, 7]), np.array([0, 0, 2, 2])
    weights = np.array([1.0, -2.0, 0.5, 3.0], dtype=np.float32)
    dense = TABLE.toarray()
    expected = np.stack([dense[1] - 2 * dense[4], np.zeros(6), 0.5 * dense[4] + 3 * dense[7]])
    np.testing.assert_allclose(weighted_sums(TABLE, rows, weights, groups, 3), expected, atol=1e-6)
    nothing = np.empty(0, dtype=np.int64)
    np.testing.assert_array_equal(weighted_sums(TABLE, nothing, weights[:0], nothing, 2), np.zeros((2, 6)))


def test_products_of_entries_are_products_of_rows() -> None:
    """Rows without entries, entries without a partner, and no rows at all."""
    one, other = np.array([3, 0, 8]), np.array([1, 3, 4, 8, 2])
    expected = TABLE.toarray()[one] @ TABLE.toarray()[other].T
    found = products_of(entries_of(TABLE, one), entries_of(TABLE, other), shape=(3, 5), width=6)
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.dtype == np.float32
    nothing = entries_of(TABLE, one[:0])
    assert products_of(nothing, entries_of(TABLE, other), shape=(0, 5), width=6).shape == (0, 5)


@pytest.mark.parametrize("columns", [1, 4, 5, 32])
def test_a_product_is_that_of_the_table_laid_out(columns: int) -> None:
    rng = np.random.default_rng(columns)
    table = random_array((50, 30), density=0.2, rng=rng, format="csr", dtype=np.float32)
    others = rng.standard_normal((columns, 30)).astype(np.float32).T
    found = product(csr_matrix(table), others)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, table.toarray().astype(np.float64) @ others, atol=1e-5)
