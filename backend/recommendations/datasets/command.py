"""What the commands that write datasets have in common: options, bars, summary, one sentence on failure."""

from __future__ import annotations

from argparse import ArgumentTypeError
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.environment import REPOSITORY
from config.errors import PlatformError
from contracts.dataset import timestamped_name
from imports.errors import ImportRefusedError
from imports.progress import SilentProgress, progress_bars
from imports.transaction import require_migrated_database, settle_imports
from recommendations.datasets.export import dataset_export
from recommendations.datasets.preconditions import explained_write_errors
from recommendations.datasets.request import DatasetRequest
from recommendations.datasets.summary import DatasetSummary

DATA_FOLDER = REPOSITORY / "recommendation_service" / "data"


def utc_moment(text: str) -> datetime:
    """The moment of an ISO 8601 date or date and time; UTC where it names no zone, midnight where no time.

    Raises:
        ArgumentTypeError: If it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"expected an ISO date such as 2025-03-31, got {text!r}") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class DatasetCommand(BaseCommand):
    """A door for an export: subclasses say how a file without a name is called and how negatives are drawn."""

    requires_migrations_checks = False  # checked here, as an error instead of a notice
    name_prefix: ClassVar[str]
    generator: ClassVar[str]

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and the window of time."""
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="a .csv or .parquet file; default: a new one named by the time"
        )
        parser.add_argument(
            "--since", type=utc_moment, metavar="DATE", help="leave out pairs decided before this ISO date (UTC)"
        )
        parser.add_argument(
            "--until", type=utc_moment, metavar="DATE", help="ignore what happened at or after this ISO date (UTC)"
        )

    def sampling(self, options: dict[str, Any]) -> dict[str, Any]:
        """The fields of `DatasetRequest` that say how negatives are drawn."""
        raise NotImplementedError

    def handle(self, *_args: object, **options: Any) -> None:
        """Write the dataset and tell what is in it."""
        quiet = options["verbosity"] == 0
        try:
            require_migrated_database()
            settle_imports()
            request = self._request(options)
            with nullcontext(SilentProgress()) if quiet else progress_bars() as progress:
                summary = dataset_export(request, progress=progress)
        except (PlatformError, ImportRefusedError) as error:
            raise CommandError(str(error)) from error
        self._tell(summary, quiet=quiet)

    def _request(self, options: dict[str, Any]) -> DatasetRequest:
        return DatasetRequest(
            output=self._output(options["output"]),
            since=options["since"],
            until=options["until"],
            embedding_model=settings.ENVIRONMENT.text_encoder,
            generator=self.generator,
            **self.sampling(options),
        )

    def _output(self, asked: Path | None) -> Path:
        output = (asked or DATA_FOLDER / timestamped_name(self.name_prefix, datetime.now(UTC))).resolve()
        if output.parent == DATA_FOLDER:
            with explained_write_errors(DATA_FOLDER.parent):
                DATA_FOLDER.mkdir(exist_ok=True)
        return output

    def _tell(self, summary: DatasetSummary, *, quiet: bool) -> None:
        if not quiet:
            self.stdout.write("\n".join(summary.lines()))
        for warning in summary.warnings():
            self.stderr.write(self.style.WARNING(f"Note: {warning}"))
