"""One thread that works through what need not hold up a request; each thing once, however often it is asked for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from queue import Queue

from django.db import connection

logger = logging.getLogger(__name__)


class BackgroundWorker:
    """Runs tasks one after the other in a thread of its own, which starts with the first task.

    A task that fails is logged and lost: only what something else catches up on belongs here. Tasks still waiting when
    the process ends are lost too.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._queue: Queue[Hashable] = Queue()
        self._waiting: dict[Hashable, Callable[[], None]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def submit(self, key: Hashable, task: Callable[[], None]) -> None:
        """Run the task soon; while one of the same key waits, that one does for both."""
        with self._lock:
            if key in self._waiting:
                return
            self._waiting[key] = task
            self._queue.put(key)
            if self._thread is None or not self._thread.is_alive():  # also in a process forked since
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()

    def drain(self) -> None:
        """Wait until everything submitted so far is done."""
        self._queue.join()

    def _work(self) -> None:
        while True:
            key = self._queue.get()
            with self._lock:
                task = self._waiting.pop(key)
            try:
                task()
            except Exception:
                logger.exception("background task %s failed", key)
            finally:
                connection.close()
                self._queue.task_done()
