"""Approximate search for catalogues too large to scan: a graph finds candidates, their true products rank them.

How much of the truth it finds is measured when it is built, and an index that finds too little says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import structlog

from recommendation_service.engines.retrieval.errors import VectorIndexError
from recommendation_service.engines.retrieval.exact_index import ExactIndex
from recommendation_service.engines.retrieval.exact_scores import in_order
from recommendation_service.engines.retrieval.hnsw_config import HnswConfig
from recommendation_service.engines.retrieval.hnsw_graph import HnswGraph, Rows
from recommendation_service.engines.retrieval.index_files import (
    load_vectors,
    read_description,
    save_vectors,
    write_array,
)
from recommendation_service.engines.retrieval.scans import Columns, can_rank
from recommendation_service.engines.retrieval.vector_index import (
    VectorIndex,
    WantedColumns,
    checked_columns,
    checked_search,
)
from recommendation_service.engines.types import BoolArray, FloatArray, IntArray, Ranking, empty_ranking

_GRAPH, _ROWS = "graph.faiss", "rows.npy"
_LEAST_SPARE = 32
_log = structlog.get_logger(__name__)


class HnswIndex(VectorIndex):
    """A graph over all vectors that can rank, beside the vectors themselves.

    Attributes:
        effort: Candidates that a search keeps.
        recall: Share of the true best that was found on the sample; 1.0 where there was nothing to find.
        alarm: What is wrong with the recall, or None.
    """

    kind = "hnsw"

    def __init__(
        self, vectors: FloatArray, config: HnswConfig | None = None, *, queries: FloatArray | None = None
    ) -> None:
        """Build the graph, which takes minutes for a million vectors, and measure it.

        Args:
            vectors: float32 [N, D]; kept, not copied.
            config: How.
            queries: float32 [Q, D] like those to come, to measure recall on; by default some of the vectors.
        """
        self.config = config or HnswConfig()
        self._exact = ExactIndex(vectors, compress=False)
        self._queries = queries
        self._build()

    @property
    def width(self) -> int:
        """D, of every vector."""
        return self._exact.width

    @property
    def unrankable(self) -> int:
        """How many vectors have a value that is not finite."""
        return self._exact.unrankable

    @property
    def alarm(self) -> str | None:
        """What is wrong with the recall, or None."""
        if self.recall >= self.config.recall_floor:
            return None
        return (
            f"the graph finds {self.recall:.3f} of the true best {self.config.recall_places}, less than "
            f"{self.config.recall_floor}; raise neighbours, build_effort or search_efforts, or search exactly"
        )

    def __len__(self) -> int:
        return len(self._exact)

    def search(self, queries: FloatArray, k: int, allowed: BoolArray | None = None) -> Ranking:
        """About the best `k` allowed columns of each query; always as many as there are, see `VectorIndex.search`."""
        queries, masks = checked_search(self, queries, k, allowed)
        ranking = empty_ranking(len(queries), k)
        for place in np.flatnonzero(can_rank(queries)):
            mask = None if masks is None else masks[place]
            columns, scores = self._best(queries[place], k, mask)
            ranking.columns[place, : len(columns)] = columns
            ranking.scores[place, : len(columns)] = scores
        return ranking

    def add(self, vectors: FloatArray) -> IntArray:
        """Append vectors and link them."""
        columns = self._exact.add(vectors)
        self._link(columns)
        return columns

    def replace(self, columns: WantedColumns, vectors: FloatArray) -> None:
        """Put vectors into columns; their old rows of the graph are dead."""
        places = checked_columns(columns, len(self))
        self._exact.replace(places, vectors)
        self._live[np.isin(self._columns, places)] = False
        self._link(places)

    def remove(self, columns: WantedColumns) -> None:
        """Empty columns; their rows of the graph are dead."""
        places = checked_columns(columns, len(self))
        self._exact.remove(places)
        self._live[np.isin(self._columns, places)] = False
        self._rebuild_if_due()

    def save(self, folder: Path) -> None:
        """Write the graph, the vectors and what was measured."""
        self._graph.save(folder / _GRAPH)
        write_array(folder / _ROWS, np.where(self._live, self._columns, -1 - self._columns))
        measured = {"unit": self._graph.unit, "effort": self.effort, "recall": self.recall}
        save_vectors(folder, self.kind, self._exact.vectors, self._exact.removed, **measured)

    @classmethod
    def load(cls, folder: Path, config: HnswConfig | None = None) -> Self:
        """What `save` wrote; the vectors stay in the file, which processes share.

        Raises:
            VectorIndexError: If it is missing, damaged or of another kind.
        """
        vectors, removed = load_vectors(folder, cls.kind)
        measured = read_description(folder, cls.kind)
        index = cls.__new__(cls)
        index.config = config or HnswConfig()
        index._exact = ExactIndex(vectors, compress=False)
        index._exact.remove(np.flatnonzero(removed).astype(np.int32))
        index._queries = None
        index._graph = HnswGraph.load(folder / _GRAPH, float(measured["unit"]))
        rows = _load_rows(folder, len(index._graph))
        index._live, index._columns = rows >= 0, np.where(rows >= 0, rows, -1 - rows)
        index.effort, index.recall = int(measured["effort"]), float(measured["recall"])
        return index

    def _build(self) -> None:
        self._columns = np.flatnonzero(self._exact.rankable)
        self._live = np.ones(len(self._columns), dtype=np.bool_)
        self._graph = HnswGraph.build(self._exact.vectors[self._columns], self.config)
        queries = self._sample() if self._queries is None else self._queries
        for effort in self.config.search_efforts:
            self.effort, self.recall = effort, 1.0
            self.recall = self.measure_recall(queries)
            if self.recall >= self.config.recall_wanted:
                break
        if self.alarm:
            _log.error("index_recall_low", recall=self.recall, floor=self.config.recall_floor, vectors=len(self))

    def measure_recall(self, queries: FloatArray) -> float:
        """Share of the true best columns, or of others just as good, that searches find; 1.0 where there are none."""
        places = self.config.recall_places
        truth, found = self._exact.search(queries, places), self.search(queries, places)
        wanted = truth.columns >= 0
        least = np.where(wanted, truth.scores, np.inf).min(axis=1, initial=np.inf)
        hits = (found.columns >= 0) & (found.scores >= least[:, None])
        return float(hits.sum() / wanted.sum()) if wanted.any() else 1.0

    def _sample(self) -> FloatArray:
        rng = np.random.default_rng(self.config.seed)
        chosen = rng.permutation(self._columns)[: self.config.sample]
        sample: FloatArray = self._exact.vectors[chosen]
        return sample

    def _best(self, query: FloatArray, k: int, mask: BoolArray | None) -> tuple[Columns, FloatArray]:
        """Candidates of the graph in their true order, or the true best where the graph cannot tell.

        That is where few are allowed, where it finds too few, and where its candidates are all as good as the last
        place: others may be too, in lower columns.
        """
        live = int(np.count_nonzero(self._live))
        rows = None if mask is None and live == len(self._live) else self._live & _of_rows(mask, self._columns)
        there = live if rows is None else int(np.count_nonzero(rows))
        if there and there >= self.config.exact_below * len(self):
            wanted = min(max(int(k * self.config.spare), k + _LEAST_SPARE), there)
            columns = self._columns[self._graph.search(query, wanted, self.effort, rows)]
            columns, scores = in_order(self._exact.score(columns, query), columns, wanted)
            if len(columns) == there or (len(columns) > k and scores[k - 1] > scores[-1]):
                return columns[:k], scores[:k]
        exact = self._exact.search(query[None, :], k, mask)
        kept = exact.columns[0] >= 0
        return exact.columns[0][kept].astype(np.intp), exact.scores[0][kept]

    def _link(self, columns: IntArray) -> None:
        chosen = columns[self._exact.rankable[columns]]
        self._graph.add(self._exact.vectors[chosen])
        self._columns = np.concatenate([self._columns, chosen.astype(np.intp)])
        self._live = np.concatenate([self._live, np.ones(len(chosen), dtype=np.bool_)])
        self._rebuild_if_due()

    def _rebuild_if_due(self) -> None:
        dead = len(self._live) - np.count_nonzero(self._live)
        if dead > self.config.rebuild_above * len(self._live):
            self._build()


def _of_rows(mask: BoolArray | None, columns: Columns) -> BoolArray | np.bool_:
    return np.True_ if mask is None else mask[columns]


def _load_rows(folder: Path, count: int) -> Rows:
    try:
        rows: Rows = np.load(folder / _ROWS)
    except (OSError, ValueError, EOFError) as error:
        raise VectorIndexError(f"the index in {folder} cannot be read: {error}; build it again") from error
    if rows.shape != (count,):
        raise VectorIndexError(f"the index in {folder} has {len(rows)} rows for a graph of {count}; build it again")
    return rows
