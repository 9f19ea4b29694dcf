"""`manage.py delete_old_impressions`: forgets what was shown long ago."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from recommendations.impressions import feed_pages_delete, impressions_delete

MAX_DAYS = 36_500
"""A hundred years; more would reach back beyond the calendar."""


class Command(BaseCommand):
    """Thin door to `recommendations.impressions`; run it once a day."""

    help = "Delete impressions, and the pages kept for paging, that are older than so many days."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the ages."""
        parser.add_argument("--days", type=int, default=180, help="age of impressions (default: %(default)s)")
        parser.add_argument("--page-days", type=int, default=2, help="age of kept pages (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Delete and tell how many."""
        for name in ("days", "page_days"):
            if not 1 <= options[name] <= MAX_DAYS:
                raise CommandError(f"--{name.replace('_', '-')} must be 1 to {MAX_DAYS}, got {options[name]}")
        now = timezone.now()
        impressions = impressions_delete(before=now - timedelta(days=options["days"]))
        pages = feed_pages_delete(before=now - timedelta(days=options["page_days"]))
        self.stdout.write(f"Deleted {impressions:,} impressions and {pages:,} kept pages.")
