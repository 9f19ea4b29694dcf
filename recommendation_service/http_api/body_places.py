"""How many bodies may be on their way to a worker at once, each of which takes a thread, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from flask import Flask
from werkzeug.exceptions import RequestTimeout, ServiceUnavailable

from recommendation_service.http_api.admission import RETRY_AFTER_SECONDS
from recommendation_service.http_api.body_deadline import BodyDeadline
from recommendation_service.services.statistics import ServiceStatistics

BODY_PLACES = 16
"""Each keeps one of the web server's threads until it has come or is late."""
_EXTENSION = "body_places"


class BodyPlaces:
    """Places for bodies that are being received; safe to share between threads."""

    def __init__(self, most: int, statistics: ServiceStatistics, deadline: BodyDeadline) -> None:
        self._most = most
        self._deadline = deadline
        self._free = BoundedSemaphore(most)
        self._statistics = statistics

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One of them.

        Raises:
            ServiceUnavailable: At once, if all are taken: the others' threads are for requests without a body.
        """
        if not self._free.acquire(blocking=False):
            self._statistics.count_turned_away("bodies_full")
            raise ServiceUnavailable(
                f"{self._most} requests are still sending their bodies; try again shortly",
                retry_after=RETRY_AFTER_SECONDS,
            )
        try:
            yield
        finally:
            self._free.release()

    def received(self, read: Callable[[], bytes], client: str, port: int) -> bytes:
        """What `read` reads.

        Args:
            read: Reads a body.
            client: Address of who sends it.
            port: The server's, that it comes to.

        Raises:
            RequestTimeout: If it does not come in time.
        """
        with self._deadline.watching(client, port) as body:
            content = read()
        if body.is_late:
            self._statistics.count_turned_away("body_slow")
            raise RequestTimeout(f"the body did not come within {self._deadline.seconds:g} s; send it faster")
        return content


def register_body_places(app: Flask, places: BodyPlaces) -> None:
    """Let the application's routes read bodies within these places."""
    app.extensions[_EXTENSION] = places


def body_places(app: Flask) -> BodyPlaces | None:
    """Those of an application; None where bodies are read without bound."""
    return app.extensions.get(_EXTENSION)
