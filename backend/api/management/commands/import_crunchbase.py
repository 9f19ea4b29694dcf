"""`manage.py import_crunchbase PATH`: Crunchbase's export of October 2013."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from imports.command import ImportCommand
from imports.crunchbase.importing import import_crunchbase
from imports.progress import ProgressReporter
from imports.summary import ImportSummary


class Command(ImportCommand):
    """Thin door to `imports.crunchbase`."""

    help = "Bring in Crunchbase's export of October 2013: investors, companies, rounds and investments."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the path."""
        parser.add_argument("path", type=Path, metavar="PATH", help="crunch2013.zip or its unpacked folder")

    def bring_in(self, progress: ProgressReporter, options: dict[str, Any]) -> ImportSummary:
        """Import the export."""
        return import_crunchbase(options["path"], progress)
