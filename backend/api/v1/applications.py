"""Applications: mine to submit and withdraw, those to my startups to decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.fields import StrictSerializer, choice_field, text_field
from api.members import requesting_member
from api.pagination import Keyset
from api.queries import PageQuery, validated_body, validated_query
from api.v1.member_serializers import MemberSerializer
from api.v1.own_startups import own_startup
from api.v1.schema import CONFLICT, PROBLEMS
from api.v1.startups import visible_startup
from applications.models import MAX_LETTER_LENGTH, Application
from applications.selectors import (
    application_list_for_owner,
    application_list_of_member,
    application_list_of_startup,
)
from applications.services import application_change_status, application_submit, application_withdraw
from applications.states import ApplicationStatus
from interactions.services import MAX_POSITION
from startups.models import Position

LATEST_FIRST = Keyset(time="submitted_at", newest_key_first=False, parse_key=UUID)
LARGEST_KEY = 2**63 - 1


class ApplicationPositionSerializer(serializers.Serializer[Any]):
    """The position applied for."""

    id = serializers.IntegerField()
    title = serializers.CharField()


class ApplicationSerializer(serializers.Serializer[Any]):
    """An application."""

    id = serializers.UUIDField()
    startup_id = serializers.UUIDField()
    startup_title = serializers.CharField(source="startup.title")
    position = ApplicationPositionSerializer(allow_null=True)
    letter = serializers.CharField()
    status = serializers.ChoiceField(choices=ApplicationStatus.values)
    submitted_at = serializers.DateTimeField()


class ReceivedApplicationSerializer(ApplicationSerializer):
    """An application to a startup of mine, with what its applicant says of themselves."""

    member = MemberSerializer()
    next_statuses = serializers.ListField(
        source="owner_moves", child=serializers.CharField(), help_text="What its status may become."
    )


class ApplicationPageSerializer(serializers.Serializer[Any]):
    """One page of my applications."""

    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null on the last.")
    results = ApplicationSerializer(many=True)


class ReceivedApplicationPageSerializer(serializers.Serializer[Any]):
    """One page of applications to a startup of mine."""

    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null on the last.")
    results = ReceivedApplicationSerializer(many=True)


class NewApplication(StrictSerializer):
    """An application to submit."""

    startup_id = serializers.UUIDField()
    letter = text_field(MAX_LETTER_LENGTH)
    position_id = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST_KEY)
    recommendation_request_id = serializers.UUIDField(required=False, allow_null=True)
    recommendation_position = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MAX_POSITION
    )


class ApplicationStatusBody(StrictSerializer):
    """The owner's decision."""

    status = choice_field(ApplicationStatus.values)


class ReceivedApplicationQuery(PageQuery):
    """Which applications, and which page of them."""

    status = choice_field(ApplicationStatus.values, required=False)


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


class ReceivedApplicationListView(APIView):
    """Applications to a startup of mine."""

    @extend_schema(
        operation_id="me_startups_applications",
        parameters=[ReceivedApplicationQuery, OpenApiParameter("startup_id", UUID, OpenApiParameter.PATH)],
        responses={200: ReceivedApplicationPageSerializer, **PROBLEMS},
    )
    def get(self, request: Request, startup_id: UUID) -> Response:
        """List who applied, latest first."""
        query = validated_query(request, ReceivedApplicationQuery)
        theirs = application_list_of_startup(startup=own_startup(request, startup_id), status=query.get("status"))
        found, following = LATEST_FIRST.page(theirs, limit=query["limit"], cursor=query.get("cursor"))
        return Response(ReceivedApplicationPageSerializer({"next": following, "results": found}).data)


class ReceivedApplicationView(APIView):
    """One application to a startup of mine."""

    @extend_schema(operation_id="received_application", responses={200: ReceivedApplicationSerializer, **PROBLEMS})
    def get(self, request: Request, application_id: UUID) -> Response:
        """Read an application to a startup of mine; its status stays."""
        return Response(ReceivedApplicationSerializer(_received(request, application_id)).data)

    @extend_schema(
        operation_id="received_application_decide",
        request=ApplicationStatusBody,
        responses={200: ReceivedApplicationSerializer, **PROBLEMS, **CONFLICT},
    )
    def post(self, request: Request, application_id: UUID) -> Response:
        """Change its status, which its applicant sees; the same again is harmless."""
        application = _received(request, application_id)
        decided = validated_body(request, ApplicationStatusBody)["status"]
        application_change_status(application=application, status=decided, by=requesting_member(request))
        return Response(ReceivedApplicationSerializer(_received(request, application_id)).data)


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


def _received(request: Request, application_id: UUID) -> Application:
    theirs = application_list_for_owner(owner=requesting_member(request))
    application = theirs.filter(pk=application_id).first()
    if application is None:
        raise Http404(f"Your startups have no application {application_id}.")
    return application
