"""Entries of a few rows of a sparse table, without the tables that scipy would make of them, and products with all."""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
import torch
from scipy.sparse import csr_matrix

from recommendation_service.engines.types import FloatArray

Rows = npt.NDArray[np.int64]
Entries = tuple[Rows, Rows, FloatArray]
"""Row, column and value of each entry of a sparse table."""

_UNUSED = -1
_FEW = 4
"""So many columns take scipy no longer than they take torch."""
_HAS_KERNELS: bool = torch.backends.mkl.is_available()  # type: ignore[no-untyped-call]


def product(table: csr_matrix, columns: FloatArray) -> FloatArray:
    """float32 [N, B]: a sparse table [N, V] times columns [V, B], many of them in half of scipy's time."""
    if columns.shape[1] <= _FEW or not _HAS_KERNELS:
        found: FloatArray = table @ columns
        return found
    return torch.mm(_shared(table), torch.from_numpy(columns)).numpy()


def _shared(table: csr_matrix) -> torch.Tensor:
    """The table for torch, in the same memory."""
    starts, columns, values = (torch.from_numpy(part) for part in (table.indptr, table.indices, table.data))
    return torch.sparse_csr_tensor(starts, columns, values, size=table.shape)


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torch says once that such tables are in beta state
    torch.sparse_csr_tensor(torch.tensor([0]), torch.tensor([], dtype=torch.int64), torch.tensor([]), size=(0, 0))


def entries_of(table: csr_matrix, rows: npt.NDArray[np.integer]) -> Entries:
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


def products_of(one: Entries, other: Entries, *, shape: tuple[int, int], width: int) -> FloatArray:
    """float32 [R, S]: the products of R rows with S rows of few entries each, none of which comes twice.

    Args:
        one: Of R rows.
        other: Of S rows.
        shape: (R, S).
        width: How many columns there are.
    """
    used = np.unique(one[1])
    slot_of = np.full(width, _UNUSED, dtype=np.int64)
    slot_of[used] = np.arange(len(used))
    left, right = (_dense(entries, rows, slot_of, len(used)) for entries, rows in zip((one, other), shape, strict=True))
    found: FloatArray = left @ right.T
    return found


def _dense(entries: Entries, rows: int, slot_of: Rows, slots: int) -> FloatArray:
    """float32 [rows, slots]: the entries whose columns have a slot."""
    row, column, value = entries
    slot = slot_of[column]
    has_one = slot != _UNUSED
    table = np.zeros((rows, slots), dtype=np.float32)
    table[row[has_one], slot[has_one]] = value[has_one]
    return table
