"""Which slot a value has: the most frequent values one each, all others together in one last slot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Self

import numpy as np

from recommendation_service.engines.types import FloatArray


class Vocabulary:
    """The values of one feature group, most frequent first; the last slot is for what is not among them."""

    def __init__(self, values: Sequence[str], width: int) -> None:
        """Take over known values.

        Args:
            values: At most `width - 1`, normalised and distinct.
            width: Slots in all; the last is the out-of-vocabulary slot.
        """
        if len(values) > width - 1 or len(set(values)) != len(values):
            raise ValueError(f"{width} slots hold at most {width - 1} distinct values, got {list(values)!r}")
        self.values = tuple(values)
        self.width = width

    @classmethod
    def fit(cls, rows: Iterable[Iterable[str]], width: int) -> Self:
        """Count each value once per row; ties are broken alphabetically."""
        counts: Counter[str] = Counter()
        for row in rows:
            counts.update({normalise(value) for value in row})
        del counts[""]
        ranked = sorted(counts, key=lambda value: (-counts[value], value))
        return cls(ranked[: width - 1], width)

    @cached_property
    def _slots(self) -> dict[str, int]:
        return {value: slot for slot, value in enumerate(self.values)}

    def multi_hot(self, rows: Iterable[Iterable[str]]) -> FloatArray:
        """Float32 [R, width], each row of unit length, so that many values weigh no more than one; no values, zeros."""
        given = list(rows)
        block = np.zeros((len(given), self.width), dtype=np.float32)
        self.mark(block, given)
        return block

    def mark(self, block: FloatArray, rows: Iterable[Iterable[str]]) -> None:
        """As `multi_hot`, into zeros float32 [R, width]."""
        for line, row in zip(block, rows, strict=True):
            slots, value = self.marks(row)
            if len(slots) == 1:
                line[slots[0]] = value
            elif slots:
                line[slots] = value

    def marks(self, row: Iterable[str]) -> tuple[list[int], float]:
        """Distinct slots of a row's values, and what stands in each of them."""
        known, out_of_vocabulary = self._slots, self.width - 1
        slots = list({known.get(value, out_of_vocabulary) for raw in row if (value := normalise(raw))})
        return slots, _share(len(slots)) if len(slots) > 1 else 1.0


@lru_cache(maxsize=1024)
def _share(count: int) -> float:
    """With which so many slots have length 1."""
    return float(np.float32(1) / np.sqrt(np.float32(count)))


@lru_cache(maxsize=65_536)
def normalise(value: str) -> str:
    """Case and surrounding space do not make another value."""
    return value.strip().casefold()
