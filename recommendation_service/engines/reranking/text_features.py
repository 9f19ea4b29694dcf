"""How close a startup's text is to the texts of what a person liked, and to their own."""

from __future__ import annotations

import numpy as np

from recommendation_service.engines.reranking.history_table import HistoryTable
from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.types import FloatArray
from recommendation_service.engines.unit_rows import unit_rows, unit_texts

_LAST_LIKES = 50


class TextFeatures:
    """Cosines of texts; 0 where one of the two has none."""

    names = ("text_of_liked", "text_of_nearest_liked", "text_of_person")

    def __init__(self, moment: Moment) -> None:
        self._texts = unit_texts([startup.embedding for startup in moment.startups])

    def values(self, histories: HistoryTable, pairs: Pairs) -> FloatArray:
        """float32 [P, 3]."""
        mean = unit_rows(np.asarray(histories.matrix(histories.label, len(self._texts)) @ self._texts))
        own = unit_texts([person.embedding for person in histories.people])
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
