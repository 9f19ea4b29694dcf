"""Reads that somebody waits for: by a deadline that holds whatever the read hangs on, and told to a breaker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from recommendation_service.services.circuit_breaker import CircuitBreaker
from recommendation_service.services.deadline_pool import DeadlineExceededError, DeadlinePool
from recommendation_service.services.errors import DatabaseUnavailableError

Result = TypeVar("Result")


def guarded_read(
    breaker: CircuitBreaker, pool: DeadlinePool, read: Callable[[], Result], deadline: timedelta
) -> Result:
    """What `read` returns; made only after the breaker allowed it.

    Whatever happens, the breaker is told: a probe that never reports would keep it half-open for ever.

    Raises:
        DatabaseUnavailableError: If it does not return in time.
        Exception: What it raises.
    """
    answered = False
    try:
        found = pool.call(read, seconds=deadline.total_seconds())
        answered = True
    except DeadlineExceededError as error:
        raise DatabaseUnavailableError(f"the platform's database gave {error}") from error
    finally:
        if answered:
            breaker.succeeded()
        else:
            breaker.failed()
    return found
