from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.api import BreakerState
from recommendation_service.services.bounded_members import BoundedMembers
from recommendation_service.services.circuit_breaker import BreakerConfig, CircuitBreaker
from recommendation_service.services.errors import DatabaseUnavailableError

NOW = datetime(2025, 6, 1, tzinfo=UTC)
QUESTIONS = ("confirmed", "described")


class Members:
    """A source that names what it was asked, and hangs or fails when told to."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self.release.set()
        self.asked: list[str] = []
        self.broken: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        def answer(*asked: Any) -> Any:
            self.asked.append(name)
            self.release.wait()
            if self.broken is not None:
                raise self.broken
            return name, asked

        return answer


@pytest.fixture
def source() -> Members:
    return Members()


def bounded(source: Members, **config: Any) -> tuple[BoundedMembers, CircuitBreaker]:
    breaker = CircuitBreaker(BreakerConfig(failures_to_open=2, reset_seconds=60))
    return BoundedMembers(source, breaker, **{"deadline": timedelta(seconds=10), **config}), breaker


def ask(members: BoundedMembers, question: str) -> Any:
    return getattr(members, question)(["a"], "startup" if question == "confirmed" else NOW)


def test_answers_are_those_of_the_source(source: Members) -> None:
    members, _ = bounded(source)
    told: Any = [
        members.mark(NOW),
        members.findable(),
        members.members(["a"], NOW),
        members.confirmed(["a"], "b"),
        members.described(["a"], NOW),
        members.changes("mark", NOW),  # type: ignore[arg-type]
    ]
    assert told == [
        ("mark", (NOW,)),
        ("findable", ()),
        ("members", (["a"], NOW)),
        ("confirmed", (["a"], "b")),
        ("described", (["a"], NOW)),
        ("changes", ("mark", NOW)),
    ]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_database_that_hangs_holds_no_answer_and_is_then_left_alone(source: Members, question: str) -> None:
    members, breaker = bounded(source, deadline=timedelta(milliseconds=20))
    source.release.clear()
    for _ in range(2):
        with pytest.raises(DatabaseUnavailableError, match="no answer within 20 ms"):
            ask(members, question)
    with pytest.raises(DatabaseUnavailableError, match="is left alone after repeated failures"):
        ask(members, question)
    assert breaker.state is BreakerState.OPEN
    assert source.asked == [question, question]
    source.release.set()


def test_what_the_source_fails_with_counts_and_comes_through(source: Members) -> None:
    members, breaker = bounded(source)
    source.broken = DatabaseUnavailableError("it is gone")
    for question in QUESTIONS:
        with pytest.raises(DatabaseUnavailableError, match="it is gone"):
            ask(members, question)
    assert breaker.state is BreakerState.OPEN


def test_the_background_reads_on_while_answers_do_not(source: Members) -> None:
    members, breaker = bounded(source)
    for _ in range(2):
        breaker.failed()
    assert members.findable()
    assert members.members(["a"], NOW)
