"""`manage.py import_platform DIR`: an existing platform in the generic format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from imports.command import ImportCommand
from imports.platform.importing import import_platform
from imports.progress import ProgressReporter
from imports.summary import ImportSummary


class Command(ImportCommand):
    """Thin door to `imports.platform`."""

    help = "Bring in an existing platform: users, startups, positions, rounds and interactions as CSV or Parquet."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, metavar="DIR", help="holds users.csv, startups.csv, ...")

    def bring_in(self, progress: ProgressReporter, options: dict[str, Any]) -> ImportSummary:
        """Import the folder."""
        return import_platform(options["folder"], progress)
