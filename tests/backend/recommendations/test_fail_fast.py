from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import pytest

from recommendations.client import RecommendationClient
from recommendations.errors import (
    InvalidAnswerError,
    ServiceFailedError,
    ServiceTimeoutError,
    ServiceUnreachableError,
)
from recommendations.fail_fast import FAILURES_IN_A_ROW, FailFast


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def fail_fast(clock):
    return FailFast(retry_seconds=5, clock=clock)


def call(fail_fast, error=None):
    with fail_fast.guard():
        if error is not None:
            raise error


def fail(fail_fast, times, kind=ServiceTimeoutError):
    for _ in range(times):
        with pytest.raises(kind, match="it hangs"):
            call(fail_fast, kind("it hangs"))


@pytest.mark.parametrize("kind", [ServiceTimeoutError, ServiceUnreachableError])
def test_after_silence_in_a_row_nobody_waits(fail_fast, kind):
    fail(fail_fast, FAILURES_IN_A_ROW, kind)
    with pytest.raises(ServiceUnreachableError, match=r"failed 3 times in a row; next try in 5\.0 s"):
        call(fail_fast)


@pytest.mark.parametrize("answer", [None, ServiceFailedError("it answered 500"), ServiceFailedError("it refused")])
def test_an_answer_of_any_kind_between_silences_keeps_it_open(fail_fast, answer):
    for _ in range(3):
        fail(fail_fast, FAILURES_IN_A_ROW - 1)
        with suppress(ServiceFailedError):
            call(fail_fast, answer)


def test_when_it_is_time_one_call_tries_and_its_success_lets_all_in(fail_fast, clock):
    fail(fail_fast, FAILURES_IN_A_ROW)
    clock.now += 5.1
    with ThreadPoolExecutor(1) as pool, fail_fast.guard():
        refused = pool.submit(call, fail_fast).exception()
    assert isinstance(refused, ServiceUnreachableError)
    for _ in range(3):
        call(fail_fast)


def test_a_try_that_fails_postpones_the_next(fail_fast, clock):
    fail(fail_fast, FAILURES_IN_A_ROW)
    clock.now += 5.1
    fail(fail_fast, 1)
    with pytest.raises(ServiceUnreachableError, match="not asked"):
        call(fail_fast)
    clock.now += 5.1
    call(fail_fast)


def test_a_hung_service_is_waited_for_a_few_times_only(db, service):
    client = RecommendationClient(base_url=service.url, timeout_seconds=0.1, retry_seconds=60)
    service.behave = service.hangs
    for _ in range(FAILURES_IN_A_ROW):
        with pytest.raises(ServiceTimeoutError):
            client.recommendations(user_id=uuid4(), limit=5)
    with pytest.raises(ServiceUnreachableError, match="not asked"):
        client.recommendations(user_id=uuid4(), limit=5)
    assert len(service.paths) == FAILURES_IN_A_ROW


def test_a_service_that_answers_nonsense_is_not_down(db, service):
    client = RecommendationClient(base_url=service.url, timeout_seconds=0.5, retry_seconds=60)
    service.behave = service.sends(200, b"nonsense")
    for _ in range(FAILURES_IN_A_ROW + 1):
        with pytest.raises(InvalidAnswerError):
            client.recommendations(user_id=uuid4(), limit=5)


def test_connections_are_kept_open(db, service, recommend, member):
    client = RecommendationClient(base_url=service.url, timeout_seconds=0.5, retry_seconds=60)
    service.answers(recommend(member, []))
    ports = set()
    answer = service.behave

    def note_port(handler):
        ports.add(handler.client_address[1])
        handler.protocol_version, handler.close_connection = "HTTP/1.1", False
        answer(handler)

    service.behave = note_port
    for _ in range(3):
        client.recommendations(user_id=member.pk, limit=5)
    client.close()
    assert len(ports) == 1
