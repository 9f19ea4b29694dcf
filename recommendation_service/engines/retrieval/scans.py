"""A first look at every vector: products that may be off, but by no more than is told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.types import BoolArray, FloatArray, IntArray

Columns = npt.NDArray[np.intp]
Lengths = npt.NDArray[np.float64]

LONGEST = 1e18
"""Vectors up to this length have finite float32 products."""
_UNDERFLOW = float(np.finfo(np.float32).tiny)
"""The most that the square of a value may lose by being too small for float32."""
ROWS_AT_ONCE = 8192
"""So many vectors stay in the processor's cache while they are worked on."""
_ROW_BY_ROW_BELOW = 12
"""Few queries are faster one by one, as matrix times vector, than as a thin matrix product."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looked:
    """Products of B queries with N vectors, each within `bounds` of the truth.

    Attributes:
        values: float32 or int32 [B, N], the caller's to change; the product is `units[b] * values[b]`. Any value where
            the vector is not finite.
        units: float64 [B], above 0.
        bounds: float64 [B], at least 0: how far `units[b] * values[b, n]` may be from the product in real numbers.
        roundings: float64 [B], at least 0: how far a product in float32 may be from it.
    """

    values: FloatArray | IntArray
    units: npt.NDArray[np.float64]
    bounds: npt.NDArray[np.float64]
    roundings: npt.NDArray[np.float64]


class Scan(Protocol):
    """Looks at every vector of an index."""

    def look(self, queries: FloatArray, length: Lengths) -> Looked:
        """Products with finite queries float32 [B, D] of these lengths [B]."""


class FullScan:
    """The float32 products themselves, off by rounding only; reads the vectors where they are, mapped files too."""

    def __init__(self, vectors: FloatArray, longest: float) -> None:
        """Take vectors [N, D], the longest finite one of which has this length."""
        self._vectors = vectors
        self._longest = longest

    def look(self, queries: FloatArray, length: Lengths) -> Looked:
        """Products with finite queries float32 [B, D] of these lengths [B]."""
        values = products(queries, self._vectors)
        roundings = rounding_bound(self._vectors.shape[1]) * self._longest * length
        return Looked(values=values, units=np.ones(len(queries)), bounds=roundings, roundings=roundings)


def products(queries: FloatArray, vectors: FloatArray) -> FloatArray:
    """Dot products float32 [B, N] of queries [B, D] with vectors [N, D], by whichever way is faster."""
    if len(queries) >= _ROW_BY_ROW_BELOW:
        return queries @ vectors.T
    values = np.empty((len(queries), len(vectors)), dtype=np.float32)
    for query, row in zip(queries, values, strict=True):
        np.dot(vectors, query, out=row)
    return values


def measure(vectors: FloatArray) -> tuple[BoolArray, float]:
    """Which vectors can rank, bool [N], and the length of the longest of these (not less, hardly more)."""
    rankable, longest = np.zeros(len(vectors), dtype=np.bool_), 0.0
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        run = slice(start, start + ROWS_AT_ONCE)
        with np.errstate(over="ignore", invalid="ignore"):
            length = lengths(vectors[run])
        rankable[run] = length <= LONGEST
        longest = max(longest, float(length.max(initial=0.0, where=rankable[run])))
    return rankable, longest


def can_rank(vectors: FloatArray) -> BoolArray:
    """bool [R]: whether a vector is finite and its products are."""
    return measure(vectors)[0]


def lengths(vectors: FloatArray) -> Lengths:
    """float64 [R]: the Euclidean length of each row, not less and hardly more; NaN or inf where it is not finite."""
    width = vectors.shape[1]
    squares: Lengths = np.vecdot(vectors, vectors).astype(np.float64)
    squares *= 1 + 2 * rounding_bound(width)
    squares += width * _UNDERFLOW
    return np.sqrt(squares, out=squares)


def length_of(vector: FloatArray) -> float:
    """As `lengths`, of one vector [D]."""
    width, wide = len(vector), vector.astype(np.float64)
    return math.sqrt(float(wide.dot(wide)) * (1 + 2 * rounding_bound(width)) + width * _UNDERFLOW)


def rounding_bound(width: int) -> float:
    """How far a float32 dot product of two vectors of length 1 may be from the truth, whatever the order of adding.

    Source: Higham 2002 ("Accuracy and Stability of Numerical Algorithms"), 3.1, with n + 1 for the last rounding.
    """
    unit_roundoff = 2.0**-24
    terms = (width + 1) * unit_roundoff
    return terms / (1 - terms)
