"""Connections that are used again and again, and replaced when something happened to them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, text

from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.adapters.reading import reading
from recommendation_service.adapters.ready_connections import ReadyConnections
from recommendation_service.services.errors import DatabaseUnavailableError
from tests.recommendation_service.adapters.nonsense import NONSENSE_ASKED, driver


@pytest.fixture
def ready(database: SqlPlatformDatabase) -> ReadyConnections:
    return database._ready


def one(connection: Connection) -> Any:
    """By the driver and by SQLAlchemy, and which connection it was."""
    assert driver(connection).execute("SELECT 1").fetchone() == (1,)
    assert connection.execute(text("SELECT 2")).scalar_one() == 2
    return driver(connection)


def test_a_connection_is_used_again(ready: ReadyConnections) -> None:
    assert ready.read(one) is ready.read(one)


def test_each_thread_has_one_of_its_own(ready: ReadyConnections) -> None:
    together = Barrier(4)

    def ask(connection: Connection) -> Any:
        together.wait(20)
        return one(connection)

    for _ in range(3):
        with ThreadPoolExecutor(4) as pool:
            used = list(pool.map(lambda _: ready.read(ask), range(4)))
        assert len(set(map(id, used))) == 4


@pytest.mark.parametrize("ask", NONSENSE_ASKED.values(), ids=NONSENSE_ASKED.keys())
def test_a_failure_is_told_at_once_and_its_connection_not_used_again(
    ready: ReadyConnections, ask: Callable[[Connection], object]
) -> None:
    for _ in range(20):  # more often than there are connections
        before, asked = ready.read(one), []

        def count(connection: Connection, asked: list[object] = asked) -> object:
            asked.append(connection)
            return ask(connection)

        with pytest.raises(DatabaseUnavailableError, match="did not answer: "):
            ready.read(count)
        assert len(asked) == 1
        assert ready.read(one) is not before


def test_a_connection_that_the_server_ended_is_replaced_without_a_failure(
    ready: ReadyConnections, database: SqlPlatformDatabase
) -> None:
    before = ready.read(one)
    if not hasattr(before, "info"):
        pytest.skip("SQLite has no server that could end a connection")
    with reading(database._background) as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": before.info.backend_pid})
    assert ready.read(one) is not before


def test_a_mistake_of_the_reader_is_none_of_the_database(ready: ReadyConnections) -> None:
    def mistake(_: Connection) -> None:
        raise KeyError

    with pytest.raises(KeyError):
        ready.read(mistake)
    ready.read(one)
