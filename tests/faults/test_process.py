"""What happens to the process: told to stop, killed, overrun, and asked by clients that are slow or rude."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sqlite3
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from typing import Any
from uuid import UUID

import pytest

from contracts.access import Scope
from recommendation_service.http_api.body_places import BODY_PLACES
from tests.live_service import LiveService, eventually, token


class HalfSent:
    """A request whose body is half sent, so that it is in flight for as long as the test likes."""

    def __init__(self, service: LiveService, pairs: list[dict[str, str]]) -> None:
        self._body = json.dumps({"pairs": pairs}).encode()
        self._connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        self._connection.putrequest("POST", "/v1/scores")
        self._connection.putheader("Authorization", f"Bearer {token(Scope.PLATFORM)}")
        self._connection.putheader("Content-Type", "application/json")
        self._connection.putheader("Content-Length", str(len(self._body)))
        self._connection.endheaders(self._body[:10])

    def finish(self) -> int:
        """Send the rest; the status of the answer."""
        self._connection.send(self._body[10:])
        return self.answered()

    def answered(self) -> int:
        """The status of the answer to what was sent so far."""
        with closing(self._connection):
            response = self._connection.getresponse()
            response.read()
            return response.status


def gauge(service: LiveService, name: str) -> float:
    lines = service.ask("/metrics").body.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(f"launchmatch_service_{name} "))


def running(service: LiveService) -> float:
    """Requests that are being answered."""
    return gauge(service, "requests_running")


def waiting(service: LiveService) -> float:
    """Requests that wait for those to end."""
    return gauge(service, "requests_waiting")


@pytest.fixture
def pairs(platform: Any, member: str) -> list[dict[str, str]]:
    startups = platform.query("SELECT id FROM startups_startup LIMIT 3")
    return [{"user_id": member, "startup_id": startup} for startup in startups]


def test_told_to_stop_it_answers_the_six_requests_in_flight(start: Any, pairs: list[dict[str, str]]) -> None:
    service: LiveService = start(THREADS="8").await_ready()
    in_flight = [HalfSent(service, pairs) for _ in range(6)]
    assert eventually(lambda: running(service) == 6)
    service.send(signal.SIGTERM)
    assert eventually(lambda: not service.is_listening())
    assert [request.finish() for request in in_flight] == [200] * 6
    assert service.process.wait(30) == 0


def test_a_worker_that_is_killed_under_load_comes_back_and_the_others_serve(
    start: Any, platform: Any, member: str
) -> None:
    service: LiveService = start(WORKERS="2").await_ready()
    assert eventually(lambda: len(service.workers()) == 2)
    stop = threading.Event()

    def load() -> Counter[str]:
        seen: Counter[str] = Counter()
        while not stop.is_set():
            try:
                seen[str(service.recommend(member).status)] += 1
            except (OSError, http.client.HTTPException) as error:
                seen[type(error).__name__] += 1
        return seen

    with ThreadPoolExecutor(3) as pool:
        loads = [pool.submit(load) for _ in range(3)]
        time.sleep(1)
        victim, survivor = service.workers()
        os.kill(victim, signal.SIGKILL)
        assert eventually(lambda: victim not in service.workers() and len(service.workers()) == 2)
        time.sleep(1)
        stop.set()
        seen = sum((future.result() for future in loads), Counter[str]())
    assert survivor in service.workers()
    assert set(seen) <= {"200", "ConnectionResetError", "RemoteDisconnected", "ConnectionRefusedError"}
    lost = sum(count for status, count in seen.items() if status != "200")
    assert seen["200"] > 20
    # Each of three may lose what the killed worker was at, and what waited in its queue.
    assert lost <= 2 * 3 + seen["ConnectionRefusedError"], seen
    assert service.recommend(member).status == 200


def test_more_requests_than_may_wait_are_turned_away_at_once_and_health_is_still_told(
    start: Any, platform: Any, member: str
) -> None:
    """A database that is locked makes requests slow; in this test they may wait for it."""
    platform.change("PRAGMA journal_mode = DELETE")
    patience = {"WAITING_SECONDS": "60", "DATABASE_TIMEOUT_SECONDS": "60"}
    service: LiveService = start(THREADS="2", WAITING_REQUESTS="2", **patience).await_ready()
    with ThreadPoolExecutor(4) as pool:
        with closing(sqlite3.connect(platform.database, isolation_level=None, timeout=30)) as writer:
            writer.execute("BEGIN EXCLUSIVE")
            taken = [pool.submit(service.recommend, member) for _ in range(4)]
            assert eventually(lambda: (running(service), waiting(service)) == (2, 2))
            turned_away = service.recommend(member)
            assert (turned_away.status, turned_away.headers["retry-after"]) == (503, "1")
            assert turned_away.json["detail"] == "too many requests are waiting; try again shortly"
            assert service.ask("/healthz").status == 200
            assert b'turned_away_total{reason="queue_full"}' in service.ask("/metrics").body
            writer.execute("ROLLBACK")
        assert [future.result().status for future in taken] == [200] * 4


def test_slow_clients_without_a_token_hold_nobody(start: Any, member: str) -> None:
    """They send a body that never ends; who may ask is known before a body is read."""
    service: LiveService = start(THREADS="2", WAITING_REQUESTS="0").await_ready()
    with ExitStack() as stack:
        for _ in range(20):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", service.port)))
            client.sendall(b"POST /v1/scores HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        assert eventually(lambda: service.recommend(member).status == 200)
        assert {service.recommend(member).status for _ in range(10)} == {200}


def test_slow_bodies_hold_no_place_among_those_that_run(start: Any, pairs: list[dict[str, str]], member: str) -> None:
    service: LiveService = start(THREADS="1", WAITING_REQUESTS="2").await_ready()
    slow = [HalfSent(service, pairs) for _ in range(3)]
    assert eventually(lambda: running(service) == 3)
    assert {service.recommend(member).status for _ in range(10)} == {200}
    assert [request.finish() for request in slow] == [200, 200, 200]


def test_more_slow_bodies_than_there_are_places_for_leave_health_and_lists_alone(
    start: Any, pairs: list[dict[str, str]], member: str
) -> None:
    """With a token, within all limits, and more than the server has threads: 1 + 16 + 16 + 8."""
    patience = {"WAITING_REQUESTS": str(BODY_PLACES), "WAITING_SECONDS": "30"}
    service: LiveService = start(THREADS="1", **patience).await_ready()
    slow = [HalfSent(service, pairs) for _ in range(BODY_PLACES)]
    assert eventually(lambda: running(service) == BODY_PLACES)
    too_many = [HalfSent(service, pairs) for _ in range(3 * BODY_PLACES)]
    assert {request.answered() for request in too_many} == {503}
    assert {service.ask(path).status for path in ("/healthz", "/readyz", "/metrics")} == {200}
    assert {service.recommend(member).status for _ in range(10)} == {200}
    assert [request.finish() for request in slow] == [200] * BODY_PLACES
    assert HalfSent(service, pairs).finish() == 200


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how long a connection was silent")
@pytest.mark.parametrize("chunked", [False, True], ids=["of a length", "in chunks"])
def test_bodies_that_stall_or_drip_are_given_up_and_their_places_are_free(
    start: Any, pairs: list[dict[str, str]], member: str, *, chunked: bool
) -> None:
    """On real sockets: every place is taken by a body that never comes whole; half of them send a byte now and then."""
    service: LiveService = start(THREADS="1", BODY_SECONDS="3").await_ready()
    with closing(socket.create_connection(("127.0.0.1", service.port), timeout=30)) as busy, ExitStack() as stack:
        slow = [stack.enter_context(endless_body(service, chunked=chunked)) for _ in range(BODY_PLACES)]
        assert eventually(lambda: running(service) == BODY_PLACES)
        assert HalfSent(service, pairs).answered() == 503
        assert service.recommend(member).status == 200
        for client in slow[::2]:
            threading.Thread(target=drip, args=(client,), daemon=True).start()
        assert {answered(client) for client in slow} == {b"HTTP/1.1 408 Request Timeout"}
        assert HalfSent(service, pairs).finish() == 200
        assert {service.ask(path).status for path in ("/healthz", "/readyz", "/metrics")} == {200}
        figure = f'launchmatch_service_turned_away_total{{reason="body_slow"}} {BODY_PLACES}.0'
        assert figure.encode() in service.ask("/metrics").body
        busy.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")


def endless_body(service: LiveService, *, chunked: bool) -> socket.socket:
    """A connection on which the beginning of a body was sent, and a byte of it each time that `drip` sends one."""
    client = socket.create_connection(("127.0.0.1", service.port), timeout=30)
    length = "Transfer-Encoding: chunked" if chunked else "Content-Length: 1000"
    head = f"POST /v1/scores HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token(Scope.PLATFORM)}\r\n"
    begun = b"1000\r\n{" if chunked else b"{"
    client.sendall(f"{head}Content-Type: application/json\r\n{length}\r\n\r\n".encode() + begun)
    return client


def drip(client: socket.socket) -> None:
    with suppress(OSError):
        while True:
            client.sendall(b" ")
            time.sleep(0.3)


def answered(client: socket.socket) -> bytes:
    """The first line of the answer."""
    return client.makefile("rb").readline().strip()


def test_slow_headers_are_given_up(service: LiveService, member: str) -> None:
    with ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", service.port), timeout=30)) for _ in range(50)
        ]
        for client in clients:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost:")
        assert service.recommend(member).status == 200
        assert clients[0].recv(100) == b""


def raw(service: LiveService, request: bytes) -> bytes:
    """What comes back; nothing where the service hangs up instead."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as client:
        try:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65536), b""))
        except OSError:
            return b""


def get(path: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join([b"GET " + path + b" HTTP/1.1", b"Host: x", AUTHORIZATION, *headers, b"", b""])


def post(body: bytes, *headers: bytes) -> bytes:
    first = (b"POST /v1/scores HTTP/1.1", b"Host: x", AUTHORIZATION, b"Content-Type: application/json")
    return b"\r\n".join([*first, *headers, b"", body])


AUTHORIZATION = b"Authorization: Bearer TOKEN"
RUDE = {
    "garbage": b"\x00\xff\x16\x03 not http at all\r\n\r\n",
    "a null byte in the path": get(b"/v1/users/\x00/recommendations"),
    "an encoded null byte": get(b"/v1/users/%00/recommendations"),
    "a lone surrogate": get(b"/v1/users/%ed%a0%80/recommendations"),
    "a thousand headers": get(b"/healthz", *(b"X-%d: 1" % number for number in range(1000))),
    "a header of a megabyte": get(b"/healthz", b"X: " + b"a" * 1_000_000),
    "a path of a megabyte": get(b"/" + b"a" * 1_000_000),
    "two lengths": post(b"{}", b"Content-Length: 3", b"Content-Length: 5"),
    "a negative length": post(b"{}", b"Content-Length: -1"),
    "ten megabytes": post(b"", b"Content-Length: 10000000"),
    "200,000 lists deep": post(b"[" * 200_000, b"Content-Length: 200000"),
    "a body that breaks off": post(b"{", b"Content-Length: 100"),
    "a body that is not JSON in chunks": post(b"3\r\n{{{\r\n0\r\n\r\n", b"Transfer-Encoding: chunked"),
}


@pytest.mark.parametrize("sent", RUDE.values(), ids=RUDE)
def test_rude_requests_are_refused_and_harm_nobody(service_of_module: LiveService, sent: bytes) -> None:
    answer = raw(service_of_module, sent.replace(b"TOKEN", token(Scope.PLATFORM).encode()))
    assert not answer or b" 4" in answer.split(b"\r\n", 1)[0], answer[:200]
    assert b"granian" not in answer.lower()
    assert service_of_module.ask("/healthz").status == 200


def test_a_client_who_goes_away_in_the_middle_of_a_stream_gives_its_place_back(
    start: Any, platform: Any, member: str
) -> None:
    service: LiveService = start(THREADS="1", WAITING_REQUESTS="0").await_ready()
    people = [str(UUID(person)) for person in platform.people(0, 1000)]
    body = json.dumps({"user_ids": people, "limit": 100}).encode()
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", service.port)) as client:
            request = post(body, b"Content-Length: %d" % len(body)).replace(b"/v1/scores", b"/v1/batch/recommendations")
            client.sendall(request.replace(b"TOKEN", token(Scope.PLATFORM).encode()))
            client.recv(100)
    assert eventually(lambda: service.recommend(member).status == 200)
