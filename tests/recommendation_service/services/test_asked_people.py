from __future__ import annotations

from recommendation_service.engines.types import UserRecord, UserState
from recommendation_service.services.asked_people import AskedPeople


def state(name: str, role: str = "") -> UserState:
    return UserState(record=UserRecord(id=name, role=role))


def test_everybody_is_there_once_with_the_latest_state_who_asked_longest_ago_first() -> None:
    asked = AskedPeople()
    for one in (state("a"), state("b"), state("a", "investor")):
        asked.remember(one)
    assert [(one.record.id, one.record.role) for one in asked.states()] == [("b", ""), ("a", "investor")]


def test_whoever_asked_longest_ago_is_forgotten() -> None:
    asked = AskedPeople(most=2)
    for name in "abac":
        asked.remember(state(name))
    assert [one.record.id for one in asked.states()] == ["a", "c"]
