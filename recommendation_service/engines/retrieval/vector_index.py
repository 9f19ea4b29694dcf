"""The one interface of every index: vectors in columns, found by dot product.

A column is a vector's place for good: what is added comes after the last one, and what is removed leaves its place
empty. An index has one writer and no reader while it is written; the service replaces whole snapshots instead.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from recommendation_service.engines.retrieval.errors import VectorIndexError
from recommendation_service.engines.types import BoolArray, FloatArray, IntArray, Ranking

WantedColumns = Sequence[int] | IntArray


class SearchesVectors(Protocol):
    """What ranking asks of an index."""

    @property
    def width(self) -> int:
        """D, of every vector."""

    @property
    def recall(self) -> float:
        """Share of the true best that searches find."""

    @property
    def alarm(self) -> str | None:
        """What is wrong with it, or None."""

    def __len__(self) -> int: ...

    def search(self, queries: FloatArray, k: int, allowed: BoolArray | None = None) -> Ranking:
        """See `VectorIndex.search`."""


class VectorIndex(ABC):
    """Vectors of one width, ranked for queries by dot product; equal products go to the lower column.

    A vector with a value that is not finite (or so long that its products might not be) keeps its column but never
    ranks.

    Attributes:
        recall: Share of the true best that searches find; 1.0 unless an index is approximate.
    """

    recall: float = 1.0

    @property
    def alarm(self) -> str | None:
        """What is wrong with it, or None."""
        return None

    @property
    @abstractmethod
    def width(self) -> int:
        """D, of every vector."""

    @property
    @abstractmethod
    def unrankable(self) -> int:
        """How many vectors have a value that is not finite."""

    @abstractmethod
    def __len__(self) -> int:
        """N: columns, the empty ones included."""

    @abstractmethod
    def search(self, queries: FloatArray, k: int, allowed: BoolArray | None = None) -> Ranking:
        """The best `k` allowed columns of each query.

        Args:
            queries: float32 [B, D]; nothing ranks for a query with a value that is not finite.
            k: Places, at least 1; more than there are columns are padded.
            allowed: [N] or [B, N]; False columns are never found, and the best of the others all are.

        Raises:
            ValueError: If a shape does not fit, or `k` is below 1.
        """

    @abstractmethod
    def add(self, vectors: FloatArray) -> IntArray:
        """Append vectors float32 [A, D] and return their columns, int32 [A]."""

    @abstractmethod
    def replace(self, columns: WantedColumns, vectors: FloatArray) -> None:
        """Put vectors float32 [A, D] into columns, removed ones too.

        Raises:
            ValueError: If a column does not exist.
        """

    @abstractmethod
    def remove(self, columns: WantedColumns) -> None:
        """Empty columns; they are never found again until something is put into them.

        Raises:
            ValueError: If a column does not exist.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write all that a `load` of the same class needs into a folder of its own."""


def checked_vectors(vectors: FloatArray, width: int | None = None) -> FloatArray:
    """The vectors as they are if they are float32 [A, D]; no copy.

    Raises:
        ValueError: Otherwise, or if they have another width than asked for.
    """
    if vectors.ndim != 2 or vectors.dtype != np.float32:
        raise ValueError(f"vectors must be float32 [N, D], got {vectors.dtype} {list(vectors.shape)}")
    if width is not None and vectors.shape[1] != width:
        raise ValueError(f"vectors must be {width} wide, as those of the index, got {vectors.shape[1]}")
    return vectors


def checked_columns(columns: WantedColumns, count: int) -> IntArray:
    """Columns as int32 [A].

    Raises:
        ValueError: If one is not below `count`.
    """
    wanted = np.asarray(columns, dtype=np.int64).reshape(-1)
    outside = wanted[(wanted < 0) | (wanted >= count)]
    if len(outside):
        raise ValueError(f"column {outside[0]} does not exist; the index has columns 0 to {count - 1}")
    found: IntArray = wanted.astype(np.int32)
    return found


def checked_search(
    index: SearchesVectors, queries: FloatArray, k: int, allowed: BoolArray | None
) -> tuple[FloatArray, BoolArray | None]:
    """The queries, and a mask [B, N] or None.

    Raises:
        ValueError: If a shape does not fit, or `k` is below 1.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    checked_vectors(queries, index.width)
    if allowed is None:
        return queries, None
    if allowed.dtype != np.bool_ or allowed.shape not in {(len(index),), (len(queries), len(index))}:
        raise ValueError(
            f"allowed must be bool [{len(index)}] or [{len(queries)}, {len(index)}], "
            f"got {allowed.dtype} {list(allowed.shape)}"
        )
    if len(queries) == 1:
        return queries, allowed.reshape(1, -1)
    return queries, np.broadcast_to(allowed, (len(queries), len(index)))


def require(condition: bool, problem: str) -> None:
    """Refuse what a saved index must not be.

    Raises:
        VectorIndexError: If the condition does not hold.
    """
    if not condition:
        raise VectorIndexError(problem)
