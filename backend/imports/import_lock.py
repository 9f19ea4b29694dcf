"""One import at a time on a SQLite database."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from imports.errors import ImportRefusedError


@contextmanager
def import_lock() -> Iterator[None]:
    """Hold the database for an import; whoever dies lets go of it, because the kernel keeps the lock.

    Raises:
        ImportRefusedError: If another process holds it.
    """
    with _lock_file().open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ImportRefusedError(
                f"an import into {connection.settings_dict['NAME']} is under way; wait until it is whole and run the "
                "command again"
            ) from error
        yield


def _lock_file() -> Path:
    """Beside the database; it stays, for whoever removed it would remove another's lock."""
    return Path(f"{connection.settings_dict['NAME']}-import.lock")
