"""Reads what was shown and what came of it: how often a startup on the screen was opened, saved or applied to.

An act counts towards an impression when it carries the impression's request id and still stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from math import sqrt
from typing import Literal
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import TruncDate

from contracts.interactions import InteractionType
from interactions.models import InteractionEvent
from recommendations.models import Impression

By = Literal["all", "position", "engine", "model_version", "surface", "rung"]
Z_95 = 1.959963984540054
OPENED = frozenset({InteractionType.CLICK})
SAVED = frozenset({InteractionType.LIKE, InteractionType.FAVORITE})
APPLIED = frozenset({InteractionType.APPLY, InteractionType.INTEREST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share with its 95 % Wilson score interval (Wilson, 1927); all None of nothing.

    Attributes:
        count: How many did.
        of: Of how many.
        value: The share, 0 to 1.
        low: The interval's lower end.
        high: Its upper end.
    """

    count: int
    of: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureRates:
    """What came of the impressions of one group.

    Attributes:
        key: The group: a position, the name of an engine, a version, a surface or a rung, or `all`.
        shown: Impressions.
        opened: Impressions whose startup's page was opened.
        saved: Impressions that led to a like or a favorite.
        applied: Impressions that led to an application or an expressed interest.
    """

    key: str | int
    shown: int
    opened: Rate
    saved: Rate
    applied: Rate


def wilson(count: int, of: int) -> Rate:
    """The share `count / of` with its interval."""
    if of == 0:
        return Rate(count=count, of=of, value=None, low=None, high=None)
    share, spread = count / of, Z_95**2 / of
    centre = (share + spread / 2) / (1 + spread)
    half = sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    return Rate(count=count, of=of, value=share, low=max(0.0, centre - half), high=min(1.0, centre + half))


def impression_rates(
    *,
    by: By,
    since: datetime,
    until: datetime | None = None,
    surface: str | None = None,
    startup_id: UUID | None = None,
) -> list[ExposureRates]:
    """What came of the impressions of a span of time, per group, in order of the group's key.

    Args:
        by: What makes a group; `all` makes one of everything, also of nothing.
        since: Impressions from this moment on.
        until: And before this one.
        surface: Of one surface only.
        startup_id: Of one startup only.
    """
    shown = _shown(since, until).annotate(all=Value("all"))
    if surface is not None:
        shown = shown.filter(surface=surface)
    if startup_id is not None:
        shown = shown.filter(startup_id=startup_id)
    marked = shown.annotate(opened=_led_to(OPENED), saved=_led_to(SAVED), applied=_led_to(APPLIED))
    groups = marked.order_by().values(by).annotate(
        shown=Count("pk"),
        was_opened=Count("pk", filter=Q(opened=True)),
        was_saved=Count("pk", filter=Q(saved=True)),
        was_applied=Count("pk", filter=Q(applied=True)),
    )  # fmt: skip
    return [
        ExposureRates(
            key=group[by],
            shown=group["shown"],
            opened=wilson(group["was_opened"], group["shown"]),
            saved=wilson(group["was_saved"], group["shown"]),
            applied=wilson(group["was_applied"], group["shown"]),
        )
        for group in groups.order_by(by)
    ]


def impression_count(*, since: datetime, until: datetime | None = None) -> int:
    """How many impressions there were."""
    return _shown(since, until).count()


def startups_shown_count(*, since: datetime, until: datetime | None = None) -> int:
    """How many different startups were seen by anybody."""
    return _shown(since, until).aggregate(startups=Count("startup_id", distinct=True))["startups"] or 0


def impressions_of_new_startups(*, opened_since: datetime, since: datetime, until: datetime | None = None) -> int:
    """How many of the impressions were of startups that opened since a moment."""
    return _shown(since, until).filter(startup__opened_at__gte=opened_since).count()


def impressions_by_day(*, startup_id: UUID, since: datetime, until: datetime | None = None) -> dict[date, int]:
    """How often one startup was seen on each day (UTC) on which it was."""
    days = _shown(since, until).filter(startup_id=startup_id).order_by().annotate(day=TruncDate("shown_at"))
    return dict(days.values_list("day").annotate(shown=Count("pk")).order_by("day"))


def _shown(since: datetime, until: datetime | None) -> QuerySet[Impression]:
    shown = Impression.objects.filter(shown_at__gte=since)
    return shown if until is None else shown.filter(shown_at__lt=until)


def _led_to(kinds: Iterable[InteractionType]) -> Exists:
    acts = InteractionEvent.objects.live().filter(
        recommendation_request_id=OuterRef("request_id"),
        user_id=OuterRef("user_id"),
        startup_id=OuterRef("startup_id"),
        type__in=[kind.value for kind in kinds],
    )
    return Exists(acts)
