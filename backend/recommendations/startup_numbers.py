"""What one startup meets with, day by day: how often it was shown, and how many members did what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from interactions.startup_numbers import member_count, members_by_day
from recommendations.exposure import APPLIED, OPENED, SAVED, ExposureRates, impression_rates, impressions_by_day
from startups.models import Startup

WINDOWS = (7, 30, 90)
"""Days that can be looked back."""
ACTS = {"opened": OPENED, "saved": SAVED, "applied": APPLIED}


@dataclass(frozen=True, slots=True, kw_only=True)
class StartupNumbers:
    """A startup's numbers over some days, today included; days are UTC's.

    Attributes:
        first: The earliest day.
        days: How many days.
        shown: Impressions of each day that has any.
        members: For each kind of act, how many members did it on each day on which any did.
        totals: For each kind of act, how many members did it, each counted once.
        rates: What came of the impressions; None while there are none.
    """

    first: date
    days: int
    shown: Mapping[date, int]
    members: Mapping[str, Mapping[date, int]]
    totals: Mapping[str, int]
    rates: ExposureRates | None


def startup_numbers(*, startup: Startup, days: int) -> StartupNumbers:
    """The startup's numbers over the last days; an act that was taken back does not count."""
    first = timezone.now().astimezone(UTC).date() - timedelta(days=days - 1)
    since = datetime.combine(first, time(), tzinfo=UTC)
    rates = [group for group in impression_rates(by="all", since=since, startup_id=startup.pk) if group.shown]
    return StartupNumbers(
        first=first,
        days=days,
        shown=impressions_by_day(startup_id=startup.pk, since=since),
        members={kind: members_by_day(startup=startup, types=types, since=since) for kind, types in ACTS.items()},
        totals={kind: member_count(startup=startup, types=types, since=since) for kind, types in ACTS.items()},
        rates=rates[0] if rates else None,
    )
