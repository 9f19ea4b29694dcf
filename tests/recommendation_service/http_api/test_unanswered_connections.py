"""On real connections of this very process, whose server end stands for the web server's."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from recommendation_service.http_api.unanswered_connections import CAN_BE_ENDED, UnansweredConnections

pytestmark = pytest.mark.skipif(not CAN_BE_ENDED, reason="only Linux tells how long a connection was silent")
PAUSE_SECONDS = 0.05
"""More than a tick of the system's clock, in which what came and what was sent look as if at once."""

Pair = tuple[socket.socket, socket.socket]
Connect = Callable[[], Pair]


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def port(server: socket.socket) -> int:
    return int(server.getsockname()[1])


@pytest.fixture
def connect(server: socket.socket, port: int) -> Iterator[Connect]:
    """A connection: the client's end and the server's."""
    with ExitStack() as stack:

        def connected() -> Pair:
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            accepted = stack.enter_context(server.accept()[0])
            accepted.settimeout(10)
            return client, accepted

        yield connected


def test_a_request_that_is_never_whole_is_ended_after_the_time_and_can_still_be_answered(
    connect: Connect, port: int
) -> None:
    client, accepted = connect()
    client.sendall(b"POST / HTTP/1.1")
    assert accepted.recv(100) == b"POST / HTTP/1.1"
    looks = UnansweredConnections()
    assert [looks.end("127.0.0.1", port, now=now, seconds=20) for now in (0.0, 10.0, 19.9)] == [0, 0, 0]
    client.sendall(b"drip")
    assert accepted.recv(100) == b"drip"
    assert looks.end("127.0.0.1", port, now=20.0, seconds=20) == 1
    assert accepted.recv(100) == b""
    accepted.sendall(b"408")
    assert client.recv(100) == b"408"


def test_time_counts_from_the_look_that_saw_it(connect: Connect, port: int) -> None:
    client, _ = connect()
    client.sendall(b"POST")
    assert UnansweredConnections().end("127.0.0.1", port, now=1000.0, seconds=20) == 0


def test_an_answer_makes_it_begin_anew(connect: Connect, port: int) -> None:
    client, accepted = connect()
    looks = UnansweredConnections()
    client.sendall(b"GET / HTTP/1.1")
    assert looks.end("127.0.0.1", port, now=0.0, seconds=20) == 0
    time.sleep(PAUSE_SECONDS)
    accepted.sendall(b"200")
    assert looks.end("127.0.0.1", port, now=20.0, seconds=20) == 0, "nobody waits for anything"
    time.sleep(PAUSE_SECONDS)
    client.sendall(b"POST / HTTP/1.1")
    assert looks.end("127.0.0.1", port, now=30.0, seconds=20) == 0
    assert looks.end("127.0.0.1", port, now=50.0, seconds=20) == 1


def test_only_those_of_the_client_to_the_port_are_ended(connect: Connect, server: socket.socket, port: int) -> None:
    """The process's own connections, such as those to its database, have the same address at their other end."""
    client, accepted = connect()
    client.sendall(b"POST")
    for address, other in (("127.0.0.2", port), ("127.0.0.1", port + 1)):
        looks = UnansweredConnections()
        assert [looks.end(address, other, now=now, seconds=1) for now in (0.0, 9.0)] == [0, 0]
    accepted.sendall(b"unasked")
    looks = UnansweredConnections()
    ended = [looks.end("127.0.0.1", client.getsockname()[1] + 1, now=now, seconds=1) for now in (0.0, 9.0)]
    assert ended == [0, 0]
    assert (client.recv(100), accepted.recv(100)) == (b"unasked", b"POST")


def test_looking_leaves_no_descriptor_behind(connect: Connect, port: int) -> None:
    pairs = [connect() for _ in range(5)]
    before = pairs[-1][1].fileno()
    for now in range(20):
        UnansweredConnections().end("127.0.0.1", port, now=float(now), seconds=100)
    with socket.socket() as another:
        assert another.fileno() <= before + 2
