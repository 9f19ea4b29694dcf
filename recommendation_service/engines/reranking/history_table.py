"""The likes of a batch of people, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import FloatArray, UserRecord, UserState

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HistoryTable:
    """L likes of B people, in order of person and then time; likes of startups that nobody remembers are left out.

    Attributes:
        people: The B people.
        user: int64 [L], place of the person in the batch.
        startup: int64 [L], row among the known startups of the moment.
        label: float32 [L].
        time: int64 [L], microseconds since 1970 UTC.
        age_days: float64 [L], before the moment of ranking.
    """

    people: Sequence[UserRecord]
    user: Rows
    startup: Rows
    label: FloatArray
    time: Rows
    age_days: npt.NDArray[np.float64]

    @classmethod
    def build(cls, users: Sequence[UserState], moment: Moment) -> Self:
        """Look up what each person liked."""
        entries = [
            (place, moment.row_of[item.startup_id], to_microseconds(item.time), item.label)
            for place, user in enumerate(users)
            for item in user.history
            if item.label > 0 and item.startup_id in moment.row_of
        ]
        user, startup, time = (np.array([entry[part] for entry in entries], dtype=np.int64) for part in range(3))
        return cls(
            people=[state.record for state in users],
            user=user,
            startup=startup,
            label=np.array([entry[3] for entry in entries], dtype=np.float32),
            time=time,
            age_days=moment.days_since(time),
        )

    @property
    def counts(self) -> Rows:
        """int64 [B]: how many likes each person has."""
        return np.bincount(self.user, minlength=len(self.people))

    def weights(self, half_life_days: float | None) -> FloatArray:
        """float32 [L]: the labels, halved for every half-life of age; as they are without one."""
        if half_life_days is None:
            return self.label
        faded: FloatArray = (self.label * 0.5 ** (self.age_days / half_life_days)).astype(np.float32)
        return faded

    def matrix(self, values: FloatArray, startups: int) -> csr_matrix:
        """float32 [B, S]: a value for each like."""
        return csr_matrix((values, (self.user, self.startup)), shape=(len(self.people), startups))
