"""How good the lists were to those who saw them, and whom they showed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.db.models import Count
from django.utils import timezone

from recommendations.exposure import (
    ExposureRates,
    impression_count,
    impression_rates,
    impressions_of_new_startups,
    startups_shown_count,
)
from recommendations.models import Impression
from startups.models import Startup, StartupStatus

SECONDS_KEPT = 60
KEPT_AS = "console_online_quality"
WINDOWS = (timedelta(days=7), timedelta(days=1), timedelta(hours=1))
"""The longest that holds no more impressions than are counted within a second or two; else the last one."""
MOST_IMPRESSIONS = 100_000
NEW_FOR = timedelta(days=14)
POSITIONS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineQuality:
    """What members made of what they were shown.

    Attributes:
        window: How far back it looks.
        shown: Impressions.
        engines: What came of them by engine.
        positions: By place in the list, the first ones.
        open_startups: The catalogue's size.
        shown_startups: How many different startups anybody saw.
        new_startups: How many of the catalogue opened within `NEW_FOR`.
        new_shown: How many impressions were of those.
        gini: How unequally the impressions fall on the catalogue: 0 is evenly, near 1 is all on one; None of nothing.
    """

    window: timedelta
    shown: int
    engines: list[ExposureRates]
    positions: list[ExposureRates]
    open_startups: int
    shown_startups: int
    new_startups: int
    new_shown: int
    gini: float | None

    @property
    def coverage(self) -> float:
        """The share of the catalogue that anybody saw, at most 1: what was seen may have closed since."""
        return min(self.shown_startups / self.open_startups, 1.0) if self.open_startups else 0.0

    @property
    def new_share_of_catalogue(self) -> float:
        """How much of the catalogue is new."""
        return self.new_startups / self.open_startups if self.open_startups else 0.0

    @property
    def new_share_of_impressions(self) -> float:
        """How much of what is shown is new."""
        return self.new_shown / self.shown if self.shown else 0.0


def online_quality() -> OnlineQuality:
    """The figures, taken at most once a minute for everybody who looks."""
    quality = online_quality_at_hand()
    if quality is None:
        quality = _measure()
        cache.set(KEPT_AS, quality, SECONDS_KEPT)
    return quality


def online_quality_at_hand() -> OnlineQuality | None:
    """The figures if they were taken within the last minute, without waiting."""
    quality: OnlineQuality | None = cache.get(KEPT_AS)
    return quality


def gini(counts: Sequence[int], *, of: int) -> float | None:
    """The Gini coefficient of impressions over a catalogue of `of` startups, those without any included.

    Args:
        counts: Impressions of each startup that has some.
        of: Startups altogether; at least as many as have impressions are assumed.

    Source: the mean absolute difference form, e.g. Damgaard & Weiner 2000.
    """
    total, places = sum(counts), max(of, len(counts))
    if not total:
        return None
    zeros = places - len(counts)
    weighted = sum((zeros + rank) * count for rank, count in enumerate(sorted(counts), start=1))
    return 2 * weighted / (places * total) - (places + 1) / places


def _measure() -> OnlineQuality:
    now = timezone.now()
    window = next((span for span in WINDOWS if impression_count(since=now - span) <= MOST_IMPRESSIONS), WINDOWS[-1])
    since = now - window
    catalogue = Startup.objects.filter(status=StartupStatus.ACTIVE)
    open_startups = catalogue.count()
    return OnlineQuality(
        window=window,
        shown=impression_count(since=since),
        engines=impression_rates(by="engine", since=since),
        positions=impression_rates(by="position", since=since)[:POSITIONS],
        open_startups=open_startups,
        shown_startups=startups_shown_count(since=since),
        new_startups=catalogue.filter(opened_at__gte=now - NEW_FOR).count(),
        new_shown=impressions_of_new_startups(opened_since=now - NEW_FOR, since=since),
        gini=gini(_impressions_by_startup(since), of=open_startups),
    )


def _impressions_by_startup(since: datetime) -> list[int]:
    groups = Impression.objects.filter(shown_at__gte=since).order_by().values("startup_id").annotate(shown=Count("pk"))
    return list(groups.values_list("shown", flat=True))
