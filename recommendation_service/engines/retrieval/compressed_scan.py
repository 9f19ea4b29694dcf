"""A scan of vectors in 8 bits: a quarter of the bytes, products of whole numbers, and a proven bound.

With x = s*X + dx and q = t*Q + dq, X and Q whole numbers, the product q.x is within |q||dx| + |dq||s*X| of s*t*Q.X
(Cauchy-Schwarz), and Q.X comes out of the matrix product exactly: its sums stay below 2^24. Ranks are decided by the
true products of all that the bound cannot rule out, so the list is that of the full scan.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import torch

from recommendation_service.engines.retrieval.scans import ROWS_AT_ONCE, Lengths, Looked, lengths, rounding_bound
from recommendation_service.engines.types import BoolArray, FloatArray

_VECTOR_LEVELS = 127
_QUERY_HIGHEST = 63
_QUERY_RANGE = (-63.0, 64.0)
"""The range of 7 bits: with 8, processors without VNNI would overflow their 16-bit sums of two products."""
_WIDEST = 2**24 // (_VECTOR_LEVELS * _QUERY_HIGHEST)
_ROUNDING = 4 * rounding_bound(1)
"""Of a difference between a value and its level, in parts of the value."""
_TINY = np.float32(1e-30)
"""Values below are zero for a scan; the inverse of their steps would not be finite."""
_KERNELS = "fbgemm"


def can_compress(width: int) -> bool:
    """Whether this machine has the kernels, and the sums of such vectors stay exact."""
    return width <= _WIDEST and _KERNELS in torch.backends.quantized.supported_engines


class CompressedScan:
    """Vectors as whole numbers in -127..127, packed for the processor."""

    def __init__(self, vectors: FloatArray, rankable: BoolArray) -> None:
        """Compress vectors [N, D], N at least 1; those that cannot rank become zeros.

        A query's least and greatest level stand in two columns of their own, where vectors are 0: torch then measures
        the same range for every query, which makes its steps 1 and its levels the whole numbers they are.
        """
        self._unit = max(_largest(vectors, rankable), float(_TINY)) / _VECTOR_LEVELS
        self._longest = self._farthest = 0.0
        levels = np.zeros((len(vectors), vectors.shape[1] + 2), dtype=np.int8)
        for start in range(0, len(vectors), ROWS_AT_ONCE):
            run = slice(start, start + ROWS_AT_ONCE)
            levels[run, 2:] = self._compress(_zeroed(vectors[run], rankable[run]))
        self._packed = _pack(levels)

    def look(self, queries: FloatArray, length: Lengths) -> Looked:
        """Products with finite queries float32 [B, D] of these lengths [B]."""
        steps = np.maximum(np.abs(queries).max(axis=1, initial=0), _TINY) / np.float32(_QUERY_HIGHEST)
        levels = np.empty((len(queries), queries.shape[1] + 2), dtype=np.float32)
        levels[:, :2] = _QUERY_RANGE
        whole = np.rint(queries / steps[:, None], out=levels[:, 2:])
        missed = lengths(queries - whole * steps[:, None])
        values = torch.ops.quantized.linear_dynamic(torch.from_numpy(levels), self._packed, True).numpy()
        return Looked(
            values=values,
            units=steps.astype(np.float64) * self._unit,
            bounds=(missed + _ROUNDING * length) * (self._longest + self._farthest) + length * self._farthest,
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


def _pack(levels: np.ndarray[tuple[int, ...], np.dtype[np.int8]]) -> Any:
    """The kernels' own layout of levels [N, D + 2]."""
    with warnings.catch_warnings():
        # torch announces that tensors of this kind will live in a package of their own; the version is pinned.
        warnings.simplefilter("ignore", UserWarning)
        weights = torch._make_per_tensor_quantized_tensor(torch.from_numpy(levels), 1.0, 0)
    return torch.ops.quantized.linear_prepack(weights, None)
