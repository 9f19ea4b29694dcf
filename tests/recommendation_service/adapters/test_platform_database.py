from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from recommendation_service.adapters.platform_database import SqlPlatformDatabase
from recommendation_service.services.errors import DatabaseUnavailableError
from recommendation_service.services.ports import CatalogueMark

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CALLS: dict[str, Callable[[SqlPlatformDatabase], object]] = {
    "require_schema": lambda database: database.require_schema(),
    "catalogue_changes": lambda database: database.catalogue_changes(CatalogueMark(read_at=NOW), (), NOW),
    "open_startups": lambda database: database.open_startups(NOW),
    "recent_activity": lambda database: database.recent_activity(timedelta(days=1), timedelta(days=1)),
    "acts_version": lambda database: database.acts_version(),
    "user_state": lambda database: database.user_state(str(uuid4()), NOW),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize("url", ["sqlite:////nowhere/none.sqlite3", "postgresql://nobody@127.0.0.1:1/none"])
def test_a_dead_database_is_one_kind_of_error(url: str, call: Callable[[SqlPlatformDatabase], object]) -> None:
    with pytest.raises(DatabaseUnavailableError, match="did not answer"):
        call(SqlPlatformDatabase(url))


def test_a_file_that_is_no_database_is_the_same_error(tmp_path: Path) -> None:
    path = tmp_path / "text.sqlite3"
    path.write_text("this is not a database, only text that is long enough to be read as a header " * 5)
    with pytest.raises(DatabaseUnavailableError, match="not a database"):
        SqlPlatformDatabase(f"sqlite:///{path}").open_startups(NOW)


def test_a_writer_that_locks_everything_is_waited_for_no_longer_than_the_deadline(tmp_path: Path) -> None:
    path = tmp_path / "locked.sqlite3"
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("CREATE TABLE accounts_user (id char(32))")
    writer.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseUnavailableError, match="locked"):
        SqlPlatformDatabase(f"sqlite:///{path}", request_timeout_seconds=0.05).user_state(str(uuid4()), NOW)
    writer.close()
