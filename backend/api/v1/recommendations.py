"""My recommendations, page by page, and what of them was on the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from api.fields import StrictSerializer
from api.members import requesting_member
from api.queries import bounded_limit, validated_body, validated_query
from api.v1.feed_serializers import PagedFeedSerializer
from api.v1.schema import GONE, PROBLEMS
from api.v1.startup_filters import StartupFilterQuery, filters_of
from contracts.api import Reason, Rung, Segment, StartupFilters
from recommendations.discovery import feed_page_keep
from recommendations.errors import ListGoneError
from recommendations.feed import Feed, FeedItem
from recommendations.impressions import impressions_record
from recommendations.models import FeedPage, Surface
from recommendations.page_sources import trending_page
from recommendations.selectors import recommendation_settings
from recommendations.services import recommendations_for_user, recommendations_next
from startups.selectors import startup_list_by_ids

MAX_SEEN = 200


class LimitQuery(StrictSerializer):
    """How many."""

    limit = bounded_limit()


class RecommendationQuery(StartupFilterQuery):
    """What the list is drawn from, and which page of it."""

    limit = bounded_limit()
    cursor = serializers.UUIDField(required=False, help_text="`next` of the page before; goes without filters.")


class Seen(StrictSerializer):
    """What was really on the screen."""

    page_id = serializers.UUIDField()
    startup_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MAX_SEEN)


class MyRecommendationsView(APIView):
    """What the platform recommends to the person who asks."""

    @extend_schema(
        operation_id="me_recommendations",
        parameters=[RecommendationQuery],
        responses={200: PagedFeedSerializer, **PROBLEMS, **GONE},
    )
    def get(self, request: Request) -> Response:
        """List startups for me, best first; popular and new ones, `degraded`, while the service is down."""
        query = validated_query(request, RecommendationQuery)
        limit, cursor = query.pop("limit"), query.pop("cursor", None)
        if cursor is not None and query:
            raise ValidationError({"cursor": "It goes on with its own filters; leave them out, or leave it out."})
        member = requesting_member(request)
        page, feed = _next(member, cursor, limit) if cursor else _first(member, filters_of(query), limit)
        return Response(PagedFeedSerializer(_as_put(page, feed)).data)


class ImpressionView(APIView):
    """What was on the screen."""

    @extend_schema(operation_id="impressions_record", request=Seen, responses={204: None, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Say which startups of a page were really seen; again is harmless, and what it did not hold is left out."""
        values = validated_body(request, Seen)
        impressions_record(user=requesting_member(request), **values)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _first(member: User, filters: StartupFilters, limit: int) -> tuple[FeedPage, Feed]:
    if recommendation_settings(user=member).is_personalised:
        feed = recommendations_for_user(user=member, limit=limit, filters=filters)
    else:
        feed = trending_page(user=member, filters=filters, shown=())
        feed = replace(feed, items=feed.items[:limit])
    return feed_page_keep(user=member, surface=Surface.FOR_YOU, feed=feed), feed


def _next(member: User, cursor: UUID, limit: int) -> tuple[FeedPage, Feed]:
    """The page after the one that the cursor names; the same again, however often it is asked for.

    Raises:
        ListGoneError: If the list is not kept any more.
    """
    last = FeedPage.objects.filter(pk=cursor, user=member).first()
    if last is None:
        raise ListGoneError("this list is not kept any more; leave out the cursor to begin anew")
    pages = FeedPage.objects.filter(user=member, list_id=last.list_id)
    kept = pages.filter(number=last.number + 1).first()
    if kept is not None:
        return kept, _as_kept(kept)
    if not last.next_cursor:
        raise ListGoneError("this list does not go on; leave out the cursor to begin anew")
    shown = [UUID(item["startup"]) for page in pages.filter(number__lte=last.number) for item in page.items]
    feed = recommendations_next(user=member, cursor=last.next_cursor, limit=limit, exclude=shown)
    try:
        with transaction.atomic():
            page = feed_page_keep(user=member, surface=Surface.FOR_YOU, feed=feed, after=last, shown=len(shown))
    except IntegrityError:  # the same request, at the same moment
        page = pages.get(number=last.number + 1)
        feed = _as_kept(page)
    return page, feed


def _as_kept(page: FeedPage) -> Feed:
    """The page as it was put before the member; its scores were not kept."""
    reasons = {UUID(item["startup"]): item["reasons"] for item in page.items}
    return Feed(
        request_id=page.request_id,
        engine=page.engine,
        model_version=page.model_version or None,
        rung=Rung(page.rung) if page.rung else None,
        segment=Segment(page.segment) if page.segment else None,
        degraded=bool(page.degraded_reason),
        degraded_reason=page.degraded_reason or None,
        items=tuple(
            FeedItem(
                startup=startup,
                rank=0,
                score=None,
                reasons=tuple(Reason.model_validate(reason) for reason in reasons[startup.pk]),
            )
            for startup in startup_list_by_ids(ids=reasons)
        ),
        next_cursor=page.next_cursor or None,
        has_more=page.has_more,
    )


def _as_put(page: FeedPage, feed: Feed) -> dict[str, Any]:
    """The answer; its ranks are the positions that impressions and acts refer to."""
    positions = {UUID(item["startup"]): item["position"] for item in page.items}
    return {
        "page_id": page.pk,
        "next": str(page.pk) if feed.next_cursor else None,
        "request_id": feed.request_id,
        "segment": feed.segment,
        "rung": feed.rung,
        "engine": feed.engine,
        "model_version": feed.model_version,
        "degraded": feed.degraded,
        "degraded_reason": feed.degraded_reason,
        "items": [replace(item, rank=positions[item.startup.pk]) for item in feed.items],
    }
