"""My applications: submit, read, withdraw."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.members import requesting_member
from api.pagination import Keyset
from api.queries import PageQuery, validated_body, validated_query
from api.v1.application_serializers import ApplicationPageSerializer, ApplicationSerializer, NewApplication
from api.v1.schema import CONFLICT, PROBLEMS
from api.v1.startups import visible_startup
from applications.models import Application
from applications.selectors import application_list_of_member
from applications.services import application_submit, application_withdraw
from startups.models import Position

LATEST_FIRST = Keyset(time="submitted_at", newest_key_first=False, parse_key=UUID)


class ApplicationListView(APIView):
    """My applications."""

    @extend_schema(
        operation_id="applications_list", parameters=[PageQuery], responses={200: ApplicationPageSerializer, **PROBLEMS}
    )
    def get(self, request: Request) -> Response:
        """List my applications, latest first, withdrawn ones included."""
        query = validated_query(request, PageQuery)
        mine = application_list_of_member(member=requesting_member(request))
        found, following = LATEST_FIRST.page(mine, limit=query["limit"], cursor=query.get("cursor"))
        return Response(ApplicationPageSerializer({"next": following, "results": found}).data)

    @extend_schema(
        operation_id="applications_submit",
        request=NewApplication,
        responses={201: ApplicationSerializer, **PROBLEMS, **CONFLICT},
    )
    def post(self, request: Request) -> Response:
        """Apply to a startup; the same again is the same application, and after a withdrawal it is reopened."""
        values = validated_body(request, NewApplication)
        startup = visible_startup(values.pop("startup_id"))
        position = _position(values.pop("position_id", None))
        application = application_submit(
            member=requesting_member(request), startup=startup, position=position, **values
        )
        return Response(ApplicationSerializer(application).data, status=status.HTTP_201_CREATED)


class ApplicationView(APIView):
    """One application of mine."""

    @extend_schema(operation_id="applications_read", responses={200: ApplicationSerializer, **PROBLEMS})
    def get(self, request: Request, application_id: UUID) -> Response:
        """Read an application of mine."""
        return Response(ApplicationSerializer(_own(request, application_id)).data)


class ApplicationWithdrawView(APIView):
    """Withdraw an application of mine."""

    @extend_schema(
        operation_id="applications_withdraw",
        request=None,
        responses={200: ApplicationSerializer, **PROBLEMS, **CONFLICT},
    )
    def post(self, request: Request, application_id: UUID) -> Response:
        """Withdraw it; again is harmless."""
        application = _own(request, application_id)
        application_withdraw(application=application, by=requesting_member(request))
        return Response(ApplicationSerializer(_own(request, application_id)).data)


def _position(position_id: int | None) -> Position | None:
    if position_id is None:
        return None
    position = Position.objects.filter(pk=position_id).first()
    if position is None:
        raise serializers.ValidationError({"position_id": f"There is no position {position_id}."})
    return position


def _own(request: Request, application_id: UUID) -> Application:
    mine = application_list_of_member(member=requesting_member(request))
    application = mine.filter(pk=application_id).first()
    if application is None:
        raise Http404(f"You have no application {application_id}.")
    return application
