"""Rows of one table to which more are added without copying those that are there.

Whoever holds an earlier, shorter view goes on seeing what they saw.
"""

from __future__ import annotations

from threading import Lock
from typing import Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

SPARE_SHARE = 0.1
LEAST_SPARE = 256


class GrowingRows:
    """A buffer of which a part is in use; safe to share between threads."""

    def __init__(self, buffer: Floats, used: int) -> None:
        """Take over a buffer.

        Args:
            buffer: float32 [C, D]; rows from `used` on are written to. Pages of a private mapping that nobody writes
                stay shared with whoever else maps the file.
            used: How many rows hold something.
        """
        self._buffer = buffer
        self._used = used
        self._lock = Lock()

    @classmethod
    def holding(cls, rows: Floats) -> Self:
        """A copy of the rows with room for more behind them; room that is never used takes no memory."""
        buffer = np.empty((len(rows) + spare_rows(len(rows)), rows.shape[1]), dtype=np.float32)
        buffer[: len(rows)] = rows
        return cls(buffer, len(rows))

    @property
    def used(self) -> int:
        """How many rows hold something."""
        return self._used

    def first(self, count: int) -> Floats:
        """A view of the first `count` rows, read only."""
        view = self._buffer[:count]
        view.flags.writeable = False
        return view

    def grown(self, after: int, rows: Floats) -> GrowingRows:
        """The first `after` rows and then these: this very buffer where nothing else was added there before.

        Args:
            after: How many rows to keep; no more than are in use.
            rows: float32 [R, D].
        """
        with self._lock:
            end = after + len(rows)
            if after == self._used and end <= len(self._buffer):
                self._buffer[after:end] = rows
                self._used = end
                return self
        return GrowingRows.holding(np.concatenate([self._buffer[:after], rows]))


def spare_rows(count: int) -> int:
    """How much room is left behind so many rows."""
    return max(LEAST_SPARE, int(count * SPARE_SHARE))
