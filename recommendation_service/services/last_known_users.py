"""What was last read of the people seen lately, for moments when the database does not answer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from threading import Lock
from time import monotonic

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.types import UserState


class LastKnownUsers:
    """A bounded memory of people; safe to share between threads.

    Whoever was read longest ago is forgotten first, and everybody after `longest`: what somebody did since is missing
    from it, and a person who left must not live on in it.
    """

    def __init__(self, *, most: int, longest: timedelta, clock: Callable[[], float] = monotonic) -> None:
        """Remember nobody yet.

        Raises:
            ConfigError: If nobody or no time is to be remembered.
        """
        if most < 1:
            raise ConfigError(f"most must be at least 1, got {most}")
        if longest <= timedelta(0):
            raise ConfigError(f"longest must be above 0, got {longest}")
        self._most = most
        self._longest_seconds = longest.total_seconds()
        self._clock = clock
        self._lock = Lock()
        self._known: OrderedDict[str, tuple[UserState, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def remember(self, user_id: str, state: UserState) -> None:
        """Keep what was read just now."""
        now = self._clock()
        with self._lock:
            self._known[user_id] = (state, now)
            self._known.move_to_end(user_id)
            self._forget_oldest(now)

    def forget(self, user_id: str) -> None:
        """Keep nothing of this person."""
        with self._lock:
            self._known.pop(user_id, None)

    def recall(self, user_id: str) -> tuple[UserState, timedelta] | None:
        """What was last read of a person and how long ago; None if that is forgotten."""
        now = self._clock()
        with self._lock:
            self._forget_oldest(now)
            known = self._known.get(user_id)
        return None if known is None else (known[0], timedelta(seconds=now - known[1]))

    def _forget_oldest(self, now: float) -> None:
        while self._known:
            oldest = next(iter(self._known.values()))
            if len(self._known) <= self._most and now - oldest[1] <= self._longest_seconds:
                return
            self._known.popitem(last=False)
