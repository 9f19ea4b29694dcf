"""How long a body may take to come: after that no more of it is taken, so that its place and its thread are free."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Thread

import structlog

from recommendation_service.http_api.unanswered_connections import UnansweredConnections

LOOK_SECONDS = 1.0
"""How often bodies that are still coming are looked at: most have come before the first look, which costs a
millisecond."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ends:
    """Both ends of a connection, as far as the web server tells them: the client's address and the server's port."""

    client: str
    port: int


@dataclass(eq=False, slots=True)
class ComingBody:
    """A body that is being read.

    Attributes:
        begun: When, on the monotonic clock.
        is_late: Whether it has taken longer than it may.
    """

    ends: Ends
    begun: float
    is_late: bool = False


class BodyDeadline:
    """Watches over bodies on their way, in a thread of its own that starts with the first; safe to share."""

    def __init__(self, seconds: float) -> None:
        """Watch over nothing yet.

        Args:
            seconds: How long a body may take; it is ended two looks later at most.
        """
        self.seconds = seconds
        self._changed = Condition()
        self._coming: set[ComingBody] = set()
        self._unanswered: dict[Ends, UnansweredConnections] = {}
        self._thread: Thread | None = None

    @contextmanager
    def watching(self, client: str, port: int) -> Iterator[ComingBody]:
        """A body that is read in the block, from a client's address and to the server's port."""
        body = ComingBody(Ends(client, port), begun=time.monotonic())
        with self._changed:
            self._coming.add(body)
            self._wake_up()
        try:
            yield body
        finally:
            with self._changed:
                self._coming.remove(body)

    def _wake_up(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._watch, name="body-deadline", daemon=True)
            self._thread.start()
        elif len(self._coming) == 1:
            self._changed.notify()

    def _watch(self) -> None:
        while True:
            with self._changed:
                while not self._coming:
                    self._changed.wait()
            time.sleep(LOOK_SECONDS)
            self._look(time.monotonic())

    def _look(self, now: float) -> None:
        """End what comes by connections on which a body is late."""
        slow = self._slow(now)
        known = {ends: self._unanswered.get(ends) or UnansweredConnections() for ends in slow}
        self._unanswered = known
        for ends, connections in known.items():
            ended = connections.end(ends.client, ends.port, now=now, seconds=self.seconds)
            if ended:
                _log.warning("bodies_too_slow", client=ends.client, seconds=self.seconds, connections=ended)

    def _slow(self, now: float) -> set[Ends]:
        """By what ends bodies come that were there at an earlier look already; those that are late are marked."""
        with self._changed:
            for body in self._coming:
                body.is_late = now - body.begun >= self.seconds
            return {body.ends for body in self._coming if now - body.begun >= LOOK_SECONDS}
