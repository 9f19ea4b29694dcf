"""Writes what was really on a member's screen.

The browser says which startups of a page were seen; where they stood and what ranked them is known from the page as
it was kept, so that nobody can claim an impression of something that was not put before them.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from recommendations.models import FeedPage, Impression
from recommendations.selectors import recommendation_settings
from startups.models import Startup

BATCH = 10_000


def impressions_record(*, user: User, page_id: UUID, startup_ids: Collection[UUID]) -> int:
    """Record that startups of a page were seen, each once however often it is said; return how many were said.

    What the page did not hold is left out, and so is everything once the member turned personal lists off.
    """
    page = FeedPage.objects.filter(pk=page_id, user=user).first()
    if page is None or not recommendation_settings(user=user).is_personalised:
        return 0
    positions = {UUID(item["startup"]): item["position"] for item in page.items}
    seen = Startup.objects.filter(pk__in=positions.keys() & set(startup_ids)).values_list("pk", flat=True)
    rows = [
        Impression(
            user=user,
            startup_id=startup_id,
            request_id=page.request_id,
            position=positions[startup_id],
            surface=page.surface,
            engine=page.engine,
            model_version=page.model_version,
            rung=page.rung,
        )
        for startup_id in seen
    ]
    Impression.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def impressions_delete(*, before: datetime) -> int:
    """Delete the impressions from before a moment; return how many."""
    return _delete(Impression.objects.filter(shown_at__lt=before))


def feed_pages_delete(*, before: datetime) -> int:
    """Delete the kept pages from before a moment; return how many."""
    return _delete(FeedPage.objects.filter(created_at__lt=before))


def _delete(rows: QuerySet[Any]) -> int:
    """In batches, so that nobody waits long for the database's only writer."""
    deleted = 0
    while keys := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        deleted += rows.model._default_manager.filter(pk__in=keys).delete()[0]
    return deleted
