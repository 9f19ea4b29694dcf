"""How often one caller may ask: a token bucket for each, in bounded memory."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock
from time import monotonic

from flask import Flask, Response, g

from contracts.access import Scope
from recommendation_service.engines.errors import ConfigError
from recommendation_service.http_api.problems import problem
from recommendation_service.http_api.tokens import Bearer
from recommendation_service.services.statistics import ServiceStatistics


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimitConfig:
    """What one caller may ask of one worker.

    Attributes:
        per_second: Requests that may follow each other for ever.
        burst: Requests that may come at once after a pause.
        most_callers: How many are remembered; whoever asked longest ago is forgotten first, and begins anew.
    """

    per_second: float = 20.0
    burst: int = 100
    most_callers: int = 50_000

    def __post_init__(self) -> None:
        if not self.per_second > 0:
            raise ConfigError(f"per_second must be above 0, got {self.per_second}")
        if self.burst < 1 or self.most_callers < 1:
            raise ConfigError(f"burst and most_callers must be at least 1, got {self.burst} and {self.most_callers}")


class RateLimiter:
    """Token buckets by caller; safe to share between threads."""

    def __init__(self, config: RateLimitConfig | None = None, *, clock: Callable[[], float] = monotonic) -> None:
        self._config = config or RateLimitConfig()
        self._clock = clock
        self._lock = Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, caller: str) -> float:
        """0 if the caller may ask now, which is then counted; else how long until they may."""
        now, rate = self._clock(), self._config.per_second
        with self._lock:
            tokens, filled_at = self._buckets.get(caller, (float(self._config.burst), now))
            tokens = min(float(self._config.burst), tokens + (now - filled_at) * rate)
            wait = 0.0 if tokens >= 1 else (1 - tokens) / rate
            self._buckets[caller] = (tokens if wait else tokens - 1, now)
            self._buckets.move_to_end(caller)
            if len(self._buckets) > self._config.most_callers:
                self._buckets.popitem(last=False)
        return wait


class TooManyRequestsError(Exception):
    """One caller asks too often."""

    def __init__(self, wait_seconds: float) -> None:
        self.retry_after = math.ceil(wait_seconds)
        super().__init__(f"too many requests; try again in {self.retry_after} s")


def register_rate_limits(app: Flask, limiter: RateLimiter, statistics: ServiceStatistics) -> None:
    """Hold members and operators to their rate; call it after `register_access`, which says who asks.

    The platform speaks for all members and is held by the queue alone.
    """

    def check() -> None:
        asking: Bearer | None = g.get("bearer")
        if asking is None or asking.scope is Scope.PLATFORM:
            return
        wait = limiter.wait_seconds(f"{asking.scope.value}:{asking.subject}")
        if wait:
            statistics.count_turned_away("rate_limited")
            raise TooManyRequestsError(wait)

    app.before_request(check)
    app.register_error_handler(TooManyRequestsError, _refusal)


def _refusal(error: TooManyRequestsError) -> Response:
    response = problem(HTTPStatus.TOO_MANY_REQUESTS, str(error))
    response.headers["Retry-After"] = str(error.retry_after)
    return response
