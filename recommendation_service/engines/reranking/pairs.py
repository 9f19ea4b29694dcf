"""Pairs of a person and a startup to be ranked, and their entries in sparse tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from recommendation_service.engines.types import BoolArray, FloatArray

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """P pairs, in order of user and column.

    Attributes:
        user: int64 [P], place in the batch of users.
        column: int64 [P], column of the catalogue.
        users: How many users the batch has (B).
    """

    user: Rows
    column: Rows
    users: int

    def __len__(self) -> int:
        return len(self.user)

    @classmethod
    def of_mask(cls, chosen: BoolArray) -> Pairs:
        """The pairs that are True in a mask [B, N]."""
        user, column = np.nonzero(chosen)
        return cls(user=user, column=column, users=chosen.shape[0])

    @property
    def counts(self) -> Rows:
        """int64 [B]: how many pairs each user has."""
        return np.bincount(self.user, minlength=self.users)

    def scatter(self, values: FloatArray, width: int) -> FloatArray:
        """float32 [B, width]: the value of each pair at its place, -inf elsewhere."""
        table = np.full((self.users, width), -np.inf, dtype=np.float32)
        table[self.user, self.column] = values
        return table


def entries_of(rows: Rows, table: csr_matrix) -> tuple[Rows, Rows]:
    """All entries of some rows of a sparse table, row after row.

    Returns:
        Which of `rows` each entry belongs to (its position), and the column of the entry; both int64 [E].
    """
    starts = table.indptr[rows].astype(np.int64)
    counts = table.indptr[rows + 1] - starts
    owner = np.repeat(np.arange(len(rows)), counts)
    first = np.cumsum(counts) - counts
    entries = np.arange(int(counts.sum())) + np.repeat(starts - first, counts)
    return owner, table.indices[entries].astype(np.int64)
