"""Connections whose failures are the service's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from recommendation_service.services.errors import DatabaseUnavailableError


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read from.

    Raises:
        DatabaseUnavailableError: If the database does not answer, or not in time.
    """
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise DatabaseUnavailableError(f"the platform's database did not answer: {cause}".strip()) from error
