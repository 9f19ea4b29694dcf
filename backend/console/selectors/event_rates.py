"""How many acts of each type came in on each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.core.cache import cache
from django.db.models import Count

from console.selectors.data_quality import RATES_KEPT_AS, SECONDS_KEPT, newest_event_at
from contracts.interactions import InteractionType
from interactions.models import InteractionEvent

DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRates:
    """The acts of one day; every type is there."""

    day: date
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Of all types."""
        return sum(self.counts.values())


def event_rates() -> list[DayRates]:
    """The last days up to the newest act, oldest first, without gaps; counted at most once a minute."""
    rates: list[DayRates] = cache.get_or_set(RATES_KEPT_AS, _count, SECONDS_KEPT) or []
    return rates


def _count() -> list[DayRates]:
    newest = newest_event_at()
    if newest is None:
        return []
    days = [newest.date() - timedelta(days=back) for back in reversed(range(DAYS))]
    return [DayRates(day=day, counts=_counts(day)) for day in days]


def _counts(day: date) -> dict[str, int]:
    """By the index on time: a day's end is a moment, which the database need not cut out of every row."""
    start = datetime.combine(day, time.min, tzinfo=UTC)
    events = InteractionEvent.objects.filter(occurred_at__gte=start, occurred_at__lt=start + timedelta(days=1))
    rows = events.acts().order_by().values_list("type").annotate(acts=Count("pk"))
    return {**dict.fromkeys((kind.value for kind in InteractionType), 0), **dict(rows)}
