"""Admission in front of an application that answers when it is told to."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.test import Client, TestResponse

from recommendation_service.engines.errors import ConfigError
from recommendation_service.http_api.admission import SLOT, Admission, AdmissionConfig, Slot
from recommendation_service.http_api.turns import Turns
from recommendation_service.services.statistics import ServiceStatistics


class Told:
    """A WSGI application whose requests to /slow end when `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.running = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.running += 1
        if environ["PATH_INFO"] == "/slow":
            self.go.wait(20)
        if environ["PATH_INFO"] == "/broken":
            self.running -= 1
            raise LookupError
        self.running -= 1
        start_response("200 OK", [("Content-Type", "text/plain")])
        return self.streamed() if environ["PATH_INFO"] == "/stream" else [b"done"]

    def streamed(self) -> Iterator[bytes]:
        yield b"first"
        self.go.wait(20)
        yield b"last"


@pytest.fixture
def told() -> Told:
    return Told()


def admission(told: Any, **config: Any) -> tuple[Client, ServiceStatistics]:
    statistics = ServiceStatistics()
    settings = AdmissionConfig(**{"running": 1, "waiting": 2, "patience_seconds": 20, **config})
    return Client(Admission(told, settings, statistics)), statistics


def ask(client: Client, path: str) -> TestResponse:
    """Read to its end, as a web server sends it."""
    return client.get(path, buffered=True)


def eventually(holds: Any) -> bool:
    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.005)
    return bool(holds())


def test_beyond_those_that_run_and_wait_requests_are_turned_away_at_once(told: Told) -> None:
    client, statistics = admission(told)
    with ThreadPoolExecutor(4) as pool:
        first: Future[TestResponse] = pool.submit(ask, client, "/slow")
        assert eventually(lambda: told.running == 1)
        queued = [pool.submit(ask, client, "/") for _ in range(2)]
        assert eventually(lambda: statistics.waiting == 2)
        turned_away = ask(client, "/")
        assert turned_away.status_code == 503
        assert turned_away.headers["Retry-After"] == "1"
        assert turned_away.headers["X-Content-Type-Options"] == "nosniff"
        assert turned_away.json["detail"] == "too many requests are waiting; try again shortly"
        assert ask(client, "/healthz").status_code == 200
        assert statistics.running == 1
        assert not any(future.done() for future in queued)
        told.go.set()
        assert [future.result().status_code for future in (first, *queued)] == [200, 200, 200]
    assert statistics.turned_away == {"queue_full": 1}
    assert statistics.running == 0


def test_patience_ends(told: Told) -> None:
    client, statistics = admission(told, patience_seconds=0.05)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask, client, "/slow")
        assert eventually(lambda: told.running == 1)
        assert ask(client, "/").status_code == 503
        told.go.set()
        assert first.result().status_code == 200
    assert statistics.turned_away == {"queue_slow": 1}
    assert ask(client, "/").status_code == 200


def test_a_streamed_answer_holds_its_place_until_it_is_sent(told: Told) -> None:
    client, _ = admission(told, waiting=0)
    answer = client.get("/stream", buffered=False)
    assert ask(client, "/").status_code == 503
    told.go.set()
    assert answer.get_data() == b"firstlast"
    answer.close()
    assert ask(client, "/").status_code == 200


def test_an_answer_that_was_read_but_never_closed_gives_its_place_back(told: Told) -> None:
    client, _ = admission(told, waiting=0)
    unclosed = client.get("/", buffered=False)
    assert list(unclosed.response) == [b"done"]
    assert ask(client, "/").status_code == 200


def test_a_client_who_goes_away_gives_its_place_back(told: Told) -> None:
    client, _ = admission(told, waiting=0)
    client.get("/stream", buffered=False).close()
    assert ask(client, "/").status_code == 200


def body_reader(events: list[str]) -> Any:
    """A WSGI application that sets its slot aside while it waits for a client, told by /slow."""

    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow":
            with environ[SLOT].set_aside():
                events.append("waits")
                assert eventually(lambda: "go" in events)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"done"]

    return app


def test_who_waits_for_a_client_holds_no_place(told: Told) -> None:
    events: list[str] = []
    client, statistics = admission(body_reader(events), waiting=0)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask, client, "/slow")
        assert eventually(lambda: "waits" in events)
        assert statistics.running == 1
        assert [ask(client, "/").status_code for _ in range(3)] == [200, 200, 200]
        events.append("go")
        assert slow.result().status_code == 200
    assert statistics.running == 0
    assert ask(client, "/").status_code == 200


def test_a_place_that_was_set_aside_is_waited_for_no_longer_than_patience(told: Told) -> None:
    slots = Turns(1)
    assert slots.take_free()
    slot = Slot(slots, patience_seconds=0.01)
    with pytest.raises(ServiceUnavailable) as refused, slot.set_aside():
        assert slots.take_free()
    assert refused.value.retry_after == 1
    slot.give_back()
    assert not slots.take_free()


def test_an_application_that_fails_gives_its_place_back(told: Told) -> None:
    client, _ = admission(told, waiting=0)
    for _ in range(3):
        with pytest.raises(LookupError):
            ask(client, "/broken")
    assert ask(client, "/").status_code == 200


@pytest.mark.parametrize("config", [{"running": 0}, {"waiting": -1}, {"patience_seconds": 0}])
def test_settings_that_admit_nobody_are_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(config))):
        AdmissionConfig(**config)
