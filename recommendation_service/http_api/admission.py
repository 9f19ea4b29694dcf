"""Lets as many requests run as there are threads for, a bounded number wait, and turns the rest away at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING

from werkzeug.exceptions import ServiceUnavailable

from contracts.api import Problem
from recommendation_service.engines.errors import ConfigError
from recommendation_service.http_api.security_headers import SECURITY_HEADERS
from recommendation_service.http_api.turns import Turns
from recommendation_service.services.statistics import ServiceStatistics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ALWAYS_ADMITTED = frozenset({"/healthz", "/readyz", "/metrics"})
"""An overloaded service must still say that it lives."""
RETRY_AFTER_SECONDS = 1
SLOT = "launchmatch.slot"
_TOO_MANY = "too many requests are waiting; try again shortly"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionConfig:
    """How many requests one worker takes on.

    Attributes:
        running: Requests answered at the same time.
        waiting: Requests that may wait for one of them to end.
        patience_seconds: The longest a request waits before it is turned away.
    """

    running: int = 4
    waiting: int = 64
    patience_seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.running < 1 or self.waiting < 0:
            raise ConfigError(f"running must be at least 1 and waiting 0, got {self.running} and {self.waiting}")
        if not self.patience_seconds > 0:
            raise ConfigError(f"patience_seconds must be above 0, got {self.patience_seconds}")


class _Held:
    """An answer that gives its slot back once: when it was sent to its end, or when its client went away."""

    def __init__(self, answer: Iterable[bytes], release: Callable[[], None]) -> None:
        self._answer = answer
        self._pieces = iter(answer)
        self._release: Callable[[], None] | None = release

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self._give_back()
            raise

    def close(self) -> None:
        """End the answer, sent or not."""
        self._give_back()
        close = getattr(self._answer, "close", None)
        if close is not None:
            close()

    def _give_back(self) -> None:
        release, self._release = self._release, None
        if release is not None:
            release()


class Slot:
    """The place of one request among those that run."""

    def __init__(self, slots: Turns, patience_seconds: float) -> None:
        self._slots = slots
        self._patience_seconds = patience_seconds
        self._held = True

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Let others run while this request waits for its client.

        Raises:
            ServiceUnavailable: If no place is free in time afterwards.
        """
        self.give_back()
        yield
        self._held = self._slots.take(seconds=self._patience_seconds)
        if not self._held:
            raise ServiceUnavailable(_TOO_MANY, retry_after=RETRY_AFTER_SECONDS)

    def give_back(self) -> None:
        """Let another request have it; done already, it does nothing."""
        if self._held:
            self._held = False
            self._slots.give_back()


class Admission:
    """A WSGI application in front of another, which finds its `Slot` in the environment under `SLOT`."""

    def __init__(self, app: WSGIApplication, config: AdmissionConfig, statistics: ServiceStatistics) -> None:
        self._app = app
        self._config = config
        self._statistics = statistics
        self._slots = Turns(config.running)
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, when it is this request's turn; a slot is held until the whole answer is made."""
        if environ.get("PATH_INFO") in ALWAYS_ADMITTED:
            return self._app(environ, start_response)
        refused = self._enter()
        if refused is not None:
            self._statistics.count_turned_away(refused)
            return _turn_away(start_response)
        slot = environ[SLOT] = Slot(self._slots, self._config.patience_seconds)
        self._statistics.request_began()
        try:
            answer = self._app(environ, start_response)
        except BaseException:
            self._leave(slot)
            raise
        if isinstance(answer, list):  # whole: nothing of it is made any more while it is sent
            self._leave(slot)
            return answer
        return _Held(answer, partial(self._leave, slot))

    def _leave(self, slot: Slot) -> None:
        self._statistics.request_ended()
        slot.give_back()

    def _enter(self) -> str | None:
        """Take a slot, waiting for it if there is room to wait; else why not."""
        if self._slots.take_free():
            return None
        with self._lock:
            if self._statistics.waiting >= self._config.waiting:
                return "queue_full"
            self._statistics.waiting += 1
        with self._statistics.stage("queue"):
            entered = self._slots.take(seconds=self._config.patience_seconds)
        with self._lock:
            self._statistics.waiting -= 1
        return None if entered else "queue_slow"


def _turn_away(start_response: StartResponse) -> Iterable[bytes]:
    status = HTTPStatus.SERVICE_UNAVAILABLE
    told = Problem(title=status.phrase, status=status.value, detail=_TOO_MANY)
    body = told.model_dump_json().encode()
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Retry-After", str(RETRY_AFTER_SECONDS)),
    ]
    start_response(f"{status.value} {status.phrase}", [*headers, *SECURITY_HEADERS.items()])
    return [body]
