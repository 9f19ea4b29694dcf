from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from recommendation_service.adapters.database_engine import DatabaseUrlError, connect_engine


def engine_of(url: str):
    return connect_engine(url, timeout_seconds=1.0, pool_size=1)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "is not a URL"),
        ("not a url", "is not a URL"),
        ("mysql://localhost/x", "scheme 'mysql'"),
        ("sqlite://", "names no SQLite file"),
        ("sqlite:///:memory:", "names no SQLite file"),
    ],
)
def test_urls_of_nothing_readable_are_refused(url: str, message: str) -> None:
    with pytest.raises(DatabaseUrlError, match=message):
        engine_of(url)


def test_a_password_never_stands_in_the_message() -> None:
    with pytest.raises(DatabaseUrlError) as caught:
        engine_of("mysql://someone:secret@localhost/x")
    assert "secret" not in str(caught.value)


def test_a_missing_sqlite_file_is_an_error_and_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite3"
    with pytest.raises(OperationalError, match="unable to open"):
        engine_of(f"sqlite:///{path}").connect()
    assert not path.exists()


def test_sqlite_is_read_only_and_any_path_works(tmp_path: Path) -> None:
    path = tmp_path / "with space, % and ?.sqlite3"
    path.touch()
    engine = engine_of(f"sqlite:///{str(path).replace('%', '%25').replace('?', '%3F')}")
    with engine.connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(text("CREATE TABLE t (x)"))
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_is_reached_through_psycopg_with_deadlines(scheme: str) -> None:
    engine = connect_engine(f"{scheme}://me:pw@db.example:6543/name", timeout_seconds=0.25, pool_size=3)
    assert engine.url.drivername == "postgresql+psycopg"
    assert (engine.url.host, engine.url.port, engine.url.database) == ("db.example", 6543, "name")
    engine.dispose()
