"""Gets recommendations: from the recommendation service, or from the platform's own database when that fails."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from uuid import UUID

from accounts.models import User
from contracts.api import MAX_LIMIT, RecommendedStartup
from interactions.selectors import startup_ids_never_to_recommend
from recommendations.client import recommendation_client
from recommendations.errors import RecommendationServiceError
from recommendations.fallback import popular_then_newest, same_category
from recommendations.feed import Feed, FeedItem
from startups.models import Startup
from startups.selectors import startup_list_by_ids

logger = logging.getLogger(__name__)


def recommendations_for_user(*, user: User, limit: int) -> Feed:
    """Startups for a person, best first; popular and new ones, marked as degraded, when the service fails.

    The rules hold whoever answers: never an invisible startup, nor one the person owns, applied to, expressed
    interest in or disliked.
    """
    never = startup_ids_never_to_recommend(user=user)
    try:
        answer = recommendation_client().recommendations(user_id=user.pk, limit=limit)
    except RecommendationServiceError as error:
        logger.warning("recommendations of %s fall back to the database (%s): %s", user.pk, error.reason, error)
        return popular_then_newest(never=never, limit=limit, reason=error.reason)
    return Feed(
        request_id=answer.request_id,
        engine=answer.engine,
        model_version=answer.model_version,
        rung=answer.rung,
        segment=answer.segment,
        degraded=answer.degraded,
        degraded_reason=answer.degraded_reason,
        items=_visible_items(answer.items, never=never),
    )


def startups_similar_to(*, startup: Startup, user: User, limit: int) -> Feed:
    """Startups like one startup, under the same rules; the newest of its category when the service fails."""
    never = startup_ids_never_to_recommend(user=user)
    try:
        answer = recommendation_client().similar(
            startup_id=startup.pk, user_id=user.pk, limit=min(limit + len(never), MAX_LIMIT)
        )
    except RecommendationServiceError as error:
        logger.warning("startups like %s fall back to the database (%s): %s", startup.pk, error.reason, error)
        return same_category(startup=startup, never=never, limit=limit, reason=error.reason)
    return Feed(
        request_id=answer.request_id,
        engine=answer.engine,
        model_version=answer.model_version,
        degraded=answer.degraded,
        degraded_reason=answer.degraded_reason,
        items=_visible_items(answer.items, never={*never, startup.pk})[:limit],
    )


def _visible_items(recommended: Sequence[RecommendedStartup], *, never: Collection[UUID]) -> tuple[FeedItem, ...]:
    allowed = {item.startup_id: item for item in recommended if item.startup_id not in never}
    return tuple(
        FeedItem(
            startup=startup,
            rank=allowed[startup.pk].rank,
            score=allowed[startup.pk].score,
            reasons=tuple(allowed[startup.pk].reasons),
        )
        for startup in startup_list_by_ids(ids=allowed)
    )
