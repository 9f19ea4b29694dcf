"""Whether those who liked a startup are people who liked other startups together with this person."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from recommendation_service.engines.reranking.history_table import HistoryTable
from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.reranking.pairs import Pairs, entries_of
from recommendation_service.engines.types import FloatArray


class CoActorFeatures:
    """Shared likes with each earlier liker of a startup: by cosine (sum and maximum), and how many there are."""

    names = ("co_actors_sum", "co_actors_max", "co_actors")

    def __init__(self, moment: Moment) -> None:
        likes = moment.likes
        shape = (len(moment.startups), len(moment.users))
        ones = np.ones(len(likes), dtype=np.float32)
        self._likers = csr_matrix((ones, (likes.startup, likes.user)), shape=shape)
        self._likers.data[:] = 1.0
        self._catalogue_likers = self._likers[: moment.columns]
        counts = np.bincount(self._likers.indices, minlength=len(moment.users))
        self._damping = (1.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)
        self._user_row_of = moment.user_row_of

    def values(self, histories: HistoryTable, pairs: Pairs) -> FloatArray:
        """float32 [P, 3]."""
        closeness = self._closeness(histories)
        owner, liker = entries_of(pairs.column, self._catalogue_likers)
        close = closeness[pairs.user[owner], liker]
        highest = np.zeros(len(pairs), dtype=np.float32)
        np.maximum.at(highest, owner, close)
        total = np.bincount(owner, weights=close, minlength=len(pairs))
        count = np.bincount(owner, weights=close > 0, minlength=len(pairs))
        return np.stack([total, highest, count], axis=1).astype(np.float32)

    def _closeness(self, histories: HistoryTable) -> FloatArray:
        """float32 [B, U]: the cosine of each person's likes and those of every remembered person, 0 with themselves."""
        liked = histories.matrix(np.ones(len(histories.user), dtype=np.float32), self._likers.shape[0])
        own = 1.0 / np.sqrt(np.maximum(histories.counts, 1))
        closeness = (liked @ self._likers).toarray() * self._damping * own[:, None]
        for place, person in enumerate(histories.people):
            if person.id in self._user_row_of:
                closeness[place, self._user_row_of[person.id]] = 0.0
        found: FloatArray = closeness.astype(np.float32)
        return found
