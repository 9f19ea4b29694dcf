"""Reads the person who asks: by a deadline, not at all while the database is down, and then as last known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.types import UserState
from recommendation_service.services.circuit_breaker import BreakerConfig, CircuitBreaker
from recommendation_service.services.deadline_pool import DeadlineExceededError, DeadlinePool
from recommendation_service.services.errors import DatabaseUnavailableError, UnknownUserError
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.last_known_users import LastKnownUsers
from recommendation_service.services.ports import PlatformDatabase

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserReadConfig:
    """How long a request waits for the person it is about, and what stands in.

    Attributes:
        deadline: The longest a request waits for the database.
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
        self._known = LastKnownUsers(most=self._config.remembered, longest=self._config.remembered_for)
        self.breaker = CircuitBreaker(self._config.breaker)

    def read(self, user_id: str, now: datetime) -> UserReading:
        """A person as the database holds them, else as last known.

        Raises:
            UnknownUserError: If the database says that there is no such person.
        """
        if not self.breaker.allows():
            return self._last_known(user_id, now, "the platform's database is left alone after repeated failures")
        try:
            state = self._read_in_time(user_id, now)
        except DatabaseUnavailableError as error:
            self.failures.count("user_state", type(error).__name__)
            _log.warning("user_state_failed", user_id=user_id, error=str(error))
            return self._last_known(user_id, now, "the platform's database did not answer")
        if state is None:
            self._known.forget(user_id)
            raise UnknownUserError(user_id)
        self._known.remember(user_id, state)
        return UserReading(state=state)

    def _read_in_time(self, user_id: str, now: datetime) -> UserState | None:
        """Whatever happens, the breaker is told: a probe that never reports would keep it half-open for ever."""
        answered = False
        try:
            state = self._pool.call(
                lambda: self._database.user_state(user_id, now), seconds=self._config.deadline.total_seconds()
            )
            answered = True
        except DeadlineExceededError as error:
            raise DatabaseUnavailableError(f"the platform's database gave {error}") from error
        finally:
            if answered:
                self.breaker.succeeded()
            else:
                self.breaker.failed()
        return state

    def _last_known(self, user_id: str, now: datetime, problem: str) -> UserReading:
        recalled = self._known.recall(user_id)
        if recalled is None:
            return UserReading(state=None, problem=f"user_state: {problem}")
        state, age = recalled
        return UserReading(
            state=replace(state, as_of=now),
            problem=f"user_state: {problem}; the person is as known {age.total_seconds():.0f} s ago",
        )
