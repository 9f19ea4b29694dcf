"""Turns are given in the order in which they were asked for, and none is ever lost or given twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

from recommendation_service.http_api.turns import Turns


def eventually(holds: Any) -> bool:
    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.002)
    return bool(holds())


def test_there_are_so_many_and_each_comes_back() -> None:
    turns = Turns(2)
    assert [turns.take_free() for _ in range(3)] == [True, True, False]
    turns.give_back()
    assert (turns.take(seconds=0), turns.take_free()) == (True, False)


def test_who_asked_first_is_first_whoever_comes_in_between() -> None:
    turns, order = Turns(1), []

    def ask(number: int) -> None:
        assert turns.take(seconds=20)
        order.append(number)

    assert turns.take_free()
    with ThreadPoolExecutor(5) as pool:
        for number in range(5):
            pool.submit(ask, number)
            assert eventually(lambda waiting=number + 1: len(turns._waiting) == waiting)
        for number in range(5):
            turns.give_back()
            assert not turns.take_free()
            assert eventually(lambda served=number + 1: len(order) == served)
    assert order == [0, 1, 2, 3, 4]


def test_who_gives_up_is_passed_over() -> None:
    turns = Turns(1)
    assert turns.take_free()
    assert not turns.take(seconds=0.001)
    turns.give_back()
    assert turns.take_free()
    assert not turns.take_free()


def test_never_more_at_once_than_there_are_and_none_is_lost_in_a_crowd() -> None:
    turns, lock = Turns(3), Lock()
    running, most, refused = 0, 0, 0

    def work(number: int) -> None:
        nonlocal running, most, refused
        if not turns.take(seconds=20 if number % 2 else 0.0005):
            with lock:
                refused += 1
            return
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.0005)
        with lock:
            running -= 1
        turns.give_back()

    with ThreadPoolExecutor(24) as pool:
        list(pool.map(work, range(600)))
    assert most <= 3
    assert refused <= 300
    assert [turns.take_free() for _ in range(4)] == [True, True, True, False]
