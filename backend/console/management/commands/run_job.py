"""`manage.py run_job ID`: the process of one job; the console starts it."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from console.errors import JobRefusedError
from console.jobs.runner import run_job
from console.models import JobStatus

NICENESS = 10
"""Members' pages come first on a machine that does both."""


class Command(BaseCommand):
    """Thin door to `console.jobs`."""

    help = "Run one queued job of the engineer's console to its end."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the job."""
        parser.add_argument("job_id", type=UUID, metavar="ID")

    def handle(self, *_args: object, **options: Any) -> None:
        """Run it; SIGTERM ends its steps, too."""
        signal.signal(signal.SIGTERM, _stop)
        os.nice(NICENESS)
        try:
            job = run_job(options["job_id"])
        except JobRefusedError as error:
            raise CommandError(str(error)) from error
        if job.status != JobStatus.DONE:
            raise CommandError(f"{job.get_status_display().lower()}: {job.problem}")


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + signal.SIGTERM)
