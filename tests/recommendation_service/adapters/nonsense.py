"""A question that no database answers, asked in both ways in which the service asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, text

_NONSENSE = "SELECT nothing FROM nowhere"


def driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


NONSENSE_ASKED: dict[str, Callable[[Connection], object]] = {
    "SQLAlchemy": lambda connection: connection.execute(text(_NONSENSE)),
    "the driver": lambda connection: driver(connection).execute(_NONSENSE),
}
