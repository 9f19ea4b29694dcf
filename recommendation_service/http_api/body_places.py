"""How many bodies may be on their way to a worker at once: each takes a thread for as long as its client likes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from flask import Flask
from werkzeug.exceptions import ServiceUnavailable

from recommendation_service.http_api.admission import RETRY_AFTER_SECONDS
from recommendation_service.services.statistics import ServiceStatistics

BODY_PLACES = 16
"""A web server's thread that reads a body cannot be interrupted, so that only their number can be bounded."""
_EXTENSION = "body_places"


class BodyPlaces:
    """Places for bodies that are being received; safe to share between threads."""

    def __init__(self, most: int, statistics: ServiceStatistics) -> None:
        self._most = most
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


def register_body_places(app: Flask, places: BodyPlaces) -> None:
    """Let the application's routes read bodies within these places."""
    app.extensions[_EXTENSION] = places


def body_places(app: Flask) -> BodyPlaces | None:
    """Those of an application; None where bodies are read without bound."""
    return app.extensions.get(_EXTENSION)
