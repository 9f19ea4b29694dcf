"""What the platform answers by itself, from its database, when the recommendation service cannot."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID, uuid4

from contracts.api import Reason, Rung, StartupFilters
from interactions.selectors import POPULARITY_DEPTH, startup_popular_ids
from recommendations.feed import Feed, FeedItem
from startups.models import Startup
from startups.selectors import (
    NO_FILTERS,
    startup_ids_matching,
    startup_list,
    startup_list_by_ids,
    startup_newest_ids,
)

POPULAR = Reason(kind="popular", values=[], text="Popular with members lately")
NEWEST = Reason(kind="newest", values=[], text="New on Launchmatch")


def popular_then_newest(
    *, never: Collection[UUID], limit: int, filters: StartupFilters = NO_FILTERS, reason: str | None
) -> Feed:
    """The most popular startups, filled up with the newest, leaving out `never`.

    Args:
        reason: Why it stands in for something better; None where it is what was asked for.
    """
    popular = popular_ids(limit=limit, never=never, filters=filters)
    newest = startup_newest_ids(limit=limit + 1 - len(popular), without={*never, *popular}, filters=filters)
    found = startup_list_by_ids(ids=[*popular, *newest])
    reasons = [POPULAR if startup.pk in popular else NEWEST for startup in found]
    return Feed(
        request_id=uuid4(),
        engine="platform_popularity" if popular else "platform_newest",
        rung=Rung.TRENDING if popular else Rung.NEWEST,
        degraded=reason is not None,
        degraded_reason=reason,
        items=_items(found[:limit], reasons[:limit]),
        has_more=len(found) > limit,
    )


def popular_ids(*, limit: int, never: Collection[UUID], filters: StartupFilters = NO_FILTERS) -> list[UUID]:
    """The most popular startups that the filters let through, most popular first, leaving out `never`."""
    if filters == NO_FILTERS:
        return startup_popular_ids(limit=limit, without=never)
    ranked = startup_popular_ids(limit=POPULARITY_DEPTH, without=never)
    fitting = startup_ids_matching(ids=ranked, filters=filters)
    return [startup_id for startup_id in ranked if startup_id in fitting][:limit]


def same_category(*, startup: Startup, never: Collection[UUID], limit: int, reason: str) -> Feed:
    """The newest startups of the same category; none where the startup has no category."""
    alike = (
        startup_list(filters=StartupFilters(category=startup.category)) if startup.category else Startup.objects.none()
    )
    without = {*never, startup.pk}
    found = [other for other in alike[: limit + len(without)] if other.pk not in without][:limit]
    why = Reason(kind="shared_category", values=[startup.category], text=f"Also in {startup.category}")
    return Feed(
        request_id=uuid4(),
        engine="platform_category",
        degraded=True,
        degraded_reason=reason,
        items=_items(found, [why] * len(found)),
    )


def _items(startups: Sequence[Startup], reasons: Sequence[Reason]) -> tuple[FeedItem, ...]:
    return tuple(
        FeedItem(startup=startup, rank=rank, score=None, reasons=(reason,))
        for rank, (startup, reason) in enumerate(zip(startups, reasons, strict=True), start=1)
    )
