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
    with telling_of_failures(engine), engine.connect() as connection:
        yield connection


@contextmanager
def telling_of_failures(engine: Engine) -> Iterator[None]:
    """Whatever fails in the database, asked by SQLAlchemy or straight by its driver, is one kind of error.

    Raises:
        DatabaseUnavailableError: If the database does not answer, or not in time.
    """
    try:
        yield
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
        cause = getattr(error, "orig", None) or error
        raise DatabaseUnavailableError(f"the platform's database did not answer: {cause}".strip()) from error
