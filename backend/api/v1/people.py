"""People for a startup of mine, and a member's public profile."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Role
from api.fields import StrictSerializer, choice_field
from api.members import requesting_member
from api.queries import bounded_limit, validated_query
from api.v1.feed_serializers import ReasonSerializer
from api.v1.member_serializers import MemberSerializer
from api.v1.own_startups import own_startup
from api.v1.schema import PROBLEMS
from applications.selectors import application_member_ids, invitation_member_ids
from applications.visibility import member_seen_by
from contracts.api import Rung
from recommendations.people import people_for_startup
from startups.models import StartupStatus


class PeopleQuery(StrictSerializer):
    """Which people, and how many."""

    role = choice_field(Role.values, required=False)
    limit = bounded_limit()


class PersonSerializer(serializers.Serializer[Any]):
    """One place of the list."""

    rank = serializers.IntegerField()
    score = serializers.FloatField(allow_null=True)
    reasons = ReasonSerializer(many=True)
    member = MemberSerializer(source="user")


class PeopleSerializer(serializers.Serializer[Any]):
    """People who fit a startup, and what made the list."""

    request_id = serializers.UUIDField()
    rung = serializers.ChoiceField(choices=[rung.value for rung in Rung])
    engine = serializers.CharField()
    model_version = serializers.CharField(allow_null=True)
    degraded = serializers.BooleanField(help_text="A better answer was due but failed.")
    degraded_reason = serializers.CharField(allow_null=True)
    results = PersonSerializer(many=True, source="items")


class StartupPeopleView(APIView):
    """People for a startup of mine."""

    @extend_schema(
        operation_id="me_startups_people",
        parameters=[PeopleQuery, OpenApiParameter("startup_id", UUID, OpenApiParameter.PATH)],
        responses={200: PeopleSerializer, **PROBLEMS},
    )
    def get(self, request: Request, startup_id: UUID) -> Response:
        """List members who fit it and let themselves be found, best first, without those invited or applying."""
        query = validated_query(request, PeopleQuery)
        startup = own_startup(request, startup_id)
        if startup.status != StartupStatus.ACTIVE:
            raise Http404(f"Your startup {startup_id} is {startup.status}; people are found for open ones.")
        people = people_for_startup(
            startup=startup,
            owner=requesting_member(request),
            limit=query["limit"],
            role=Role(query["role"]) if "role" in query else None,
            without=invitation_member_ids(startup=startup) | application_member_ids(startup=startup),
        )
        return Response(PeopleSerializer(people).data)


class MemberView(APIView):
    """A member."""

    @extend_schema(operation_id="members_read", responses={200: MemberSerializer, **PROBLEMS})
    def get(self, request: Request, member_id: UUID) -> Response:
        """Read what a member says of themselves: for founders, of those who let themselves be found or applied."""
        member = member_seen_by(viewer=requesting_member(request), member_id=member_id)
        if member is None:
            raise Http404(f"There is no member {member_id} that you may see.")
        return Response(MemberSerializer(member).data)
