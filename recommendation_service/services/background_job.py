"""Work that takes seconds, done beside what must not wait for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import Generic, TypeVar

ResultT = TypeVar("ResultT")


class BackgroundJob(Generic[ResultT]):
    """One piece of work; whoever started it comes back for the result."""

    def __init__(self, work: Callable[[], ResultT], *, then: Callable[[], None], apart: bool) -> None:
        """Start it.

        Args:
            work: What is to be done.
            then: Called when it has ended, however it ended.
            apart: In a thread of its own; otherwise it is done before this returns.
        """
        self._future: Future[ResultT] = Future()
        self._work = work
        self._then = then
        if apart:
            Thread(target=self._run, name="snapshot-job", daemon=True).start()
        else:
            self._run()

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._future.done()

    def ends_within(self, seconds: float) -> bool:
        """Wait for the end, so long at most, and say whether it came."""
        return not wait([self._future], seconds).not_done

    def result(self) -> ResultT:
        """What the work returned; raises what it raised. Waits until it has ended."""
        return self._future.result()

    def _run(self) -> None:
        try:
            self._future.set_result(self._work())
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            self._future.set_exception(error)
        self._then()
