"""What people had done by a moment, so that nobody is ranked with knowledge of later."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.person_history import History
from recommendation_service.engines.timeline import done_by_people, to_microseconds
from recommendation_service.engines.types import Interactions, TrainingData, UserState


class Histories:
    """Everybody's acts in order of time, to be asked for as of any moment. Sampled negatives are no acts."""

    def __init__(self, data: TrainingData) -> None:
        self._data = data
        acts = data.interactions.take(done_by_people(data.interactions))
        self._acts = acts.take(np.lexsort((acts.time, acts.user)))
        self._starts = np.searchsorted(self._acts.user, np.arange(len(data.users) + 1))

    def rows(self, user: int, as_of: datetime) -> slice:
        """Where the acts of a user strictly before a moment lie in `acts`."""
        first, last = int(self._starts[user]), int(self._starts[user + 1])
        times = self._acts.time[first:last]
        return slice(first, first + int(np.searchsorted(times, to_microseconds(as_of), side="left")))

    @property
    def acts(self) -> Interactions:
        """All acts, ordered by user and then time."""
        return self._acts

    def state(self, user: int, as_of: datetime) -> UserState:
        """A user with what they had done strictly before a moment, oldest first."""
        acts = self._acts.take(np.arange(*self.rows(user, as_of).indices(len(self._acts))))
        history = History(
            [self._data.startups[startup].id for startup in acts.startup.tolist()],
            kind=acts.kind,
            label=acts.label,
            time=acts.time,
        )
        return UserState(record=self._data.users[user], history=history, as_of=as_of)


def user_states(data: TrainingData, users: npt.NDArray[np.integer], as_of: datetime) -> list[UserState]:
    """The users of these rows as they were at a moment."""
    histories = Histories(data)
    return [histories.state(int(user), as_of) for user in users]
