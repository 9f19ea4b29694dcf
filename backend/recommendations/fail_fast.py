"""Keeps pages from waiting for a recommendation service that is down: then only one call at a time tries it.

Source: Nygard, Release It! (2007), "Circuit Breaker".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from recommendations.errors import RecommendationServiceError, ServiceTimeoutError, ServiceUnreachableError

FAILURES_IN_A_ROW = 3


class FailFast:
    """Guards calls to one service; safe to share between threads."""

    def __init__(self, *, retry_seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._retry_seconds = retry_seconds
        self._clock = clock
        self._lock = Lock()
        self._failures = 0
        self._next_try = 0.0

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Make a call inside, unless the service is known to be down.

        Only silence counts as down: a service that answers, if with an error, costs no waiting.

        Raises:
            ServiceUnreachableError: At once, while the service is left alone.
        """
        self._require_hope()
        try:
            yield
        except (ServiceTimeoutError, ServiceUnreachableError):
            self._failed()
            raise
        except RecommendationServiceError:
            self._failures = 0
            raise
        self._failures = 0

    def _require_hope(self) -> None:
        """Of the callers that come when it is time again, one goes through; the others wait for what it finds."""
        with self._lock:
            if self._failures < FAILURES_IN_A_ROW:
                return
            wait = self._next_try - self._clock()
            if wait <= 0:
                self._next_try = self._clock() + self._retry_seconds
                return
        raise ServiceUnreachableError(f"not asked: it failed {self._failures} times in a row; next try in {wait:.1f} s")

    def _failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._next_try = self._clock() + self._retry_seconds
