"""Applications to my startups: read and decide."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.members import requesting_member
from api.queries import validated_body, validated_query
from api.v1.application_serializers import (
    ApplicationStatusBody,
    ReceivedApplicationPageSerializer,
    ReceivedApplicationQuery,
    ReceivedApplicationSerializer,
)
from api.v1.applications import LATEST_FIRST
from api.v1.own_startups import own_startup
from api.v1.schema import CONFLICT, PROBLEMS
from applications.models import Application
from applications.selectors import application_list_for_owner, application_list_of_startup
from applications.services import application_change_status


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


def _received(request: Request, application_id: UUID) -> Application:
    theirs = application_list_for_owner(owner=requesting_member(request))
    application = theirs.filter(pk=application_id).first()
    if application is None:
        raise Http404(f"Your startups have no application {application_id}.")
    return application
