"""An import on SQLite, where one writer keeps out all others: many short transactions, with a journal.

What came in is held back from sight until all is there. An import that fails is taken out again; one whose process
died is taken out, or shown if it was complete, by whoever calls `settle_unfinished` next.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.apps import apps
from django.db import DatabaseError, transaction
from django.db.models import Model, QuerySet

from imports.batching import batches
from imports.errors import ImportRefusedError, in_one_line
from imports.held_back import hold_back, show
from imports.models import ImportedBatch, ImportRun
from imports.row_writer import ModelT, RowWriter

ROWS = 500
"""Rows of one transaction: less than a tenth of a second on a slow machine."""
PAUSE = 0.5
"""Length of the pause after a transaction, in lengths of that transaction.

SQLite has no queue: who waits tries again from time to time, after a tenth of a second at most, and gets in when a try
falls into a pause.
"""


class JournaledWriter:
    """Inserts a few hundred rows at a time, and notes with them in the journal which they were."""

    def __init__(self, run: ImportRun) -> None:
        self._run = run

    def create(self, rows: Sequence[ModelT]) -> list[ModelT]:
        """Insert `rows`, which are of one model, and return them with their keys."""
        return [row for chunk in batches(rows, ROWS) for row in self._create(chunk)]

    def _create(self, rows: list[ModelT]) -> list[ModelT]:
        model = type(rows[0])
        with _short_transaction():
            values = hold_back(rows)
            created = model._default_manager.bulk_create(rows)
            keys = [row.pk for row in created]
            ImportedBatch.objects.create(run=self._run, model=model._meta.label_lower, keys=keys, values=values)
        return created


@contextmanager
def short_transactions() -> Iterator[RowWriter]:
    """Keep everything that the block wrote by the writer, or nothing.

    The caller holds the import lock.

    Raises:
        ImportRefusedError: If the database fails while what came in is taken out again, or shown.
    """
    settle_unfinished()
    run = ImportRun.objects.create()
    try:
        yield JournaledWriter(run)
    except BaseException:
        _take_out(run)
        raise
    _complete(run)
    _show(run)


def settle_unfinished() -> None:
    """Bring what dead imports left behind to an end; the caller holds the import lock.

    Raises:
        ImportRefusedError: If the database fails meanwhile.
    """
    for run in list(ImportRun.objects.all()):
        if run.is_complete:
            _show(run)
        else:
            _take_out(run)


def _complete(run: ImportRun) -> None:
    """From here on the import counts as done."""
    run.is_complete = True
    run.save(update_fields=["is_complete"])


def _show(run: ImportRun) -> None:
    with _left_to_the_next("all is in, but not all can be seen yet: run the command again, which shows the rest"):
        for key in _keys(run.batches.exclude(values=[])):
            batch = ImportedBatch.objects.get(pk=key)
            with _short_transaction():
                show(_model(batch), batch.keys, batch.values)
        run.delete()


def _take_out(run: ImportRun) -> None:
    """Delete the rows, the latest first: what refers to others goes before them."""
    with _left_to_the_next("what came in is kept from sight: run the command again, which takes it out first"):
        for key in reversed(_keys(run.batches.all())):
            batch = ImportedBatch.objects.get(pk=key)
            with _short_transaction():
                _model(batch)._default_manager.filter(pk__in=batch.keys).delete()
                batch.delete()
        run.delete()


def _keys(journal: QuerySet[ImportedBatch]) -> list[int]:
    """All at once: a query that is still being read would keep its connection from writing after another's."""
    return list(journal.values_list("pk", flat=True))


@contextmanager
def _left_to_the_next(state: str) -> Iterator[None]:
    """Tells where a failing database leaves the import; the journal lets the next one go on there."""
    try:
        yield
    except DatabaseError as error:
        raise ImportRefusedError(f"the database failed ({in_one_line(error)}); {state}") from error


def _model(batch: ImportedBatch) -> type[Model]:
    return apps.get_model(batch.model)


@contextmanager
def _short_transaction() -> Iterator[None]:
    """A transaction, and a pause in which others can write."""
    with transaction.atomic():
        begun = time.monotonic()
        yield
    time.sleep((time.monotonic() - begun) * PAUSE)
