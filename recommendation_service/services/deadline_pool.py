"""Calls with a deadline that holds even when the call itself never returns."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

from recommendation_service.engines.errors import ConfigError

Result = TypeVar("Result")


class DeadlineExceededError(Exception):
    """The call did not return in time; it may still be running."""


class DeadlinePool:
    """A few threads that make calls for others, who wait no longer than they said.

    A call that hangs keeps its thread until it returns, never its caller; the number of threads bounds how many can
    hang, and calls that find no thread in time fail at their deadline too. Handing a call over costs some 10 us.
    """

    def __init__(self, *, threads: int, name: str) -> None:
        """Prepare the threads; they start with the first call, so that a process may fork before.

        Raises:
            ConfigError: If there is no thread.
        """
        if threads < 1:
            raise ConfigError(f"threads must be at least 1, got {threads}")
        self._threads = threads
        self._name = name
        self._calls: SimpleQueue[_Call[object]] = SimpleQueue()
        self._starting = Lock()
        self._started = False

    def call(self, function: Callable[[], Result], *, seconds: float) -> Result:
        """What `function` returns.

        Raises:
            DeadlineExceededError: If it does not return within `seconds`.
            Exception: What it raises.
        """
        if not self._started:
            self._start()
        call: _Call[Result] = _Call(function)
        self._calls.put(call)  # type: ignore[arg-type] # each call keeps its own result's type
        return call.result(seconds)

    def _start(self) -> None:
        with self._starting:
            if not self._started:
                for number in range(self._threads):
                    Thread(target=self._work, name=f"{self._name}-{number}", daemon=True).start()
                self._started = True

    def _work(self) -> None:
        while True:
            self._calls.get().run()


class _Call(Generic[Result]):
    """One call, handed from the thread that waits to the thread that makes it."""

    def __init__(self, function: Callable[[], Result]) -> None:
        self._function = function
        self._done = Lock()
        self._done.acquire()
        self._abandoned = False
        self._error: BaseException | None = None
        self._result: Result

    def run(self) -> None:
        """Make the call, unless nobody waits any more."""
        if self._abandoned:
            return
        try:
            self._result = self._function()
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._error = error
        finally:
            self._done.release()

    def result(self, seconds: float) -> Result:
        """Wait for the call."""
        if not self._done.acquire(timeout=seconds):
            self._abandoned = True
            raise DeadlineExceededError(f"no answer within {seconds * 1000:.0f} ms")
        if self._error is not None:
            raise self._error
        return self._result
