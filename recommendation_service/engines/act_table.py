"""What some people did before a moment, as parallel arrays: one shape for training and for serving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from typing import Self

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.person_history import NOTHING_DONE
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import FloatArray, Interactions, UserState

_MICROSECONDS_PER_DAY = 86_400_000_000
_UNKNOWN = -1
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActTable:
    """E acts of B people, in order of person and time.

    Attributes:
        people: How many people, B.
        person: int64 [E] in 0..B-1.
        startup: int64 [E], rows of the startups that a model knows.
        label: float32 [E].
        kind: int8 [E], position in INTERACTION_KINDS.
        time: int64 [E], microseconds since 1970 UTC.
        as_of: int64 [B], each person's moment, likewise; every act lies strictly before it.
    """

    people: int
    person: Rows
    startup: Rows
    label: FloatArray
    kind: npt.NDArray[np.int8]
    time: Rows
    as_of: Rows

    @property
    def starts(self) -> Rows:
        """int64 [B + 1]: the acts of person b are those from `starts[b]` to `starts[b + 1]`."""
        return np.searchsorted(self.person, np.arange(self.people + 1))

    @property
    def age_days(self) -> npt.NDArray[np.float64]:
        """float64 [E]: how long before the person's moment."""
        days: npt.NDArray[np.float64] = (self.as_of[self.person] - self.time) / _MICROSECONDS_PER_DAY
        return days

    @classmethod
    def of_rows(cls, acts: Interactions, users: Rows, as_of: datetime) -> Self:
        """What some users did strictly before a moment, from the acts of everybody.

        Args:
            acts: In order of user and time, as `Histories.acts`.
            users: Distinct rows of users, ascending.
            as_of: The moment.
        """
        moment = to_microseconds(as_of)
        place = np.searchsorted(users, acts.user)
        theirs = (place < len(users)) & (acts.time < moment)
        theirs[theirs] = users[place[theirs]] == acts.user[theirs]
        found = acts.take(theirs)
        return cls(
            people=len(users),
            person=place[theirs],
            startup=found.startup.astype(np.int64),
            label=found.label,
            kind=found.kind,
            time=found.time,
            as_of=np.full(len(users), moment, dtype=np.int64),
        )

    @classmethod
    def of_states(cls, users: Sequence[UserState], row_of: Mapping[str, int], as_of: datetime) -> Self:
        """What people did, from their histories; startups that the model does not know are left out.

        Args:
            users: B people.
            row_of: Startup id -> row.
            as_of: The moment of people whose state names none.
        """
        histories = [user.history for user in users]
        done = chain.from_iterable(history.startup_ids for history in histories)
        startup = np.fromiter(map(row_of.get, done, repeat(_UNKNOWN)), dtype=np.int64)
        person = np.repeat(np.arange(len(users)), [len(history) for history in histories])
        label, kind, time = (
            np.concatenate([getattr(history, name) for history in (NOTHING_DONE, *histories)])
            for name in ("label", "kind", "time")
        )
        known = startup != _UNKNOWN
        return cls(
            people=len(users),
            person=person[known],
            startup=startup[known],
            label=label[known].astype(np.float32),
            kind=kind[known],
            time=time[known],
            as_of=np.array([to_microseconds(user.as_of or as_of) for user in users], dtype=np.int64),
        )
