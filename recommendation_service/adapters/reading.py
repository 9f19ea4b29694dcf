"""Connections whose failures are the service's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from recommendation_service.services.errors import DatabaseUnavailableError


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read from, by SQLAlchemy or straight by its driver.

    Raises:
        DatabaseUnavailableError: If the database does not answer, or not in time.
    """
    driver_error = engine.dialect.loaded_dbapi.Error
    try:
        with engine.connect() as connection:
            try:
                yield connection
            except driver_error:
                connection.invalidate()  # SQLAlchemy did not see what happened to it
                raise
    except (SQLAlchemyError, driver_error) as error:
        cause = getattr(error, "orig", None) or error
        raise DatabaseUnavailableError(f"the platform's database did not answer: {cause}".strip()) from error
