"""All or nothing: one transaction around a run, on a database that is ready for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from imports.errors import ImportRefusedError


def require_migrated_database() -> None:
    """Refuse to start on a database that lacks tables or columns.

    Raises:
        ImportRefusedError: If migrations are missing or the database cannot be reached.
    """
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise ImportRefusedError(f"the database cannot be used ({_in_one_line(error)}); check DATABASE_URL") from error
    if missing:
        raise ImportRefusedError(f"the database lacks {len(missing)} migrations; run `python manage.py migrate` first")


@contextmanager
def whole_or_nothing() -> Iterator[None]:
    """A transaction that keeps everything the block wrote, or nothing.

    Raises:
        ImportRefusedError: If the database refuses a row, is full or is locked.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ImportRefusedError(
            f"the database refused a row ({_in_one_line(error)}), perhaps because somebody wrote to it meanwhile; "
            "nothing was imported: run the command again"
        ) from error
    except DatabaseError as error:
        raise ImportRefusedError(
            f"the database failed ({_in_one_line(error)}); nothing was imported: free it or its disk and run again"
        ) from error


def _in_one_line(error: DatabaseError) -> str:
    return " ".join(str(error).split())
