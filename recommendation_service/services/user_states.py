"""Reads the person who asks: by a deadline, not at all while the database is down, and then as last known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.types import UserState
from recommendation_service.services.circuit_breaker import BreakerConfig, CircuitBreaker
from recommendation_service.services.deadline_pool import DeadlinePool
from recommendation_service.services.errors import DatabaseUnavailableError, UnknownUserError
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.guarded_read import guarded_read
from recommendation_service.services.last_known_users import LastKnownUsers
from recommendation_service.services.ports import PlatformDatabase

FEW = 4
"""So many people are read as each would be alone: somebody waits for them, and batches must not be in their way."""
MANY_DEADLINES = 40
"""A read of more people may take so many times as long as that of one; they are some hundred at most."""
_MANY_READERS = 2
_NO_ANSWER = "the platform's database did not answer"
_LEFT_ALONE = "the platform's database is left alone after repeated failures"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserReadConfig:
    """How long a request waits for the person it is about, and what stands in.

    Attributes:
        deadline: The longest a request waits for the database; for many people `MANY_DEADLINES` times as long.
        readers: Reads at the same time.
        remembered: The most people whose last state is kept.
        remembered_for: How long it may stand in.
        breaker: When the database is left alone.
    """

    deadline: timedelta = timedelta(milliseconds=50)
    readers: int = 8
    remembered: int = 2000
    remembered_for: timedelta = timedelta(minutes=15)
    breaker: BreakerConfig = field(default_factory=BreakerConfig)

    def __post_init__(self) -> None:
        if self.deadline <= timedelta(0):
            raise ConfigError(f"deadline must be above 0, got {self.deadline}")


@dataclass(frozen=True, slots=True, kw_only=True)
class UserReading:
    """What is known of a person now.

    Attributes:
        state: None if nothing is known, because the database does not answer and the person was not seen lately.
        problem: Why this is not what the database holds; None if it is.
    """

    state: UserState | None
    problem: str | None = None


class UserStates:
    """Reads people for requests; safe to share between threads."""

    def __init__(
        self,
        database: PlatformDatabase,
        config: UserReadConfig | None = None,
        *,
        failures: FallbackCounter | None = None,
    ) -> None:
        self._database = database
        self._config = config or UserReadConfig()
        self.failures = failures or FallbackCounter()
        self._pool = DeadlinePool(threads=self._config.readers, name="user-reader")
        self._many_pool = DeadlinePool(threads=_MANY_READERS, name="many-users-reader")
        self._known = LastKnownUsers(most=self._config.remembered, longest=self._config.remembered_for)
        self.breaker = CircuitBreaker(self._config.breaker)

    def read(self, user_id: str, now: datetime) -> UserReading:
        """A person as the database holds them, else as last known.

        Raises:
            UnknownUserError: If the database says that there is no such person.
        """
        if not self.breaker.allows():
            return self._last_known(user_id, now, _LEFT_ALONE)
        try:
            state = guarded_read(
                self.breaker, self._pool, lambda: self._database.user_state(user_id, now), self._config.deadline
            )
        except DatabaseUnavailableError as error:
            self.failures.count("user_state", type(error).__name__)
            _log.warning("user_state_failed", user_id=user_id, error=str(error))
            return self._last_known(user_id, now, _NO_ANSWER)
        if state is None:
            self._known.forget(user_id)
            raise UnknownUserError(user_id)
        self._known.remember(user_id, state)
        return UserReading(state=state)

    def read_many(self, user_ids: Sequence[str], now: datetime) -> Mapping[str, UserReading]:
        """Several people, by id, each as `read` gives them; of whom the database says that they are nobody, nothing."""
        if len(user_ids) <= FEW:
            return self._one_by_one(user_ids, now)
        if not self.breaker.allows():
            return {user_id: self._last_known(user_id, now, _LEFT_ALONE) for user_id in user_ids}
        longest = MANY_DEADLINES * self._config.deadline
        try:
            states = guarded_read(
                self.breaker, self._many_pool, lambda: self._database.user_states(user_ids, now), longest
            )
        except DatabaseUnavailableError as error:
            self.failures.count("user_state", type(error).__name__)
            _log.warning("user_states_failed", people=len(user_ids), error=str(error))
            return {user_id: self._last_known(user_id, now, _NO_ANSWER) for user_id in user_ids}
        for user_id in user_ids:
            if user_id not in states:
                self._known.forget(user_id)
        return {user_id: UserReading(state=state) for user_id, state in states.items()}

    def _one_by_one(self, user_ids: Sequence[str], now: datetime) -> Mapping[str, UserReading]:
        found: dict[str, UserReading] = {}
        for user_id in user_ids:
            with suppress(UnknownUserError):
                found[user_id] = self.read(user_id, now)
        return found

    def _last_known(self, user_id: str, now: datetime, problem: str) -> UserReading:
        recalled = self._known.recall(user_id)
        if recalled is None:
            return UserReading(state=None, problem=f"user_state: {problem}")
        state, age = recalled
        return UserReading(
            state=replace(state, as_of=now),
            problem=f"user_state: {problem}; the person is as known {age.total_seconds():.0f} s ago",
        )
