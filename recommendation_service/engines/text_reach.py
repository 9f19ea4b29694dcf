"""How much texts can add to scores at most, told by far fewer numbers than a text has.

With x a text, m a mean, and the directions D that texts differ most in, a product q.x is q.m + (Dq).(D(x - m)) and what
lies beside these directions: at most the product of the two lengths there (Cauchy-Schwarz).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.retrieval.scans import ROWS_AT_ONCE, rounding_bound
from recommendation_service.engines.types import FloatArray

DIRECTIONS = 32
_SAMPLE = 4096
_ROUNDING = 1e-6
"""Of squared lengths of float32 vectors, in parts of their size."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextReach:
    """N texts along a few directions.

    Attributes:
        mean: float32 [T].
        directions: float32 [T, D], orthonormal.
        along: float32 [N, D + 1]: each text, less the mean, along the directions, and its length beside them.
        longest: At least the length of every text less the mean.
    """

    mean: FloatArray
    directions: FloatArray
    along: FloatArray
    longest: float

    @classmethod
    def of(cls, texts: FloatArray) -> Self:
        """Of texts float32 [N, T]; some thousand of them choose the directions."""
        sample = texts[:: max(1, len(texts) // _SAMPLE)]
        sample = sample[np.isfinite(sample).all(axis=1)].astype(np.float64)
        mean = sample.mean(axis=0) if len(sample) else np.zeros(texts.shape[1])
        _, vectors = np.linalg.eigh((sample - mean).T @ (sample - mean))
        directions = np.ascontiguousarray(vectors[:, ::-1][:, :DIRECTIONS], dtype=np.float32)
        none = np.empty((0, directions.shape[1] + 1), dtype=np.float32)
        begun = cls(mean=mean.astype(np.float32), directions=directions, along=none, longest=0.0)
        return begun.extended(texts)

    def extended(self, texts: FloatArray) -> Self:
        """The same for texts that begin with these."""
        starts = range(len(self), len(texts), ROWS_AT_ONCE)
        runs = [self._along(texts[start : start + ROWS_AT_ONCE]) for start in starts]
        along = np.concatenate([self.along, *(run for run, _ in runs)])
        longest = max([self.longest, *(length for _, length in runs)])
        return type(self)(mean=self.mean, directions=self.directions, along=along, longest=longest)

    def __len__(self) -> int:
        return len(self.along)

    def _along(self, texts: FloatArray) -> tuple[FloatArray, float]:
        """Rows of `along`, and the greatest length of a text less the mean."""
        apart = texts - self.mean
        along = np.empty((len(texts), self.along.shape[1]), dtype=np.float32)
        np.matmul(apart, self.directions, out=along[:, :-1])
        squares = _squares(apart)
        along[:, -1] = _length_beside(squares, along[:, :-1])
        return along, float(np.sqrt(np.fmax.reduce(squares, initial=0.0) * (1 + _ROUNDING)))

    def asked(self, queries: FloatArray) -> Asked:
        """What queries float32 [B, T] ask of the texts."""
        along = np.empty((len(queries), self.along.shape[1]), dtype=np.float32)
        np.matmul(queries, self.directions, out=along[:, :-1])
        squares = _squares(queries)
        along[:, -1] = _length_beside(squares, along[:, :-1])
        length = np.sqrt(squares * (1 + _ROUNDING))
        rounding = 4 * rounding_bound(queries.shape[1]) * length * (self.longest + float(np.linalg.norm(self.mean)))
        at_mean = queries @ self.mean + rounding
        return Asked(
            along=along, most=(at_mean + length * self.longest).astype(np.float32), at_mean=at_mean.astype(np.float32)
        )

    def most(self, asked: Asked, columns: npt.NDArray[np.intp], rows: npt.NDArray[np.intp]) -> FloatArray:
        """float32 [C]: at least the products of some texts with as many of the queries."""
        found: FloatArray = np.vecdot(self.along.take(columns, axis=0), asked.along.take(rows, axis=0))
        found += asked.at_mean[rows]
        return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """B queries along the directions.

    Attributes:
        along: float32 [B, D + 1], as `TextReach.along`.
        most: float32 [B]: at least the product with any of the texts.
        at_mean: float32 [B]: the product with the mean, and what rounding may add to one with a text.
    """

    along: FloatArray
    most: FloatArray
    at_mean: FloatArray


def _squares(vectors: FloatArray) -> npt.NDArray[np.float64]:
    squares: npt.NDArray[np.float64] = np.vecdot(vectors, vectors).astype(np.float64)
    return squares


def _length_beside(squares: npt.NDArray[np.float64], along: FloatArray) -> npt.NDArray[np.float64]:
    """float64 [R]: at least the length of vectors beside directions along which they reach so far."""
    left = np.maximum(squares - np.vecdot(along, along), 0.0)
    length: npt.NDArray[np.float64] = np.sqrt(left + _ROUNDING * squares)
    return length
