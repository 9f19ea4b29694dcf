"""Startups: list, read, and what is like them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.members import requesting_member
from api.pagination import Keyset
from api.queries import bounded_limit, page_cursor, validated_query
from api.v1.feed_serializers import FeedSerializer
from api.v1.recommendations import LimitQuery
from api.v1.schema import PROBLEMS
from api.v1.startup_filters import StartupFilterQuery, filters_of
from api.v1.startup_serializers import StartupSerializer
from contracts.api import StartupFilters
from interactions.errors import StartupUnavailableError
from recommendations.services import startups_similar_to
from startups.models import Startup
from startups.search import startup_search
from startups.selectors import startup_get_visible, startup_list, startup_list_by_ids

NEWEST_FIRST = Keyset(time="opened_at", newest_key_first=False, parse_key=UUID)


class StartupQuery(StartupFilterQuery):
    """Which startups, and which page of them."""

    search = serializers.CharField(
        max_length=200,
        required=False,
        help_text="Words that must occur; the best matches come first, on one page, and `cursor` does not apply.",
    )
    limit = bounded_limit()
    cursor = page_cursor()


class StartupPageSerializer(serializers.Serializer[Any]):
    """One page of startups."""

    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null on the last.")
    results = StartupSerializer(many=True)


class StartupListView(APIView):
    """The startups that members may see."""

    @extend_schema(
        operation_id="startups_list", parameters=[StartupQuery], responses={200: StartupPageSerializer, **PROBLEMS}
    )
    def get(self, request: Request) -> Response:
        """List startups, newest first; every filter given must match exactly. With `search`, the best matches first."""
        query = validated_query(request, StartupQuery)
        limit, cursor, words = query.pop("limit"), query.pop("cursor", None), query.pop("search", None)
        if words is not None:
            found, following = _matching(words, filters_of(query), limit=limit, cursor=cursor), None
        else:
            startups = startup_list(filters=filters_of(query))
            found, following = NEWEST_FIRST.page(startups, limit=limit, cursor=cursor)
        return Response(StartupPageSerializer({"next": following, "results": found}).data)


class StartupView(APIView):
    """One startup."""

    @extend_schema(operation_id="startups_read", responses={200: StartupSerializer, **PROBLEMS})
    def get(self, _request: Request, startup_id: UUID) -> Response:
        """Read a startup."""
        return Response(StartupSerializer(visible_startup(startup_id)).data)


class SimilarStartupsView(APIView):
    """What is like a startup."""

    @extend_schema(
        operation_id="startups_similar",
        parameters=[LimitQuery, OpenApiParameter("startup_id", UUID, OpenApiParameter.PATH)],
        responses={200: FeedSerializer, **PROBLEMS},
    )
    def get(self, request: Request, startup_id: UUID) -> Response:
        """List startups like one startup, most alike first."""
        limit = validated_query(request, LimitQuery)["limit"]
        feed = startups_similar_to(startup=visible_startup(startup_id), user=requesting_member(request), limit=limit)
        return Response(FeedSerializer(feed).data)


def _matching(words: str, filters: StartupFilters, *, limit: int, cursor: str | None) -> list[Startup]:
    if cursor is not None:
        raise ValidationError({"cursor": "A search is one page; raise `limit` or narrow it by filters."})
    matches = startup_search(text=words, filters=filters)[:limit]
    return startup_list_by_ids(ids=[match.startup_id for match in matches])


def visible_startup(startup_id: UUID) -> Startup:
    """The startup, if members may see it.

    Raises:
        StartupUnavailableError: If there is none, or it is not active.
    """
    startup = startup_get_visible(startup_id=startup_id)
    if startup is None:
        raise StartupUnavailableError(startup_id)
    return startup
