"""Connections that stay open from one read to the next: to take one from a pool costs as much as a small read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from recommendation_service.adapters.reading import telling_of_failures

Result = TypeVar("Result")


class _ConnectionLostError(SQLAlchemyError):
    """The server ended the connection, as when it is restarted."""


class ReadyConnections:
    """As many connections as there are threads that read at once; safe to share between them."""

    def __init__(self, engine: Engine) -> None:
        """Open none yet.

        Args:
            engine: Each statement is a transaction of its own. Its pool must hold a connection for each thread.
        """
        self._engine = engine
        self._idle: deque[Connection] = deque()

    def read(self, ask: Callable[[Connection], Result]) -> Result:
        """What `ask` reads; asked once more where the connection was lost since it was last used.

        Raises:
            DatabaseUnavailableError: If the database does not answer, or not in time.
        """
        with telling_of_failures(self._engine):
            try:
                ready = self._idle.pop()
            except IndexError:
                return self._ask(self._engine.connect(), ask)
            try:
                return self._ask(ready, ask)
            except _ConnectionLostError:
                return self._ask(self._engine.connect(), ask)

    def close(self) -> None:
        """Close those that are not in use."""
        while self._idle:
            self._idle.pop().close()

    def _ask(self, connection: Connection, ask: Callable[[Connection], Result]) -> Result:
        driver = connection.connection.driver_connection
        try:
            result = ask(connection)
            connection.rollback()  # SQLAlchemy begins what it takes for a transaction
        except BaseException as error:
            lost = self._is_lost(error, driver)
            connection.invalidate()
            connection.close()
            if lost:
                raise _ConnectionLostError(str(getattr(error, "orig", error))) from error
            raise
        self._idle.append(connection)
        return result

    def _is_lost(self, error: BaseException, driver: Any) -> bool:
        if isinstance(error, DBAPIError):
            return error.connection_invalidated
        dialect = self._engine.dialect
        return isinstance(error, dialect.loaded_dbapi.Error) and dialect.is_disconnect(error, driver, None)
