"""Connections to the platform's database from a DATABASE_URL: read only, each wait bounded."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote, unquote

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool

_MIN_CONNECT_TIMEOUT = 2  # libpq takes whole seconds and reads 1 as 2
_GRACE_SECONDS = 1.0
"""What a server may take beyond a statement's deadline to say that it has passed."""


class DatabaseUrlError(ValueError):
    """A DATABASE_URL that names no database this service can read."""


def connect_engine(url: str, *, timeout_seconds: float, pool_size: int) -> Engine:
    """A pool of read-only connections.

    Args:
        url: `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgresql://user:password@host:port/name?options`.
        timeout_seconds: The longest a statement (PostgreSQL) or a lock (SQLite) is waited for, and a free connection.
        pool_size: The most connections.

    Raises:
        DatabaseUrlError: If the URL is none of these.
    """
    parsed = _parse(url)
    if parsed.drivername == "sqlite":
        return _sqlite(parsed, timeout_seconds, pool_size)
    return _postgresql(parsed, timeout_seconds, pool_size)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseUrlError("DATABASE_URL is not a URL; use sqlite:////path/to/file or postgresql://...") from error
    if parsed.drivername not in {"sqlite", "postgres", "postgresql"}:
        raise DatabaseUrlError(
            f"DATABASE_URL has the scheme {parsed.drivername!r}; use sqlite:////path/to/file or postgresql://..."
        )
    if parsed.drivername == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise DatabaseUrlError("DATABASE_URL names no SQLite file; write it like sqlite:////path/to/file.sqlite3")
    return parsed


def _sqlite(url: URL, timeout_seconds: float, pool_size: int) -> Engine:
    """Opened by URI in mode `ro`, so that a missing file is an error and not a new, empty database."""
    path = Path(unquote(url.database or "")).absolute()

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro", uri=True, timeout=timeout_seconds, check_same_thread=False
        )

    return create_engine(
        "sqlite://",
        creator=connect,
        poolclass=QueuePool,
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=timeout_seconds,
    )


def _postgresql(url: URL, timeout_seconds: float, pool_size: int) -> Engine:
    """`pool_pre_ping` replaces connections that died with a restarted server before they fail a request."""
    # Here, as the driver is for PostgreSQL only: a process over SQLite does not carry it.
    from recommendation_service.adapters.bounded_connection import bounded_connection

    milliseconds = max(1, int(timeout_seconds * 1000))
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={
            "connect_timeout": max(_MIN_CONNECT_TIMEOUT, int(timeout_seconds)),
            "options": f"-c statement_timeout={milliseconds} -c default_transaction_read_only=on",
        },
        isolation_level="AUTOCOMMIT",
        pool_pre_ping=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=timeout_seconds,
    )
    connection = bounded_connection(timeout_seconds + _GRACE_SECONDS)
    event.listen(engine, "do_connect", lambda _dialect, _record, args, options: connection.connect(*args, **options))
    return engine
