from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from recommendation_service.engines.errors import ConfigError
from recommendation_service.engines.types import UserRecord, UserState
from recommendation_service.services.last_known_users import LastKnownUsers


def person(name: str) -> UserState:
    return UserState(record=UserRecord(id=name, role="student"))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def known(clock: Clock) -> LastKnownUsers:
    return LastKnownUsers(most=2, longest=timedelta(seconds=60), clock=clock)


def test_what_was_read_last_is_recalled_with_its_age(known: LastKnownUsers, clock: Clock) -> None:
    first, second = person("a"), person("a")
    known.remember("a", first)
    clock.now = 5
    known.remember("a", second)
    clock.now = 17
    assert known.recall("a") == (second, timedelta(seconds=12))
    assert known.recall("b") is None


def test_who_was_read_longest_ago_is_forgotten_first(known: LastKnownUsers) -> None:
    for name in ("a", "b", "a", "c"):
        known.remember(name, person(name))
    assert known.recall("b") is None
    assert known.recall("a") is not None
    assert len(known) == 2


def test_after_a_while_everybody_is_forgotten(known: LastKnownUsers, clock: Clock) -> None:
    known.remember("a", person("a"))
    clock.now = 61
    assert known.recall("a") is None
    assert len(known) == 0


def test_who_left_is_forgotten_at_once(known: LastKnownUsers) -> None:
    known.remember("a", person("a"))
    known.forget("a")
    known.forget("never seen")
    assert known.recall("a") is None


@pytest.mark.parametrize("values", [{"most": 0}, {"longest": timedelta(0)}])
def test_a_memory_of_nothing_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        LastKnownUsers(**{"most": 1, "longest": timedelta(1), **values})
