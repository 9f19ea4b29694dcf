"""Gets recommendations: from the recommendation service, or from the platform's own database when that fails."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from http import HTTPStatus
from uuid import UUID

from accounts.models import User
from contracts.api import MAX_EXCLUDED, MAX_LIMIT, Recommendations, RecommendedStartup, StartupFilters
from interactions.selectors import startup_ids_never_to_recommend
from recommendations.client import recommendation_client
from recommendations.errors import ListGoneError, RecommendationServiceError, ServiceRefusedError
from recommendations.fallback import popular_then_newest, same_category
from recommendations.feed import Feed, FeedItem
from startups.models import Startup
from startups.selectors import NO_FILTERS, startup_first_by_ids

logger = logging.getLogger(__name__)


def recommendations_for_user(
    *, user: User, limit: int, filters: StartupFilters = NO_FILTERS, exclude: Sequence[UUID] = ()
) -> Feed:
    """Startups for a person, best first; popular and new ones, marked as degraded, when the service fails.

    The rules hold whoever answers: never an invisible startup, nor one the person owns, applied to, expressed
    interest in or disliked.

    Args:
        user: For whom.
        limit: Places, at most `MAX_LIMIT`.
        filters: What the list is drawn from.
        exclude: Startups that must not be in it, however many.
    """
    never = startup_ids_never_to_recommend(user=user) | set(exclude)
    try:
        answer = recommendation_client().recommendations(
            user_id=user.pk, limit=limit, filters=filters, exclude=exclude[-MAX_EXCLUDED:]
        )
    except RecommendationServiceError as error:
        logger.warning("recommendations of %s fall back to the database (%s): %s", user.pk, error.reason, error)
        return popular_then_newest(never=never, limit=limit, filters=filters, reason=error.reason)
    return _feed(answer, never=never)


def recommendations_next(*, user: User, cursor: str, limit: int, exclude: Collection[UUID] = ()) -> Feed:
    """More of a list that an earlier feed began, under the same rules.

    Raises:
        ListGoneError: If the service does not keep that list any more, or gives no answer: begin a new one.
    """
    never = startup_ids_never_to_recommend(user=user) | set(exclude)
    try:
        answer = recommendation_client().next_page(user_id=user.pk, cursor=cursor, limit=limit)
    except RecommendationServiceError as error:
        if not (isinstance(error, ServiceRefusedError) and error.status == HTTPStatus.GONE):
            logger.warning("the list of %s ends early (%s): %s", user.pk, error.reason, error)
        raise ListGoneError(error.reason) from error
    return _feed(answer, never=never)


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
        items=_visible_items(answer.items, never={*never, startup.pk}, limit=limit),
    )


def _feed(answer: Recommendations, *, never: Collection[UUID]) -> Feed:
    return Feed(
        request_id=answer.request_id,
        engine=answer.engine,
        model_version=answer.model_version,
        rung=answer.rung,
        segment=answer.segment,
        degraded=answer.degraded,
        degraded_reason=answer.degraded_reason,
        items=_visible_items(answer.items, never=never, limit=MAX_LIMIT),
        next_cursor=answer.next_cursor,
        has_more=answer.next_cursor is not None,
    )


def _visible_items(
    recommended: Sequence[RecommendedStartup], *, never: Collection[UUID], limit: int
) -> tuple[FeedItem, ...]:
    allowed = {item.startup_id: item for item in recommended if item.startup_id not in never}
    return tuple(
        FeedItem(
            startup=startup,
            rank=allowed[startup.pk].rank,
            score=allowed[startup.pk].score,
            reasons=tuple(allowed[startup.pk].reasons),
        )
        for startup in startup_first_by_ids(ids=list(allowed), limit=limit)
    )
