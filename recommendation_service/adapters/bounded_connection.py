"""A PostgreSQL connection that gives up on a server that has stopped talking.

`statement_timeout` is kept by the server; one that is stopped, or behind a line that is cut, keeps nothing. This is
kept by the client.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

Result = TypeVar("Result")


class BoundedConnection(Connection[Any]):
    """No wait for the server is longer than `longest_wait_seconds`; the connection is closed when one would be."""

    longest_wait_seconds: ClassVar[float] = 30.0

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        """Wait for the server.

        Raises:
            OperationalError: If it does not answer in time; a connection with an answer outstanding is closed.
        """
        try:
            return super().wait(gen, interval, self.longest_wait_seconds if timeout is None else timeout)
        except OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()
            raise


def bounded_connection(longest_wait_seconds: float) -> type[BoundedConnection]:
    """The class of connections that wait no longer than this."""
    return type("BoundedConnection", (BoundedConnection,), {"longest_wait_seconds": longest_wait_seconds})
