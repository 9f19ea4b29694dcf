"""What was asked for again outlives what was asked for once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recommendation_service.services.segmented_cache import SegmentedCache


def cache_of(*keys: int, most: int = 4) -> SegmentedCache[int, str]:
    cache: SegmentedCache[int, str] = SegmentedCache(most)
    for key in keys:
        cache.put(key, f"value {key}")
    return cache


def test_what_is_put_is_known_until_others_push_it_out() -> None:
    cache = cache_of(1, 2, 3)
    assert [cache.get(key) for key in (1, 2, 3)] == [None, "value 2", "value 3"]


def test_any_number_of_questions_that_come_once_leave_those_that_came_again() -> None:
    cache = cache_of(1)
    assert cache.get(1) == "value 1"
    for key in range(2, 100):
        cache.put(key, "once")
    assert cache.get(1) == "value 1"
    assert len(cache) == 3


def test_of_those_that_came_again_the_one_that_did_so_longest_ago_has_one_more_chance() -> None:
    cache = cache_of()
    for key in (1, 2, 3):
        cache.put(key, f"value {key}")
        cache.get(key)
    cache.put(4, "value 4")
    assert cache.get(1) == "value 1"
    for key in (5, 6):
        cache.put(key, f"value {key}")
    assert [cache.get(key) for key in (1, 3)] == ["value 1", "value 3"]


def test_what_is_known_anew_takes_the_place_of_what_was_known() -> None:
    cache = cache_of(1)
    cache.put(1, "once")
    assert cache.get(1) == "once"
    cache.put(1, "again")
    assert (cache.get(1), len(cache)) == ("again", 1)


def test_cleared_it_knows_nothing() -> None:
    cache = cache_of(1, 2)
    cache.get(1)
    cache.clear()
    assert (len(cache), cache.get(1), cache.get(2)) == (0, None, None)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9))), st.integers(2, 9))
def test_it_never_holds_more_and_never_says_what_was_not_put_last(asked: list[tuple[bool, int]], most: int) -> None:
    cache: SegmentedCache[int, int] = SegmentedCache(most)
    last: dict[int, int] = {}
    for step, (puts, key) in enumerate(asked):
        if puts:
            cache.put(key, step)
            last[key] = step
        else:
            assert cache.get(key) in (None, last.get(key))
        assert len(cache) <= most
