"""A graph of small worlds over vectors in 8 bits, in rows: what faiss does, and nothing else.

Source: Malkov and Yashunin 2018 ("Efficient and robust approximate nearest neighbor search using HNSW graphs"); faiss.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import faiss
import numpy as np
import numpy.typing as npt

from recommendation_service.engines.atomic_files import atomic_path
from recommendation_service.engines.retrieval.errors import VectorIndexError
from recommendation_service.engines.retrieval.hnsw_config import HnswConfig
from recommendation_service.engines.types import BoolArray, FloatArray

_faiss: Any = faiss
"""Its type stubs know the signatures of C++, not those of Python."""
Rows = npt.NDArray[np.int64]
_LEVELS = 127
_TINY = 1e-30


class HnswGraph:
    """Rows in the order they were added; none is ever taken away."""

    def __init__(self, graph: Any, unit: float) -> None:
        self._graph = graph
        self.unit = unit

    @classmethod
    def build(cls, vectors: FloatArray, config: HnswConfig) -> Self:
        """Link finite vectors [R, D]; their largest value sets the step of the 8 bits."""
        width = vectors.shape[1]
        codes = _faiss.ScalarQuantizer.QT_8bit_direct_signed
        graph = _faiss.IndexHNSWSQ(width, codes, config.neighbours, _faiss.METRIC_INNER_PRODUCT)
        graph.hnsw.efConstruction = config.build_effort
        graph.train(np.zeros((1, width), dtype=np.float32))
        largest = float(np.abs(vectors).max(initial=0.0))
        built = cls(graph, (largest if largest > _TINY else 1.0) / _LEVELS)
        built.add(vectors)
        return built

    def __len__(self) -> int:
        return int(self._graph.ntotal)

    def add(self, vectors: FloatArray) -> None:
        """Append finite vectors [A, D]; values beyond the largest of the first ones are cut."""
        if len(vectors):
            self._graph.add(_whole(vectors, self.unit))

    def search(self, query: FloatArray, k: int, effort: int, allowed: BoolArray | None) -> Rows:
        """About the best `k` rows for a finite query [D], fewer where fewer were found.

        Args:
            query: Looked for.
            k: Rows.
            effort: Candidates kept while searching.
            allowed: [R] rows that may be found, or None for all.
        """
        options = _faiss.SearchParametersHNSW(efSearch=max(effort, k))
        if allowed is not None:
            options.sel = _faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
        _, rows = self._graph.search(_whole(query, float(np.abs(query).max()) / _LEVELS)[None, :], k, params=options)
        found: Rows = rows[0][rows[0] >= 0]
        return found

    def save(self, path: Path) -> None:
        """Write the graph, whole or not at all."""
        with atomic_path(path) as temporary:
            _faiss.write_index(self._graph, str(temporary))

    @classmethod
    def load(cls, path: Path, unit: float) -> Self:
        """What `save` wrote.

        Raises:
            VectorIndexError: If it cannot be read.
        """
        try:
            return cls(_faiss.read_index(str(path)), unit)
        except RuntimeError as error:
            raise VectorIndexError(f"the graph {path} cannot be read: {error}; build the index again") from error


def _whole(vectors: FloatArray, unit: float) -> FloatArray:
    """Levels of vectors, and of queries too, which faiss compares as whole numbers."""
    levels: FloatArray = np.clip(np.rint(vectors / max(unit, _TINY)), -_LEVELS, _LEVELS).astype(np.float32)
    return levels
