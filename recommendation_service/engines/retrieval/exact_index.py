"""Exact search: the reference for every other index, and the default.

A scan looks at all vectors, and its bound tells which columns could be among the best; the true products of these
decide. Which scan it was cannot be told from the list.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np

from recommendation_service.engines.retrieval.compressed_scan import CompressedScan, can_compress
from recommendation_service.engines.retrieval.exact_scores import exact_scores, in_order
from recommendation_service.engines.retrieval.index_files import load_vectors, save_vectors
from recommendation_service.engines.retrieval.scans import (
    LONGEST,
    Columns,
    FullScan,
    Looked,
    Scan,
    lengths,
    measure,
)
from recommendation_service.engines.retrieval.vector_index import (
    VectorIndex,
    WantedColumns,
    checked_columns,
    checked_search,
    checked_vectors,
)
from recommendation_service.engines.selection import bar, keep_allowed
from recommendation_service.engines.types import BoolArray, FloatArray, IntArray, Ranking, empty_ranking

COMPRESS_FROM = 16_384
"""Fewer vectors than this lie in the processor's cache, where bytes cost little."""
_LOWEST = np.finfo(np.float32).min
_CELLS_AT_ONCE = 16_000_000
_SCAN_ABOVE = 1 / 16
"""Where fewer columns than this share are allowed, it is faster to score them than to look at all."""


class ExactIndex(VectorIndex):
    """All vectors in memory or in a mapped file, scanned by every search; they are not copied.

    Attributes:
        vectors: float32 [N, D].
    """

    kind = "exact"

    def __init__(self, vectors: FloatArray, *, compress: bool = True) -> None:
        """Index vectors float32 [N, D].

        Args:
            vectors: Kept, not copied; nobody may change them.
            compress: Whether to look at a compressed copy first (a quarter of the memory on top), if that is faster.
        """
        self.vectors = np.asarray(checked_vectors(vectors))
        self._compress = compress
        self._removed = np.zeros(len(vectors), dtype=np.bool_)
        self._prepare()

    @property
    def width(self) -> int:
        """D, of every vector."""
        return int(self.vectors.shape[1])

    @property
    def unrankable(self) -> int:
        """How many vectors have a value that is not finite."""
        return int(np.count_nonzero(self._not_finite & ~self._removed))

    @property
    def removed(self) -> BoolArray:
        """bool [N]: columns that were emptied."""
        return self._removed

    @property
    def rankable(self) -> BoolArray:
        """bool [N]: columns that can be found."""
        return ~(self._not_finite | self._removed)

    def __len__(self) -> int:
        return len(self.vectors)

    def search(self, queries: FloatArray, k: int, allowed: BoolArray | None = None) -> Ranking:
        """The best `k` allowed columns of each query, see `VectorIndex.search`."""
        queries, masks = checked_search(self, queries, k, allowed)
        ranking = empty_ranking(len(queries), k)
        with np.errstate(over="ignore", invalid="ignore"):
            length = lengths(queries)
        scanned = []
        for place in np.flatnonzero(length <= LONGEST).tolist():
            if masks is not None and np.count_nonzero(masks[place]) < _SCAN_ABOVE * len(self):
                _write(ranking, place, *self._best_of_few(queries[place], k, masks[place]))
            else:
                scanned.append(place)
        at_once = max(1, _CELLS_AT_ONCE // max(1, len(self)))
        for start in range(0, len(scanned) if len(self) else 0, at_once):
            places = scanned[start : start + at_once]
            looked = self._scan.look(queries[places], length[places])
            for row, place in enumerate(places):
                mask = None if masks is None else masks[place]
                _write(ranking, place, *self._best(queries[place], k, mask, looked, row))
        return ranking

    def score(self, columns: Columns, query: FloatArray) -> FloatArray:
        """The scores float32 [C] that a search gives these columns."""
        return exact_scores(self.vectors, columns, query)

    def add(self, vectors: FloatArray) -> IntArray:
        """Append vectors and return their columns; copies all vectors once."""
        checked_vectors(vectors, self.width)
        columns = np.arange(len(self), len(self) + len(vectors), dtype=np.int32)
        self.vectors = np.concatenate([self.vectors, vectors])
        self._removed = np.concatenate([self._removed, np.zeros(len(vectors), dtype=np.bool_)])
        self._prepare()
        return columns

    def replace(self, columns: WantedColumns, vectors: FloatArray) -> None:
        """Put vectors into columns; copies all vectors once."""
        places = checked_columns(columns, len(self))
        changed = np.array(self.vectors)
        changed[places] = checked_vectors(vectors, self.width)
        self.vectors = changed
        self._removed[places] = False
        self._prepare()

    def remove(self, columns: WantedColumns) -> None:
        """Empty columns."""
        self._removed[checked_columns(columns, len(self))] = True
        self._prepare_columns()

    def save(self, folder: Path) -> None:
        """Write the vectors and what was removed."""
        save_vectors(folder, self.kind, self.vectors, self._removed)

    @classmethod
    def load(cls, folder: Path, *, compress: bool = True) -> Self:
        """What `save` wrote; the vectors stay in the file, which processes share.

        Raises:
            VectorIndexError: If it is missing, damaged or of another kind.
        """
        vectors, removed = load_vectors(folder, cls.kind)
        index = cls(vectors, compress=compress)
        index._removed = removed
        index._prepare_columns()
        return index

    def _prepare(self) -> None:
        finite, longest = measure(self.vectors)
        self._not_finite = ~finite
        self._scan: Scan = FullScan(self.vectors, longest)
        if self._compress and len(self) >= COMPRESS_FROM and can_compress(self.width):
            self._scan = CompressedScan(self.vectors, finite)
        self._prepare_columns()

    def _prepare_columns(self) -> None:
        self._unfindable = np.flatnonzero(self._not_finite | self._removed)

    def _best_of_few(self, query: FloatArray, k: int, allowed: BoolArray) -> tuple[Columns, FloatArray]:
        """The best columns and their scores, where it is faster to score all that are allowed."""
        columns = np.flatnonzero(allowed)
        columns = columns[~(self._not_finite[columns] | self._removed[columns])]
        return in_order(self.score(columns, query), columns, k)

    def _best(
        self, query: FloatArray, k: int, allowed: BoolArray | None, looked: Looked, row: int
    ) -> tuple[Columns, FloatArray]:
        """The best columns and their scores: all that may be among the best, in their true order.

        There are k columns whose products are no further below the bar than the bound tells. What looks worse by twice
        the bound, and by what rounding may do to a score, is behind them all.
        """
        values = looked.values[row]
        if allowed is not None:
            keep_allowed(values, allowed)
        if len(self._unfindable):
            values[self._unfindable] = -np.inf
        slack = (2 * looked.bounds[row] + looked.roundings[row]) / looked.units[row]
        reach = np.float32(bar(values, k) - slack)
        candidates = np.flatnonzero(values >= max(np.nextafter(reach, _LOWEST), _LOWEST))
        return in_order(self.score(candidates, query), candidates, k)


def _write(ranking: Ranking, place: int, columns: Columns, scores: FloatArray) -> None:
    ranking.columns[place, : len(columns)] = columns
    ranking.scores[place, : len(columns)] = scores
