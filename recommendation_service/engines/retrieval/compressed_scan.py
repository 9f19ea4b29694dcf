"""A scan of vectors in 8 bits: a quarter of the bytes, products of whole numbers, and a proven bound.

With x = s*X + dx and q = t*Q + dq, X and Q whole numbers, the product q.x is within |q||dx| + |dq||s*X| of s*t*Q.X
(Cauchy-Schwarz), and Q.X comes out of the matrix product exactly. Ranks are decided by the true products of all that
the bound cannot rule out, so the list is that of the full scan.
"""

from __future__ import annotations

import numkong
import numpy as np

from recommendation_service.engines.retrieval.scans import (
    ROWS_AT_ONCE,
    Lengths,
    Looked,
    length_of,
    lengths,
    rounding_bound,
)
from recommendation_service.engines.types import BoolArray, FloatArray, IntArray

_LEVELS = np.float32(127)
_WIDEST = 2**24 // 127**2
"""Wider sums would not stay exact as float32, which some who look go on with."""
_ROUNDING = 4 * rounding_bound(1)
"""Of a difference between a value and its level, in parts of the value."""
_TINY = np.float32(1e-30)
"""Values below are zero for a scan; the inverse of their steps would not be finite."""


def can_compress(width: int) -> bool:
    """Whether the sums of such vectors stay exact."""
    return width <= _WIDEST


class CompressedScan:
    """Vectors as whole numbers in -127..127, packed for the processor."""

    def __init__(self, vectors: FloatArray, rankable: BoolArray) -> None:
        """Compress vectors [N, D], N at least 1; those that cannot rank become zeros."""
        self._unit = max(_largest(vectors, rankable), float(_TINY)) / 127
        self._longest = self._farthest = 0.0
        levels = np.zeros(vectors.shape, dtype=np.int8)
        for start in range(0, len(vectors), ROWS_AT_ONCE):
            run = slice(start, start + ROWS_AT_ONCE)
            levels[run] = self._compress(_zeroed(vectors[run], rankable[run]))
        self._packed = numkong.dots_pack(levels, dtype="int8")

    def look(self, queries: FloatArray, length: Lengths) -> Looked:
        """Products with finite queries float32 [B, D] of these lengths [B].

        Queries are few, mostly one: plain numbers cost less than arrays of them.
        """
        levels = np.empty(queries.shape, dtype=np.int8)
        units, bounds = np.empty((2, len(queries)))
        for row, query in enumerate(queries):
            step = max(np.abs(query).max(initial=0), _TINY) / _LEVELS
            whole = np.rint(query / step)
            levels[row] = whole
            missed = length_of(query - whole * step) + _ROUNDING * length[row]
            units[row] = float(step) * self._unit
            bounds[row] = missed * (self._longest + self._farthest) + length[row] * self._farthest
        values: IntArray = np.asarray(numkong.dots_packed(levels, self._packed))
        return Looked(
            values=values,
            units=units,
            bounds=bounds,
            roundings=rounding_bound(queries.shape[1]) * self._longest * length,
        )

    def _compress(self, vectors: FloatArray) -> FloatArray:
        """Levels of some vectors; how far they are off is taken into account, the rounding of that as well."""
        levels: FloatArray = np.rint(vectors * np.float32(1 / self._unit))
        length = float(lengths(vectors).max())
        missed = float(lengths(vectors - levels * np.float32(self._unit)).max())
        self._longest = max(self._longest, length)
        self._farthest = max(self._farthest, missed + _ROUNDING * length)
        return levels


def _zeroed(vectors: FloatArray, rankable: BoolArray) -> FloatArray:
    return vectors if rankable.all() else np.where(rankable[:, None], vectors, np.float32(0))


def _largest(vectors: FloatArray, rankable: BoolArray) -> float:
    """The largest absolute value of all that can rank."""
    largest = 0.0
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        run = slice(start, start + ROWS_AT_ONCE)
        finite = _zeroed(vectors[run], rankable[run])
        largest = max(largest, float(finite.max()), -float(finite.min()))
    return largest
