"""Exact search: the reference for every other index, and the default.

A scan looks at all vectors, and its bound tells which columns could be among the best; the true products of these
decide. Which scan it was cannot be told from the list.

Guaranteed are the columns whose values lie no further below the bar than twice the bound: one bound for those that
make the bar, one for those that do not. The first is rarely needed: the k-th best true product, once it is known, says
whether one bound was enough.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    length_of,
    measure,
)
from recommendation_service.engines.retrieval.vector_index import (
    VectorIndex,
    WantedColumns,
    checked_columns,
    checked_search,
    checked_vectors,
)
from recommendation_service.engines.selection import bar, keep_allowed, keep_out, reaching
from recommendation_service.engines.types import BoolArray, FloatArray, IntArray, Ranking

COMPRESS_FROM = 2048
"""Fewer vectors than this are multiplied before a query is compressed."""
_MARGIN = 1 / 8
"""Of a bound: what is looked at beyond one, as the k-th best product may be a little worse than the k-th best value."""
Found = tuple[Columns, FloatArray]
_NOTHING: Found = (np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float32))
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
        length = np.array([length_of(query) for query in queries])
        found = [_NOTHING] * len(queries)
        scanned = []
        for place in range(len(queries)):
            if not length[place] <= LONGEST:
                continue
            if masks is not None and np.count_nonzero(masks[place]) < _SCAN_ABOVE * len(self):
                found[place] = self._best_of_few(queries[place], k, masks[place])
            else:
                scanned.append(place)
        at_once = max(1, _CELLS_AT_ONCE // max(1, len(self)))
        for start in range(0, len(scanned) if len(self) else 0, at_once):
            places = scanned[start : start + at_once]
            # Mostly all of them, which need no copy.
            asked = slice(None) if len(places) == len(queries) else places
            looked = self._scan.look(queries[asked], length[asked])
            for row, place in enumerate(places):
                mask = None if masks is None else masks[place]
                found[place] = self._best(queries[place], k, mask, looked, row)
        return _padded(found, k)

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

    def _best_of_few(self, query: FloatArray, k: int, allowed: BoolArray) -> Found:
        """The best columns and their scores, where it is faster to score all that are allowed."""
        columns = np.flatnonzero(allowed)
        columns = columns[~(self._not_finite[columns] | self._removed[columns])]
        return in_order(self.score(columns, query), columns, k)

    def _best(self, query: FloatArray, k: int, allowed: BoolArray | None, looked: Looked, row: int) -> Found:
        """The best columns and their scores: all that may be among the best, in their true order."""
        values = looked.values[row]
        if allowed is not None:
            keep_allowed(values, allowed)
        if len(self._unfindable):
            keep_out(values, self._unfindable)
        unit, bound, rounding = float(looked.units[row]), float(looked.bounds[row]), float(looked.roundings[row])
        least = bar(values, k)
        for slack in ((1 + _MARGIN) * bound + rounding, 2 * bound + rounding):
            candidates = reaching(values, least - slack / unit)
            columns, scores = in_order(self.score(candidates, query), candidates, k)
            if len(scores) < k or scores[-1] >= least * unit - slack + bound + rounding:
                break
        return columns, scores


def _padded(found: Sequence[Found], k: int) -> Ranking:
    """Columns and scores of B searches, padded to `k` places."""
    columns = np.empty((len(found), k), dtype=np.int32)
    scores = np.empty((len(found), k), dtype=np.float32)
    for row, (best, best_scores) in enumerate(found):
        columns[row, : len(best)], columns[row, len(best) :] = best, -1
        scores[row, : len(best)], scores[row, len(best) :] = best_scores, -np.inf
    return Ranking(columns=columns, scores=scores)
