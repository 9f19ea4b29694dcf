from __future__ import annotations

from recommendation_service.adapters.people_seen import PeopleSeen
from recommendation_service.engines.types import UserRecord, UserState


def state(user_id: str) -> UserState:
    return UserState(record=UserRecord(id=user_id, role="user"))


def test_only_the_same_signs_bring_a_person_back() -> None:
    seen = PeopleSeen()
    kept = state("a")
    seen.keep({"a": (1, b"x"), "b": (2, b"y")}, {"a": kept})
    assert seen.unchanged({"a": (1, b"x")})["a"] is kept
    assert seen.unchanged({"a": (1, b"z"), "b": (2, b"y"), "c": ()}) == {}


def test_whoever_was_read_longest_ago_is_forgotten_first() -> None:
    seen = PeopleSeen(most=2)
    for user_id in "abac":
        seen.keep({user_id: (1,)}, {user_id: state(user_id)})
    assert len(seen) == 2
    assert set(seen.unchanged(dict.fromkeys("abc", (1,)))) == {"a", "c"}
