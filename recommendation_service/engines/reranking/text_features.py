"""How close a startup's text is to the texts of what a person liked, and to their own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

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
        """The catalogue's texts are where they are; only those of the other startups are laid out."""
        self._texts = moment.catalogue.texts
        self._others = unit_texts([startup.embedding for startup in moment.others])

    def values(self, histories: HistoryTable, pairs: Pairs) -> FloatArray:
        """float32 [P, 3]."""
        liked = self._texts_of(histories.startup)
        own = unit_texts([person.embedding for person in histories.people])
        table = np.zeros((len(pairs), len(self.names)), dtype=np.float32)
        starts = np.concatenate([[0], np.cumsum(pairs.counts)])
        likes = np.concatenate([[0], np.cumsum(histories.counts)])
        for place in range(pairs.users):
            rows, past = slice(starts[place], starts[place + 1]), slice(likes[place], likes[place + 1])
            candidates = self._texts[pairs.column[rows]]
            mean = unit_rows((histories.label[past] @ liked[past])[None])[0]
            table[rows, 0] = candidates @ mean
            table[rows, 1] = (candidates @ liked[past][-_LAST_LIKES:].T).max(axis=1, initial=0.0)
            table[rows, 2] = candidates @ own[place]
        return table

    def _texts_of(self, rows: npt.NDArray[np.int64]) -> FloatArray:
        """float32 [R, D] of rows of the moment's startups."""
        outside = rows >= len(self._texts)
        texts = np.empty((len(rows), self._texts.shape[1]), dtype=np.float32)
        texts[~outside] = self._texts[rows[~outside]]
        texts[outside] = self._others[rows[outside] - len(self._texts)]
        return texts
