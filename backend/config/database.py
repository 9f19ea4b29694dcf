"""Turns DATABASE_URL into Django's database settings."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

KEPT_SECONDS = 60
"""How long a thread keeps its connection for the next requests: opening SQLite's anew was a tenth of a page."""


def database_settings(url: str) -> dict[str, Any]:
    """Django's settings for a database URL.

    `sqlite:///relative/path`, `sqlite:////absolute/path`, or `postgresql://user:password@host:port/name?options`.

    Raises:
        ImproperlyConfigured: If the scheme is neither, no SQLite file is named, or it is no URL; the message keeps the
            password to itself.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # whose message may show a part of the password
        cure = "write it like postgresql://user:password@host/name"
        raise ImproperlyConfigured(f"DATABASE_URL is no URL; {cure}") from None
    if parts.scheme == "sqlite":
        return _sqlite(_sqlite_file(parts))
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": port or "",
            "CONN_MAX_AGE": KEPT_SECONDS,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"connect_timeout": 5, **dict(parse_qsl(parts.query))},
        }
    raise ImproperlyConfigured(
        f"DATABASE_URL has the scheme {parts.scheme!r}; use sqlite:///path/to/file.sqlite3 or postgresql://..."
    )


def _sqlite_file(parts: SplitResult) -> Path:
    """The file that the URL names; a fresh checkout lacks the folder of the default one, which is made here."""
    name = unquote(parts.path.removeprefix("/"))
    if parts.netloc or not name:
        raise ImproperlyConfigured("DATABASE_URL names no SQLite file; write it like sqlite:////path/to/file.sqlite3")
    path = Path(name)
    with suppress(OSError):  # connecting tells what is wrong with it
        path.parent.mkdir(exist_ok=True)
    return path


def _sqlite(path: Path) -> dict[str, Any]:
    """SQLite that several processes can share.

    Immediate transactions: a deferred one that reads and then writes fails at once when another writer came between.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": KEPT_SECONDS,
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-64000;",
        },
    }
