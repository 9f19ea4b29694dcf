"""An index that grew: what it was built of, and a few vectors behind, searched apart until they are many.

Readers go on with the index they have: nothing they hold is changed.
"""

from __future__ import annotations

import numpy as np

from recommendation_service.engines.retrieval.exact_index import ExactIndex
from recommendation_service.engines.retrieval.exact_scores import in_order
from recommendation_service.engines.retrieval.index_config import IndexFactory
from recommendation_service.engines.retrieval.vector_index import SearchesVectors, checked_search
from recommendation_service.engines.types import BoolArray, FloatArray, Ranking, empty_ranking

MOST_BEHIND = 4096
"""From this many on, or a tenth of the whole, the index is built anew."""
_SHARE_BEHIND = 0.1


class ExtendedIndex:
    """Two indexes, one behind the other."""

    def __init__(self, base: SearchesVectors, behind: ExactIndex) -> None:
        self.base = base
        self.behind = behind

    @property
    def width(self) -> int:
        """D, of every vector."""
        return self.base.width

    @property
    def recall(self) -> float:
        """Of the index that there was: what is behind is searched exactly."""
        return self.base.recall

    @property
    def alarm(self) -> str | None:
        """What is wrong with the index that there was, or None."""
        return self.base.alarm

    def __len__(self) -> int:
        return len(self.base) + len(self.behind)

    def search(self, queries: FloatArray, k: int, allowed: BoolArray | None = None) -> Ranking:
        """The best `k` allowed columns of each query, see `VectorIndex.search`."""
        queries, masks = checked_search(self, queries, k, allowed)
        there = len(self.base)
        first = self.base.search(queries, k, None if masks is None else masks[:, :there])
        second = self.behind.search(queries, k, None if masks is None else masks[:, there:])
        ranking = empty_ranking(len(queries), k)
        for row in range(len(queries)):
            kept, added = first.columns[row] >= 0, second.columns[row] >= 0
            columns = np.concatenate([first.columns[row][kept], second.columns[row][added] + there]).astype(np.intp)
            scores = np.concatenate([first.scores[row][kept], second.scores[row][added]])
            columns, scores = in_order(scores, columns, k)
            ranking.columns[row, : len(columns)] = columns
            ranking.scores[row, : len(columns)] = scores
        return ranking


def extend_index(index: SearchesVectors, vectors: FloatArray, build: IndexFactory) -> SearchesVectors:
    """An index of vectors float32 [N, D] that begin with those of another, in less time than building it takes."""
    base = index.base if isinstance(index, ExtendedIndex) else index
    behind = len(vectors) - len(base)
    if behind > max(MOST_BEHIND, _SHARE_BEHIND * len(base)):
        return build(vectors)
    return ExtendedIndex(base, ExactIndex(vectors[len(base) :])) if behind else base
