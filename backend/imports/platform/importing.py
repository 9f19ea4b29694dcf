"""Brings a folder in the generic format into the platform."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from imports.platform.acts import import_acts
from imports.platform.context import ImportContext
from imports.platform.files import find_tables
from imports.platform.people import import_people
from imports.platform.ventures import import_positions, import_rounds, import_startups
from imports.progress import ProgressReporter
from imports.summary import ImportSummary
from imports.transaction import whole_or_nothing

_IMPORTERS: Mapping[str, Callable[[Path, ImportContext], None]] = {
    "users": import_people,
    "startups": import_startups,
    "positions": import_positions,
    "rounds": import_rounds,
    "interactions": import_acts,
}


def import_platform(folder: Path, progress: ProgressReporter) -> ImportSummary:
    """Bring an existing platform in; records whose key is known stay as they are.

    Args:
        folder: Holds `users`, `startups`, `positions`, `rounds` and `interactions`, or some of them, as CSV or Parquet.
        progress: Shows how far the run is.

    Raises:
        ImportRefusedError: If a file or column is unknown, missing or unreadable, or the database refuses; nothing is
            written then. Single bad rows are left out and counted in the summary.
    """
    tables = find_tables(folder)
    with whole_or_nothing() as writer:
        context = ImportContext(writer=writer, progress=progress)
        for table, path in tables.items():
            _IMPORTERS[table](path, context)
    return context.summary
