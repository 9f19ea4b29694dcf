"""`manage.py generate_embeddings`: the text embeddings of people and startups."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar
from rich.text import Text

from config.errors import PlatformError
from imports.errors import ImportRefusedError
from imports.transaction import require_migrated_database, settle_imports
from recommendations.embeddings import KINDS, EmbeddedKind, EmbeddingSummary, Progress, embeddings_generate
from recommendations.text_encoders import DEFAULT_BATCH_SIZE, TextEncoder, text_encoder


class Command(BaseCommand):
    """Thin door to `recommendations.embeddings`."""

    help = "Embed the texts of people and startups that are new or changed."
    requires_migrations_checks = False  # checked here, as an error instead of a notice

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to embed."""
        parser.add_argument("--batch-size", type=int, default=DEFAULT_BATCH_SIZE, metavar="N", help="texts at a time")
        parser.add_argument("--force", action="store_true", help="embed all again, changed or not")
        parser.add_argument("--only", choices=[kind.name for kind in KINDS], help="leave the others as they are")

    def handle(self, *_args: object, **options: Any) -> None:
        """Embed, and tell how many."""
        if options["batch_size"] < 1:
            raise CommandError(f"--batch-size must be at least 1, got {options['batch_size']}")
        try:
            require_migrated_database()
            settle_imports()
            encoder = text_encoder(settings.ENVIRONMENT.text_encoder, batch_size=options["batch_size"])
            for kind in KINDS:
                if options["only"] in (None, kind.name):
                    self._embed(kind, encoder, force=options["force"], quiet=options["verbosity"] == 0)
        except (PlatformError, ImportRefusedError) as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError(
                f"the database failed ({error}); free it or its disk and run the command again: "
                "it goes on where it stopped"
            ) from error

    def _embed(self, kind: EmbeddedKind, encoder: TextEncoder, *, force: bool, quiet: bool) -> None:
        started = time.monotonic()
        with _progress_bar(kind.name, quiet=quiet) as progress:
            summary = embeddings_generate(kind, encoder, force=force, progress=progress)
        if not quiet:
            self.stdout.write(_line(kind, summary, time.monotonic() - started))


def _line(kind: EmbeddedKind, summary: EmbeddingSummary, seconds: float) -> str:
    rate = summary.texts / max(seconds, 1e-9)
    return (
        f"{kind.name}: {summary.embedded:,} embedded ({summary.texts:,} distinct texts, {rate:,.0f} per second), "
        f"{summary.unchanged:,} up to date, {summary.without_text:,} without text"
    )


class _RateColumn(ProgressColumn):
    """Entities per second."""

    def render(self, task: Task) -> Text:
        """The rate, a dash while there is none."""
        rate = task.finished_speed or task.speed
        return Text(f"{rate:,.0f}/s" if rate else "-/s")


@contextmanager
def _progress_bar(name: str, *, quiet: bool) -> Iterator[Progress]:
    """A bar on standard error with the rate and the time left."""
    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with ProgressBar(*columns, console=Console(stderr=True), disable=quiet) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
