"""How much and how lately a person acted."""

from __future__ import annotations

import numpy as np

from recommendation_service.engines.reranking.history_table import HistoryTable
from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.types import FloatArray


class ActivityFeatures:
    """The same for every startup of a list; they decide which of the other features to trust."""

    names = ("acts", "acts_last_year", "acts_last_quarter", "days_since_act")

    def values(self, histories: HistoryTable, pairs: Pairs) -> FloatArray:
        """float32 [P, 4]."""
        people = len(histories.people)
        last = np.full(people, np.nan)
        last[histories.user] = histories.age_days  # in order of time: the last one stays
        columns = [
            histories.counts,
            np.bincount(histories.user[histories.age_days < 365], minlength=people),
            np.bincount(histories.user[histories.age_days < 92], minlength=people),
            last,
        ]
        return np.stack(columns, axis=1).astype(np.float32)[pairs.user]
