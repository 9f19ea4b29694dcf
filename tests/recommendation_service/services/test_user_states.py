from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from contracts.api import BreakerState
from recommendation_service.engines.errors import ConfigError
from recommendation_service.services import user_states
from recommendation_service.services.circuit_breaker import BreakerConfig
from recommendation_service.services.errors import DatabaseUnavailableError, UnknownUserError
from recommendation_service.services.fallbacks import FallbackCounter
from recommendation_service.services.ports import NoModels
from recommendation_service.services.recommendation_service import RecommendationService
from recommendation_service.services.user_states import FEW, UserReadConfig, UserStates

NOW = datetime(2025, 6, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def user_id(fake_database: Any) -> str:
    return str(next(iter(fake_database.users)))


def reading(database: Any, **config: Any) -> UserStates:
    breaker = BreakerConfig(failures_to_open=2, reset_seconds=0.05, jitter=0)
    return UserStates(database, UserReadConfig(**{"deadline": timedelta(seconds=10), "breaker": breaker, **config}))


def test_a_person_is_what_the_database_holds(fake_database: Any, user_id: str) -> None:
    found = reading(fake_database).read(user_id, NOW)
    assert found.problem is None
    assert found.state is not None
    assert found.state.history == fake_database.user_state(user_id, NOW).history


def test_nobody_is_an_error_and_no_failure_of_the_database(fake_database: Any) -> None:
    users = reading(fake_database)
    for _ in range(3):
        with pytest.raises(UnknownUserError, match="there is no user nobody"):
            users.read("nobody", NOW)
    assert users.breaker.state is BreakerState.CLOSED


def test_without_the_database_a_person_is_as_last_known_and_strangers_are_strangers(
    fake_database: Any, user_id: str
) -> None:
    failures = FallbackCounter()
    users = UserStates(fake_database, failures=failures)
    before = users.read(user_id, NOW).state
    fake_database.broken = DatabaseUnavailableError("it is gone")
    known, stranger = users.read(user_id, LATER), users.read(list(fake_database.users)[1], LATER)
    assert before is not None
    assert known.state is not None
    assert (known.state.record, known.state.history, known.state.as_of) == (before.record, before.history, LATER)
    assert known.problem == "user_state: the platform's database did not answer; the person is as known 0 s ago"
    assert (stranger.state, stranger.problem) == (None, "user_state: the platform's database did not answer")
    assert failures.counts == {("user_state", "DatabaseUnavailableError"): 2}


@pytest.mark.parametrize("alone", [True, False], ids=["read alone", "read among many"])
def test_whoever_left_is_not_remembered(fake_database: Any, user_id: str, alone: bool) -> None:
    users = reading(fake_database)
    users.read(user_id, NOW)
    del fake_database.users[user_id]
    if alone:
        with pytest.raises(UnknownUserError):
            users.read(user_id, NOW)
    else:
        assert user_id not in users.read_many([user_id, *fake_database.users], NOW)
    fake_database.broken = DatabaseUnavailableError("it is gone")
    assert users.read(user_id, NOW).state is None


@pytest.fixture
def hanging() -> Iterator[Mock]:
    """A read that does not return before the test ends."""
    release = threading.Event()
    yield Mock(side_effect=lambda *_: release.wait())
    release.set()


def test_a_database_that_hangs_holds_nobody_and_is_then_left_alone(
    fake_database: Any, user_id: str, hanging: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = reading(fake_database, deadline=timedelta(milliseconds=20), breaker=BreakerConfig(failures_to_open=2))
    monkeypatch.setattr(fake_database, "user_state", hanging)
    readings = [users.read(user_id, NOW) for _ in range(10)]
    assert users.breaker.state is BreakerState.OPEN
    assert hanging.call_count == 2
    assert readings[0].problem == "user_state: the platform's database did not answer"
    assert readings[-1].problem == "user_state: the platform's database is left alone after repeated failures"


def test_it_recovers_by_one_read_that_tries(fake_database: Any, user_id: str) -> None:
    users = reading(fake_database)
    fake_database.broken = DatabaseUnavailableError("it is gone")
    for _ in range(2):
        users.read(user_id, NOW)
    assert users.breaker.state is BreakerState.OPEN
    fake_database.broken = None
    assert users.read(user_id, NOW).state is None
    while users.breaker.state is BreakerState.OPEN:
        threading.Event().wait(0.01)
    assert users.read(user_id, NOW).problem is None
    assert users.breaker.state is BreakerState.CLOSED


def test_a_mistake_in_the_program_is_not_hidden_and_counts_as_a_failure(fake_database: Any, user_id: str) -> None:
    users = reading(fake_database)
    fake_database.broken = TypeError("a mistake")
    for _ in range(2):
        with pytest.raises(TypeError):
            users.read(user_id, NOW)
    assert users.breaker.state is BreakerState.OPEN


@pytest.mark.parametrize("count", [FEW, FEW + 1], ids=["few", "many"])
def test_several_people_are_each_what_the_database_holds_and_nobody_is_left_out(fake_database: Any, count: int) -> None:
    asked = list(fake_database.users)[: count - 1]
    found = reading(fake_database).read_many([*asked, "nobody"], NOW)
    assert list(found) == asked
    for user_id, told in found.items():
        assert told.problem is None
        assert told.state is not None
        assert told.state.history == fake_database.user_state(user_id, NOW).history


def test_a_few_people_do_not_wait_for_reads_of_many(
    fake_database: Any, user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, users = threading.Event(), reading(fake_database)

    def hang(*_: Any) -> dict[str, Any]:
        release.wait()
        return {}

    monkeypatch.setattr(fake_database, "user_states", hang)
    reader = threading.Thread(target=users.read_many, args=(list(fake_database.users), NOW))
    reader.start()
    assert users.read_many([user_id] * FEW, NOW)[user_id].problem is None
    release.set()
    reader.join()


def test_without_the_database_each_of_many_is_as_last_known_and_it_is_left_alone(
    fake_database: Any, user_id: str, hanging: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hangs: each read of many costs its deadline once, whoever is in it, and the third is not begun."""
    users = reading(fake_database, deadline=timedelta(seconds=1), breaker=BreakerConfig(failures_to_open=2))
    before, everybody = users.read(user_id, NOW).state, list(fake_database.users)
    monkeypatch.setattr(fake_database, "user_states", hanging)
    monkeypatch.setattr(user_states, "MANY_DEADLINES", 0.02)
    readings = [users.read_many(everybody, LATER) for _ in range(3)]
    assert before is not None
    assert hanging.call_count == 2
    for found in readings:
        assert list(found) == everybody
        assert found[user_id].state is not None
        assert found[user_id].state.history == before.history
        assert [one for one, told in found.items() if told.state is not None] == [user_id]
        assert all(told.problem for told in found.values())
    assert "is left alone" in str(readings[2][user_id].problem)
    assert users.failures.counts == {("user_state", "DatabaseUnavailableError"): 2}


def test_no_time_at_all_is_refused() -> None:
    with pytest.raises(ConfigError, match="deadline must be above 0"):
        UserReadConfig(deadline=timedelta(0))


def test_failures_are_counted_where_the_service_counts_its_own(fake_database: Any) -> None:
    users = reading(fake_database)
    assert RecommendationService(fake_database, models=NoModels(), users=users).fallbacks is users.failures
