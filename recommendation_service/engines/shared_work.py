"""Pieces of work shared out among threads, each of which computes alone.

torch's own threads meet at the end of every operation. Where they sleep while they wait, or another process has their
core, a meeting costs as much as a small operation. Threads that share out whole pieces of work meet once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from queue import SimpleQueue
from threading import Thread
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
    ended: SimpleQueue[BaseException | None] = SimpleQueue()

    def take_part() -> None:
        while left:
            try:
                place, piece = left.popleft()
            except IndexError:  # another thread took the last one
                return
            results[place] = piece()

    def help_out() -> None:
        try:
            take_part()
        except BaseException as error:  # noqa: BLE001 - the calling thread raises it
            ended.put(error)
        else:
            ended.put(None)

    others = threads_that_share() - 1
    helpers = range(min(others, len(work) - 1))
    for _ in helpers:
        _inbox(others).put(help_out)
    try:
        take_part()
    finally:
        errors = [error for _ in helpers if (error := ended.get()) is not None]
    if errors:
        raise errors[0]
    return [results[place] for place in range(len(work))]


@cache
def _inbox(helpers: int) -> SimpleQueue[Callable[[], None]]:
    """Where threads wait for work as long as the process lives. An executor keeps more books, which costs more."""
    inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
    for number in range(helpers):
        Thread(target=_work, args=(inbox,), name=f"share-out-{number}", daemon=True).start()
    return inbox


def _work(inbox: SimpleQueue[Callable[[], None]]) -> None:
    torch.set_num_threads(1)
    while True:
        inbox.get()()
