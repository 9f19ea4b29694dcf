"""All or nothing: how a run is written, on a database that is ready for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from imports.errors import ImportRefusedError, in_one_line
from imports.import_lock import import_lock
from imports.row_writer import PlainWriter, RowWriter
from imports.short_transactions import settle_unfinished, short_transactions


def require_migrated_database() -> None:
    """Refuse to start on a database that lacks tables or columns.

    Raises:
        ImportRefusedError: If migrations are missing or the database cannot be reached.
    """
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise ImportRefusedError(f"the database cannot be used ({in_one_line(error)}); check DATABASE_URL") from error
    if missing:
        raise ImportRefusedError(f"the database lacks {len(missing)} migrations; run `python manage.py migrate` first")


@contextmanager
def whole_or_nothing() -> Iterator[RowWriter]:
    """A writer of rows; everything that the block wrote by it stays, or nothing.

    One transaction where writers do not keep each other out; on SQLite many short ones, so that members can act
    meanwhile.

    Raises:
        ImportRefusedError: If the database refuses a row, is full or is locked, or another import is under way.
    """
    with _database_told(), _writer() as writer:
        yield writer


def settle_imports() -> None:
    """Bring an import whose process died to an end, before its rows are taken for the platform's.

    Raises:
        ImportRefusedError: If an import is under way, or the database fails.
    """
    if _keeps_others_out():
        with _database_told(), import_lock():
            settle_unfinished()


@contextmanager
def _writer() -> Iterator[RowWriter]:
    if _keeps_others_out():
        with import_lock(), short_transactions() as writer:
            yield writer
    else:
        with transaction.atomic():
            yield PlainWriter()


def _keeps_others_out() -> bool:
    return connection.vendor == "sqlite"


@contextmanager
def _database_told() -> Iterator[None]:
    """Turns what the database raises into a refusal that names the cure."""
    try:
        yield
    except IntegrityError as error:
        raise ImportRefusedError(
            f"the database refused a row ({in_one_line(error)}), perhaps because somebody wrote to it meanwhile; "
            "nothing was imported: run the command again"
        ) from error
    except DatabaseError as error:
        raise ImportRefusedError(
            f"the database failed ({in_one_line(error)}); nothing was imported: free it or its disk and run again"
        ) from error
