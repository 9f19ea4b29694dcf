"""A bounded number of turns, given in the order in which they were asked for."""

from __future__ import annotations

from collections import deque
from threading import Lock


class Turns:
    """A semaphore that is fair and quick; safe to share between threads.

    A turn that is given back goes straight to whoever has waited longest: with `threading.Semaphore` a newcomer may
    take it first, so that the unlucky wait again and again, and each wait costs a condition's worth of work.
    """

    def __init__(self, turns: int) -> None:
        self._free = turns
        self._lock = Lock()
        self._waiting: deque[Lock] = deque()

    def take_free(self) -> bool:
        """Take a turn if one is free, and say so."""
        with self._lock:
            return self._take_free()

    def take(self, *, seconds: float) -> bool:
        """Take a turn, waiting for it so long, and say whether there was one."""
        with self._lock:
            if self._take_free():
                return True
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        return turn.acquire(timeout=seconds) or not self._gave_up(turn)

    def give_back(self) -> None:
        """Let the one who has waited longest go on."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1

    def _take_free(self) -> bool:
        if self._free == 0:
            return False
        self._free -= 1
        return True

    def _gave_up(self, turn: Lock) -> bool:
        """Whether a wait is over without a turn; one may have been given just after its time."""
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return True
        return False
