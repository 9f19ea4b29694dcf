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


def weighted_sum(table: csr_matrix, rows: Rows, weights: FloatArray) -> FloatArray:
    """float32 [V]: the sum of some rows of a table [R, V], each times its weight."""
    place, columns, values = entries_of(table, rows)
    total = np.bincount(columns, weights=weights[place] * values, minlength=table.shape[1])
    return total.astype(np.float32)
