"""Entries of a few rows of a sparse table, without the tables that scipy would make of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from recommendation_service.engines.types import FloatArray

Rows = npt.NDArray[np.int64]


def entries_of(table: csr_matrix, rows: Rows) -> tuple[Rows, Rows, FloatArray]:
    """Place in `rows`, column and value of every entry of these rows."""
    starts = table.indptr[rows].astype(np.int64)
    lengths = table.indptr[rows + 1] - starts
    first = np.cumsum(lengths) - lengths
    entries = np.arange(lengths.sum()) + np.repeat(starts - first, lengths)
    return np.repeat(np.arange(len(rows)), lengths), table.indices[entries].astype(np.int64), table.data[entries]


def weighted_sums(table: csr_matrix, rows: Rows, weights: FloatArray, groups: Rows, count: int) -> FloatArray:
    """float32 [count, V]: for each group the sum of its rows of a table [R, V], each times its weight.

    Args:
        table: Of all rows.
        rows: int64 [E].
        weights: float32 [E].
        groups: int64 [E] in 0..count-1.
        count: How many groups.
    """
    place, columns, values = entries_of(table, rows)
    width = table.shape[1]
    total = np.bincount(groups[place] * width + columns, weights=weights[place] * values, minlength=count * width)
    return total.reshape(count, width).astype(np.float32)
