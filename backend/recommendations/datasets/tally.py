"""Counts the rows of the pairs file while they are written."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from contracts.interactions import SAMPLED_NEGATIVE, InteractionType
from recommendations.datasets.pair_blocks import KINDS, PairRows

_NOT_POSITIVE = (InteractionType.DISLIKE.value, SAMPLED_NEGATIVE)


@dataclass(slots=True)
class RowTally:
    """Rows by type, and the first and last moment among them in microseconds since 1970."""

    _counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(KINDS), dtype=np.int64))
    first: int | None = None
    last: int | None = None

    def add(self, rows: PairRows) -> None:
        """Count P rows."""
        if not len(rows):
            return
        self._counts += np.bincount(rows.kind, minlength=len(KINDS))
        first, last = int(rows.time.min()), int(rows.time.max())
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)

    @property
    def by_type(self) -> dict[str, int]:
        """Rows of each type, the strongest first."""
        return dict(zip(KINDS, self._counts.tolist(), strict=True))

    @property
    def positives(self) -> int:
        """Rows of something a person did that speaks for the startup."""
        return sum(rows for kind, rows in self.by_type.items() if kind not in _NOT_POSITIVE)
