from __future__ import annotations

import socket
import threading

import pytest

from recommendation_service.http_api.body_deadline import BodyDeadline
from recommendation_service.http_api.unanswered_connections import CAN_BE_ENDED


@pytest.mark.skipif(not CAN_BE_ENDED, reason="only Linux tells how long a connection was silent")
def test_a_body_that_stalls_ends_and_is_late() -> None:
    deadline = BodyDeadline(0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client, server.accept()[0] as accepted:
            accepted.settimeout(30)
            client.sendall(b"half")
            with deadline.watching("127.0.0.1", port) as body:
                assert (accepted.recv(4), accepted.recv(4)) == (b"half", b"")
            assert body.is_late


def test_a_body_in_time_is_not_late_and_the_next_one_is_watched_too() -> None:
    deadline = BodyDeadline(60)
    for _ in range(3):
        with deadline.watching("127.0.0.1", 1) as body:
            pass
        assert not body.is_late
    assert [thread.name for thread in threading.enumerate()].count("body-deadline") >= 1


def test_a_body_that_cannot_be_ended_is_late_all_the_same() -> None:
    """On another system, or by a connection that is not found: whoever reads it learns so when it has come."""
    with BodyDeadline(0.1).watching("192.0.2.1", 1) as body:
        come = threading.Event()
        threading.Timer(2.5, come.set).start()
        assert come.wait(30)
    assert body.is_late
