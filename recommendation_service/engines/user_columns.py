"""Some columns of a catalogue for each of many users, as one flat table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.types import BoolArray, FloatArray

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UserColumns:
    """Entries (user, column, value) in order of user and column; each pair at most once.

    Attributes:
        starts: int64 [U + 1]; the entries of user u are `starts[u]:starts[u + 1]`.
        columns: int64 [E].
        values: float32 [E].
    """

    starts: Rows
    columns: Rows
    values: FloatArray

    @classmethod
    def build(cls, *, users: Rows, columns: Rows, values: FloatArray, user_count: int) -> UserColumns:
        """Group entries by user (0..U-1); of several for the same user and column the highest value stays."""
        order = np.lexsort((-values, columns, users))
        users, columns, values = users[order], columns[order], values[order]
        first = np.ones(len(users), dtype=np.bool_)
        first[1:] = (users[1:] != users[:-1]) | (columns[1:] != columns[:-1])
        starts = np.searchsorted(users[first], np.arange(user_count + 1))
        return cls(starts=starts, columns=columns[first], values=values[first])

    @property
    def counts(self) -> Rows:
        """int64 [U]: how many entries each user has."""
        return np.diff(self.starts)

    @property
    def owners(self) -> Rows:
        """int64 [E]: the user of each entry."""
        return np.repeat(np.arange(len(self.starts) - 1), self.counts)

    def dense(self, users: slice, width: int) -> FloatArray:
        """float32 [B, width]: the values of a run of users, 0 where there is no entry."""
        rows, columns, values = self._entries(users)
        table = np.zeros((users.stop - users.start, width), dtype=np.float32)
        table[rows, columns] = values
        return table

    def mask(self, users: slice, width: int) -> BoolArray:
        """bool [B, width]: whether a run of users has an entry."""
        rows, columns, _ = self._entries(users)
        table = np.zeros((users.stop - users.start, width), dtype=np.bool_)
        table[rows, columns] = True
        return table

    def _entries(self, users: slice) -> tuple[Rows, Rows, FloatArray]:
        """Row within the run, column and value of each entry of a run of users."""
        entries = slice(int(self.starts[users.start]), int(self.starts[users.stop]))
        rows = np.repeat(np.arange(users.stop - users.start), self.counts[users])
        return rows, self.columns[entries], self.values[entries]

    def of(self, users: Rows) -> tuple[Rows, Rows, FloatArray]:
        """Place in `users`, column and value of every entry of these users."""
        counts = self.counts[users]
        rows = np.repeat(np.arange(len(users)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        entries = self.starts[users][rows] + within
        return rows, self.columns[entries], self.values[entries]

    def mask_of(self, users: Rows, width: int) -> BoolArray:
        """bool [B, width]: whether these users have an entry."""
        rows, columns, _ = self.of(users)
        table = np.zeros((len(users), width), dtype=np.bool_)
        table[rows, columns] = True
        return table

    def best_values(self, places: int) -> npt.NDArray[np.float64]:
        """float64 [U, places]: each user's highest values, descending, then 0."""
        order = np.lexsort((-self.values, self.owners))
        place = np.arange(len(order)) - self.starts[self.owners]
        kept = place < places
        table = np.zeros((len(self.starts) - 1, places))
        table[self.owners[kept], place[kept]] = self.values[order][kept]
        return table

    def narrow(self, *, users: BoolArray, column_of: Rows) -> UserColumns:
        """The entries of some users (bool [U]) in some columns (int64 [N]: new column or -1), both renumbered."""
        kept = users[self.owners] & (column_of[self.columns] >= 0)
        return UserColumns.build(
            users=(np.cumsum(users) - 1)[self.owners[kept]],
            columns=column_of[self.columns[kept]],
            values=self.values[kept],
            user_count=int(users.sum()),
        )
