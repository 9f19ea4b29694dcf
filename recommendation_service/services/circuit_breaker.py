"""A circuit breaker: after repeated failures a neighbour is left alone, then tried by one call at a time.

Source: Nygard, Release It! (2007), "Circuit Breaker".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from threading import Lock
from time import monotonic

from contracts.api import BreakerState
from recommendation_service.engines.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerConfig:
    """When a breaker opens and when it tries again.

    Attributes:
        failures_to_open: Failures in a row.
        reset_seconds: How long it stays open before one call may try.
        jitter: Each wait is drawn from `reset_seconds * (1 - jitter, 1 + jitter)`, so that workers do not try together.
    """

    failures_to_open: int = 5
    reset_seconds: float = 1.0
    jitter: float = 0.3

    def __post_init__(self) -> None:
        if self.failures_to_open < 1:
            raise ConfigError(f"failures_to_open must be at least 1, got {self.failures_to_open}")
        if not self.reset_seconds > 0:
            raise ConfigError(f"reset_seconds must be above 0, got {self.reset_seconds}")
        if not 0 <= self.jitter < 1:
            raise ConfigError(f"jitter must be from 0 to below 1, got {self.jitter}")


class CircuitBreaker:
    """Decides whether a call may be made; safe to share between threads.

    Whoever was allowed must report `succeeded` or `failed`.
    """

    def __init__(
        self,
        config: BreakerConfig | None = None,
        *,
        clock: Callable[[], float] = monotonic,
        random: Random | None = None,
    ) -> None:
        self._config = config or BreakerConfig()
        self._clock = clock
        self._random = random or Random()  # noqa: S311 - spreads retries  # nosec B311
        self._lock = Lock()
        self._failures = 0
        self._retry_at: float | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        """Closed lets calls through, open refuses them, half-open lets one try."""
        with self._lock:
            return self._state()

    def allows(self) -> bool:
        """Whether a call may be made now; half-open it is true for one caller until that one reports."""
        if self._retry_at is None:
            return True
        with self._lock:
            state = self._state()
            if state is BreakerState.HALF_OPEN and not self._probing:
                self._probing = True
                return True
            return state is BreakerState.CLOSED

    def succeeded(self) -> None:
        """The call was answered: the breaker closes."""
        if self._failures == 0:
            return
        with self._lock:
            self._failures, self._retry_at, self._probing = 0, None, False

    def failed(self) -> None:
        """The call failed: enough of them in a row, or one while half-open, open the breaker."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._config.failures_to_open:
                spread = self._random.uniform(1 - self._config.jitter, 1 + self._config.jitter)
                self._retry_at = self._clock() + self._config.reset_seconds * spread
                self._probing = False

    def _state(self) -> BreakerState:
        if self._retry_at is None:
            return BreakerState.CLOSED
        return BreakerState.HALF_OPEN if self._clock() >= self._retry_at else BreakerState.OPEN
