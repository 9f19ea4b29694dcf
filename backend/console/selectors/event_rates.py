"""How many acts of each type came in on each day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.cache import cache
from django.db.models import Count
from django.db.models.functions import TruncDate

from console.selectors.data_quality import SECONDS_KEPT, newest_event_at, recent_events
from contracts.interactions import InteractionType

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
    rates: list[DayRates] = cache.get_or_set("console_event_rates", _count, SECONDS_KEPT) or []
    return rates


def _count() -> list[DayRates]:
    newest = newest_event_at()
    if newest is None:
        return []
    rows = (
        recent_events(timedelta(days=DAYS))
        .filter(undoes=None)
        .order_by()
        .values_list(TruncDate("occurred_at"), "type")
        .annotate(acts=Count("pk"))
    )
    found = {(day, kind): acts for day, kind, acts in rows}
    days = [newest.date() - timedelta(days=back) for back in reversed(range(DAYS))]
    kinds = [kind.value for kind in InteractionType]
    return [DayRates(day=day, counts={kind: found.get((day, kind), 0) for kind in kinds}) for day in days]
