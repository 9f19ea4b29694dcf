from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from recommendation_service.engines.errors import ConfigError
from recommendation_service.services.deadline_pool import DeadlineExceededError, DeadlinePool


@pytest.fixture
def pool() -> DeadlinePool:
    return DeadlinePool(threads=2, name="test")


def test_results_and_errors_come_back_to_who_asked(pool: DeadlinePool) -> None:
    with ThreadPoolExecutor(8) as callers:
        results = list(callers.map(lambda number: pool.call(lambda: number * 2, seconds=10), range(200)))
    assert results == [number * 2 for number in range(200)]
    with pytest.raises(ZeroDivisionError):
        pool.call(lambda: 1 // 0, seconds=10)
    assert pool.call(lambda: "still there", seconds=10) == "still there"


def test_a_call_that_hangs_is_given_up_and_keeps_its_thread_only(pool: DeadlinePool) -> None:
    release = threading.Event()
    begun = time.monotonic()
    with pytest.raises(DeadlineExceededError, match="within 50 ms"):
        pool.call(release.wait, seconds=0.05)
    assert time.monotonic() - begun < 5
    assert pool.call(lambda: "the other thread", seconds=10) == "the other thread"
    release.set()


def test_with_all_threads_hung_calls_fail_at_their_deadline_and_are_never_made(pool: DeadlinePool) -> None:
    release, made = threading.Event(), []
    for _ in range(2):
        with pytest.raises(DeadlineExceededError):
            pool.call(release.wait, seconds=0.02)
    for number in range(5):
        with pytest.raises(DeadlineExceededError):
            pool.call(lambda number=number: made.append(number), seconds=0.02)
    release.set()
    assert pool.call(lambda: "recovered", seconds=10) == "recovered"
    assert made == []


def test_threads_begin_with_the_first_call() -> None:
    before = threading.active_count()
    pool = DeadlinePool(threads=3, name="lazy")
    assert threading.active_count() == before
    pool.call(lambda: None, seconds=10)
    assert threading.active_count() == before + 3
    pool.call(lambda: None, seconds=10)
    assert threading.active_count() == before + 3


def test_a_pool_without_threads_is_refused() -> None:
    with pytest.raises(ConfigError, match="threads must be at least 1, got 0"):
        DeadlinePool(threads=0, name="none")
