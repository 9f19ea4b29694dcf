"""What goes wrong on a connection is one kind of error, whether SQLAlchemy or the driver itself was asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.adapters.reading import reading
from recommendation_service.services.errors import DatabaseUnavailableError
from tests.recommendation_service.adapters.nonsense import NONSENSE_ASKED, driver


@pytest.mark.parametrize("ask", NONSENSE_ASKED.values(), ids=NONSENSE_ASKED.keys())
def test_a_failure_is_one_kind_of_error_and_the_next_connection_is_sound(
    database: SqlPlatformDatabase, ask: Callable[[Connection], object]
) -> None:
    for _ in range(20):  # more often than there are connections
        with pytest.raises(DatabaseUnavailableError, match="did not answer: "), reading(database._requests) as asked:
            ask(asked)
    with reading(database._requests) as connection:
        assert driver(connection).execute("SELECT 1").fetchone() == (1,)


def test_a_mistake_of_the_reader_is_none_of_the_database(database: SqlPlatformDatabase) -> None:
    with pytest.raises(KeyError), reading(database._requests):
        raise KeyError
