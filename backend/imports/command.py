"""What the commands that bring data in have in common: bars, summary, next step, one sentence on failure."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from imports.errors import ImportRefusedError
from imports.progress import ProgressReporter, SilentProgress, progress_bars
from imports.summary import ImportSummary
from imports.transaction import require_migrated_database, settle_imports

NEXT_STEP = "Next: python manage.py generate_embeddings"


class ImportCommand(BaseCommand):
    """A door for an import: subclasses say what to bring in, `--verbosity 0` keeps it silent."""

    requires_migrations_checks = False  # checked here, as an error instead of a notice

    def bring_in(self, progress: ProgressReporter, options: dict[str, Any]) -> ImportSummary:
        """Bring the data in.

        Raises:
            ImportRefusedError: If the whole run cannot go on.
        """
        raise NotImplementedError

    def handle(self, *_args: object, **options: Any) -> None:
        """Run the import and tell what came of it."""
        quiet = options["verbosity"] == 0
        started = time.monotonic()
        try:
            require_migrated_database()
            settle_imports()
            with nullcontext(SilentProgress()) if quiet else progress_bars() as progress:
                summary = self.bring_in(progress, options)
        except ImportRefusedError as refusal:
            raise CommandError(str(refusal)) from refusal
        if not quiet:
            self._tell(summary, time.monotonic() - started)

    def _tell(self, summary: ImportSummary, seconds: float) -> None:
        for line in summary.lines():
            self.stdout.write(line)
        self.stdout.write(f"\nDone in {seconds:.1f} s.")
        if summary.created.total():
            self.stdout.write(NEXT_STEP)
