"""My startups: create, change, show and hide, and their positions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from api.members import requesting_member
from api.pagination import Keyset
from api.queries import PageQuery, validated_body, validated_query
from api.v1.schema import CONFLICT, PROBLEMS
from api.v1.startup_serializers import (
    NewStartup,
    OwnPositionSerializer,
    OwnStartupPageSerializer,
    OwnStartupSerializer,
    PositionFields,
    StartupFields,
    StatusChange,
)
from recommendations.publication import startup_publish
from startups.models import Position, Startup
from startups.selectors import startup_get_own, startup_list_of_owner
from startups.services import (
    position_create,
    position_update,
    startup_change_status,
    startup_create,
    startup_update,
)

NEWEST_FIRST = Keyset(time="opened_at", newest_key_first=False, parse_key=UUID)


class OwnStartupListView(APIView):
    """My startups."""

    @extend_schema(
        operation_id="me_startups", parameters=[PageQuery], responses={200: OwnStartupPageSerializer, **PROBLEMS}
    )
    def get(self, request: Request) -> Response:
        """List my startups, whatever their status, newest first."""
        query = validated_query(request, PageQuery)
        mine = startup_list_of_owner(owner=requesting_member(request))
        found, following = NEWEST_FIRST.page(mine, limit=query["limit"], cursor=query.get("cursor"))
        return Response(OwnStartupPageSerializer({"next": following, "results": found}).data)

    @extend_schema(
        operation_id="me_startups_create",
        request=NewStartup,
        responses={201: OwnStartupSerializer, **PROBLEMS, **CONFLICT},
    )
    def post(self, request: Request) -> Response:
        """Create a startup, open to members at once; the same `id` again answers the same startup."""
        values = validated_body(request, NewStartup)
        startup = _created(requesting_member(request), values)
        startup_publish(startup_id=startup.pk)
        return Response(_read(request, startup.pk), status=status.HTTP_201_CREATED)


class OwnStartupView(APIView):
    """One startup of mine."""

    @extend_schema(operation_id="me_startups_read", responses={200: OwnStartupSerializer, **PROBLEMS})
    def get(self, request: Request, startup_id: UUID) -> Response:
        """Read a startup of mine, whatever its status."""
        return Response(_read(request, startup_id))

    @extend_schema(
        operation_id="me_startups_change",
        request=StartupFields(partial=True),
        responses={200: OwnStartupSerializer, **PROBLEMS},
    )
    def patch(self, request: Request, startup_id: UUID) -> Response:
        """Change what is said of it; what is left out stays."""
        startup = own_startup(request, startup_id)
        startup_update(startup=startup, **validated_body(request, StartupFields, partial=True))
        startup_publish(startup_id=startup_id)
        return Response(_read(request, startup_id))


class OwnStartupStatusView(APIView):
    """Whether members may see it."""

    @extend_schema(
        operation_id="me_startups_status", request=StatusChange, responses={200: OwnStartupSerializer, **PROBLEMS}
    )
    def post(self, request: Request, startup_id: UUID) -> Response:
        """Show, hide, sell or close it; each can be taken back."""
        startup = own_startup(request, startup_id)
        startup_change_status(startup=startup, status=validated_body(request, StatusChange)["status"])
        startup_publish(startup_id=startup_id)
        return Response(_read(request, startup_id))


class PositionListView(APIView):
    """The positions of a startup of mine."""

    @extend_schema(
        operation_id="positions_create", request=PositionFields, responses={201: OwnPositionSerializer, **PROBLEMS}
    )
    def post(self, request: Request, startup_id: UUID) -> Response:
        """Offer a position; one offered in the same words already is that one."""
        startup = own_startup(request, startup_id)
        position = position_create(startup=startup, **validated_body(request, PositionFields))
        startup_publish(startup_id=startup_id)
        return Response(OwnPositionSerializer(position).data, status=status.HTTP_201_CREATED)


class PositionView(APIView):
    """One position of a startup of mine."""

    @extend_schema(
        operation_id="positions_change",
        request=PositionFields(partial=True),
        responses={200: OwnPositionSerializer, **PROBLEMS},
    )
    def patch(self, request: Request, startup_id: UUID, position_id: int) -> Response:
        """Change, close or reopen it; what is left out stays."""
        position = own_position(request, startup_id, position_id)
        changed = position_update(position=position, **validated_body(request, PositionFields, partial=True))
        startup_publish(startup_id=startup_id)
        return Response(OwnPositionSerializer(changed).data)


def own_startup(request: Request, startup_id: UUID) -> Startup:
    """The startup, if it is theirs who ask.

    Raises:
        Http404: If there is none, or it is another's.
    """
    startup = startup_get_own(owner=requesting_member(request), startup_id=startup_id)
    if startup is None:
        raise Http404(f"You have no startup {startup_id}.")
    return startup


def own_position(request: Request, startup_id: UUID, position_id: int) -> Position:
    """The position, if its startup is theirs who ask.

    Raises:
        Http404: If there is none, or it is another's.
    """
    position = own_startup(request, startup_id).positions.filter(pk=position_id).first()
    if position is None:
        raise Http404(f"Your startup {startup_id} has no position {position_id}.")
    return position


def _created(owner: User, values: dict[str, Any]) -> Startup:
    key = values.pop("id", None)
    existing = startup_get_own(owner=owner, startup_id=key) if key else None
    if existing is not None:
        return existing
    try:
        return startup_create(owner=owner, startup_id=key, **values)
    except IntegrityError:  # the same request, at the same moment
        raced = startup_get_own(owner=owner, startup_id=key) if key else None
        if raced is None:
            raise
        return raced


def _read(request: Request, startup_id: UUID) -> dict[str, Any]:
    answer: dict[str, Any] = OwnStartupSerializer(own_startup(request, startup_id)).data
    return answer
