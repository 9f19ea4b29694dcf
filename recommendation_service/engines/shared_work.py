"""Pieces of work shared out among threads, each of which computes alone.

torch's own threads meet at the end of every operation. Where they sleep while they wait, or another process has their
core, a meeting costs as much as a small operation. Threads that share out whole pieces of work meet once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TypeVar

import torch

ResultT = TypeVar("ResultT")
_THREADS = ContextVar("_THREADS", default=1)


@contextmanager
def sharing() -> Iterator[None]:
    """Within, torch computes on one thread and `share_out` has as many as torch had."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    token = _THREADS.set(threads)
    try:
        yield
    finally:
        _THREADS.reset(token)
        torch.set_num_threads(threads)


def threads_that_share() -> int:
    """How many threads `share_out` has: outside of `sharing`, the calling one."""
    return _THREADS.get()


def share_out(work: Sequence[Callable[[], ResultT]]) -> list[ResultT]:
    """Results of all pieces, begun in the given order; the calling thread takes part."""
    left, results = deque(enumerate(work)), dict[int, ResultT]()

    def take_part() -> None:
        while left:
            try:
                place, piece = left.popleft()
            except IndexError:  # another thread took the last one
                return
            results[place] = piece()

    others = threads_that_share() - 1
    helpers = [_helpers(others).submit(take_part) for _ in range(min(others, len(work) - 1))]
    try:
        take_part()
    finally:
        wait(helpers)
    for helper in helpers:
        helper.result()
    return [results[place] for place in range(len(work))]


@cache
def _helpers(count: int) -> ThreadPoolExecutor:
    """Threads that wait for work as long as the process lives."""
    return ThreadPoolExecutor(count, thread_name_prefix="share-out", initializer=torch.set_num_threads, initargs=(1,))
