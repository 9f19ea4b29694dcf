"""Who saw one startup, and how often it was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from recommendations.exposure import impressions_by_day
from recommendations.models import Impression
from startups.models import Startup

DAYS = 30
LATEST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class StartupExposure:
    """How a startup was put before members.

    Attributes:
        days: Impressions of each of the last days (UTC), oldest first, without gaps.
        latest: The latest impressions, with the member who had them.
    """

    days: list[tuple[date, int]]
    latest: list[Impression]

    @property
    def total(self) -> int:
        """Impressions of all those days."""
        return sum(shown for _, shown in self.days)


def startup_exposure(*, startup: Startup) -> StartupExposure:
    """The last days, and the latest impressions."""
    today = timezone.now().date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    shown = impressions_by_day(startup_id=startup.pk, since=timezone.now() - timedelta(days=DAYS))
    latest = Impression.objects.filter(startup=startup).select_related("user").order_by("-shown_at", "-id")[:LATEST]
    return StartupExposure(days=[(day, shown.get(day, 0)) for day in days], latest=list(latest))
