"""A scan of vectors in 8 bits: a quarter of the bytes, products of whole numbers, and a proven bound.

With x = s*X + dx and q = t*Q + dq, X and Q whole numbers, the product q.x is within |q||dx| + |dq||s*X| of s*t*Q.X
(Cauchy-Schwarz), and Q.X comes out of the matrix product exactly: its sums stay below 2^24. Ranks are decided by the
true products of all that the bound cannot rule out, so the list is that of the full scan.
"""

from __future__ import annotations

import numpy as np
import torch

from recommendation_service.engines.retrieval.scans import ROWS_AT_ONCE, Lengths, Looked, lengths, rounding_bound
from recommendation_service.engines.types import BoolArray, FloatArray

_VECTOR_LEVELS = 127
_QUERY_LEVELS = 63
"""7 bits: with 8, processors without VNNI would overflow their 16-bit sums of two products."""
_WIDEST = 2**24 // (_VECTOR_LEVELS * 2 * _QUERY_LEVELS)
_ROUNDING = 4 * rounding_bound(1)
"""Of a difference between a value and its level, in parts of the value."""
_TINY = np.float32(1e-30)
"""Values below are zero for a scan; the inverse of their steps would not be finite."""
_KERNELS = "onednn"


def can_compress(width: int) -> bool:
    """Whether this machine has the kernels, and the sums of such vectors stay exact."""
    return width <= _WIDEST and _KERNELS in torch.backends.quantized.supported_engines


class CompressedScan:
    """Vectors as whole numbers in -127..127, packed for the processor."""

    def __init__(self, vectors: FloatArray, rankable: BoolArray) -> None:
        """Compress vectors [N, D], N at least 1; those that cannot rank become zeros."""
        self._unit = max(_largest(vectors, rankable), float(_TINY)) / _VECTOR_LEVELS
        self._longest = self._farthest = 0.0
        levels = np.zeros(vectors.shape, dtype=np.int8)
        for start in range(0, len(vectors), ROWS_AT_ONCE):
            run = slice(start, start + ROWS_AT_ONCE)
            levels[run] = self._compress(_zeroed(vectors[run], rankable[run]))
        self._packed = torch.ops.onednn.qlinear_prepack(torch.from_numpy(levels), [1, vectors.shape[1]])
        self._one, self._zero = torch.ones(1), torch.zeros(1, dtype=torch.int64)

    def look(self, queries: FloatArray, length: Lengths) -> Looked:
        """Products with finite queries float32 [B, D] of these lengths [B]."""
        steps = np.maximum(np.abs(queries).max(axis=1, initial=0), _TINY) / np.float32(_QUERY_LEVELS)
        whole = np.rint(queries / steps[:, None])
        missed = lengths(queries - whole * steps[:, None])
        return Looked(
            values=self._products(whole),
            units=steps.astype(np.float64) * self._unit,
            bounds=(missed + _ROUNDING * length) * (self._longest + self._farthest) + length * self._farthest,
            roundings=rounding_bound(queries.shape[1]) * self._longest * length,
        )

    def _products(self, whole: FloatArray) -> FloatArray:
        """Of levels of queries, whole numbers in -63..63: the kernels take what is not negative, and where 0 is."""
        levels = torch.from_numpy((whole + _QUERY_LEVELS).astype(np.uint8))
        found: FloatArray = torch.ops.onednn.qlinear_pointwise(
            levels, 1.0, _QUERY_LEVELS, self._packed, self._one, self._zero, None, 1.0, 0, torch.float32, "none", [], ""
        ).numpy()
        return found

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
