"""Tells a database that is busy for too long from one that fails."""

from __future__ import annotations

import sqlite3

from django.db import OperationalError

_SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_SQLITE_PRIMARY_CODE = 0xFF
_POSTGRESQL_BUSY = frozenset({"55P03", "40001", "40P01"})
"""Lock not available, serialization failure, deadlock detected."""


def is_busy(error: BaseException | None) -> bool:
    """Whether the same request may well succeed a little later: others held what it needed for too long."""
    if not isinstance(error, OperationalError):
        return False
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & _SQLITE_PRIMARY_CODE in _SQLITE_BUSY
    return getattr(cause, "sqlstate", None) in _POSTGRESQL_BUSY
