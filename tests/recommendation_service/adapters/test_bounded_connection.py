"""Servers that accept and never speak, and a real one that is told to sleep past every deadline."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from recommendation_service.adapters.database_engine import connect_engine


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server whose kernel takes connections that nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def test_a_server_that_never_speaks_is_given_up(silent_port: int) -> None:
    engine = connect_engine(f"postgresql://me@127.0.0.1:{silent_port}/x", timeout_seconds=0.05, pool_size=1)
    begun = time.monotonic()
    with pytest.raises(OperationalError):
        engine.connect()
    assert time.monotonic() - begun < 20
    engine.dispose()


def test_a_server_that_stops_speaking_is_given_up_and_another_connection_works(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite is no server")
    engine = connect_engine(database_url, timeout_seconds=0.05, pool_size=1)
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        process = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        begun = time.monotonic()
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT pg_sleep(60)"))
        assert 1 <= time.monotonic() - begun < 20
        assert connection.invalidated
    with engine.connect() as connection:
        assert connection.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process}).scalar_one()
    engine.dispose()


def test_a_statement_past_its_deadline_costs_no_connection(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite is no server")
    engine = connect_engine(database_url, timeout_seconds=0.05, pool_size=1)
    with engine.connect() as connection:
        with pytest.raises(OperationalError, match="statement timeout"):
            connection.execute(text("SELECT pg_sleep(60)"))
        assert not connection.invalidated
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
    engine.dispose()
