"""How close a startup's text is to the texts of what a person liked, and to their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.engines.reranking.history_table import HistoryTable
from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.types import FloatArray

_LAST_LIKES = 50


class TextFeatures:
    """Cosines of texts; 0 where one of the two has none."""

    names = ("text_of_liked", "text_of_nearest_liked", "text_of_person")

    def __init__(self, moment: Moment) -> None:
        self._texts = _unit_rows([startup.embedding for startup in moment.startups])

    def values(self, histories: HistoryTable, pairs: Pairs) -> FloatArray:
        """float32 [P, 3]."""
        mean = _unit(np.asarray(histories.matrix(histories.label, len(self._texts)) @ self._texts))
        own = _unit_rows([person.embedding for person in histories.people])
        table = np.zeros((len(pairs), len(self.names)), dtype=np.float32)
        starts = np.concatenate([[0], np.cumsum(pairs.counts)])
        likes = np.concatenate([[0], np.cumsum(histories.counts)])
        for place in range(pairs.users):
            rows = slice(starts[place], starts[place + 1])
            liked = histories.startup[likes[place] : likes[place + 1]][-_LAST_LIKES:]
            candidates = self._texts[pairs.column[rows]]
            table[rows, 0] = candidates @ mean[place]
            table[rows, 1] = (candidates @ self._texts[liked].T).max(axis=1, initial=0.0)
            table[rows, 2] = candidates @ own[place]
        return table


def _unit_rows(embeddings: Sequence[FloatArray | None]) -> FloatArray:
    """float32 [R, D] of unit rows; zeros where there is no embedding."""
    rows = np.zeros((len(embeddings), EMBEDDING_DIM), dtype=np.float32)
    for row, embedding in enumerate(embeddings):
        if embedding is not None:
            rows[row] = embedding
    return _unit(rows)


def _unit(rows: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: FloatArray = (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    return unit
