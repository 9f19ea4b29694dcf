from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.api import BreakerState
from recommendation_service.engines.errors import ConfigError
from recommendation_service.services.circuit_breaker import BreakerConfig, CircuitBreaker


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def breaker(clock: Clock, failures: int = 3, jitter: float = 0.0) -> CircuitBreaker:
    config = BreakerConfig(failures_to_open=failures, reset_seconds=10, jitter=jitter)
    return CircuitBreaker(config, clock=clock, random=Random(1))


def fail(guard: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        assert guard.allows()
        guard.failed()


def test_it_opens_after_failures_in_a_row_only(clock: Clock) -> None:
    guard = breaker(clock)
    fail(guard, 2)
    guard.succeeded()
    fail(guard, 2)
    assert guard.state is BreakerState.CLOSED
    fail(guard, 1)
    assert guard.state is BreakerState.OPEN
    assert not guard.allows()


def test_after_a_while_one_call_may_try_and_closes_it(clock: Clock) -> None:
    guard = breaker(clock)
    fail(guard, 3)
    clock.now += 9.9
    assert not guard.allows()
    clock.now += 0.2
    assert guard.state is BreakerState.HALF_OPEN
    assert [guard.allows() for _ in range(3)] == [True, False, False]
    guard.succeeded()
    assert guard.state is BreakerState.CLOSED
    assert guard.allows()


def test_a_try_that_fails_opens_it_for_another_while(clock: Clock) -> None:
    guard = breaker(clock)
    fail(guard, 3)
    clock.now += 11
    fail(guard, 1)
    assert guard.state is BreakerState.OPEN
    clock.now += 11
    assert guard.allows()


def test_of_many_threads_one_may_try(clock: Clock) -> None:
    guard = breaker(clock)
    fail(guard, 3)
    clock.now += 11
    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(lambda _: guard.allows(), range(64)))
    assert sum(allowed) == 1


def test_workers_do_not_try_together() -> None:
    def waited(seed: int) -> float:
        clock = Clock()
        guard = CircuitBreaker(
            BreakerConfig(failures_to_open=1, reset_seconds=10, jitter=0.3), clock=clock, random=Random(seed)
        )
        fail(guard, 1)
        while not guard.allows():
            clock.now += 0.01
        return clock.now - 100

    waits = [waited(seed) for seed in range(20)]
    assert min(waits) >= 7
    assert max(waits) <= 13.02
    assert len({round(wait, 1) for wait in waits}) > 10


@given(st.lists(st.sampled_from(["succeed", "fail", "wait"]), max_size=60))
def test_whatever_happens_it_lets_calls_through_again(events: list[str]) -> None:
    clock = Clock()
    guard = breaker(clock)
    for event in events:
        if event == "wait":
            clock.now += 4
        elif guard.allows():
            (guard.succeeded if event == "succeed" else guard.failed)()
    clock.now += 11
    assert guard.allows()
    guard.succeeded()
    assert guard.state is BreakerState.CLOSED


@pytest.mark.parametrize(
    "values",
    [{"failures_to_open": 0}, {"reset_seconds": 0}, {"reset_seconds": float("nan")}, {"jitter": 1.0}, {"jitter": -0.1}],
)
def test_settings_that_make_no_sense_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        BreakerConfig(**values)
