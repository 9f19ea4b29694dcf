"""How many members did what to one startup, day by day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from contracts.interactions import InteractionType
from interactions.models import InteractionEvent
from startups.models import Startup


def members_by_day(*, startup: Startup, types: Collection[InteractionType], since: datetime) -> dict[date, int]:
    """How many members did one of `types` on each UTC day that has any; an act taken back does not count."""
    days = _acts(startup=startup, types=types, since=since).annotate(day=TruncDate("occurred_at", tzinfo=UTC))
    return dict(days.order_by().values_list("day").annotate(members=Count("user_id", distinct=True)))


def member_count(*, startup: Startup, types: Collection[InteractionType], since: datetime) -> int:
    """How many members did one of `types` since then, each counted once."""
    members = _acts(startup=startup, types=types, since=since).order_by().values("user_id").distinct()
    return members.count()


def _acts(*, startup: Startup, types: Collection[InteractionType], since: datetime) -> QuerySet[InteractionEvent]:
    return InteractionEvent.objects.live().filter(startup=startup, type__in=types, occurred_at__gte=since)
