"""Who asked lately: real questions that a new model must be able to answer before it serves."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from recommendation_service.engines.types import UserState

MOST_PEOPLE = 32


class AskedPeople:
    """The last few different people, in memory only; safe to share between threads."""

    def __init__(self, most: int = MOST_PEOPLE) -> None:
        self._most = most
        self._states: OrderedDict[str, UserState] = OrderedDict()
        self._lock = Lock()

    def remember(self, state: UserState) -> None:
        """Keep this state in place of the person's last one, and forget whoever asked longest ago."""
        with self._lock:
            self._states[state.record.id] = state
            self._states.move_to_end(state.record.id)
            if len(self._states) > self._most:
                self._states.popitem(last=False)

    def states(self) -> list[UserState]:
        """Everybody remembered, who asked longest ago first."""
        with self._lock:
            return list(self._states.values())
