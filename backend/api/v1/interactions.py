"""What I did: record an act, undo it, list my acts."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from api.fields import StrictSerializer, choice_field
from api.members import requesting_member
from api.pagination import Keyset
from api.queries import bounded_limit, validated_query
from api.v1.schema import PROBLEMS, problem
from applications.services import act_undo, application_by_act
from contracts.interactions import InteractionType
from interactions.errors import StartupUnavailableError
from interactions.models import InteractionEvent
from interactions.selectors import interaction_list
from interactions.services import MAX_KEY_LENGTH, MAX_POSITION, interaction_record
from startups.models import Startup

LATEST_FIRST = Keyset(time="occurred_at", newest_key_first=True, parse_key=int)
TYPES = [kind.value for kind in InteractionType]


class NewInteraction(StrictSerializer):
    """An act to record."""

    startup_id = serializers.UUIDField()
    type = choice_field(TYPES)
    idempotency_key = serializers.CharField(
        max_length=MAX_KEY_LENGTH,
        trim_whitespace=False,
        help_text="Names this act among yours: sending it again records nothing new.",
    )
    recommendation_request_id = serializers.UUIDField(required=False, allow_null=True)
    recommendation_position = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MAX_POSITION
    )


class InteractionSerializer(serializers.Serializer[Any]):
    """An act of mine."""

    id = serializers.IntegerField()
    startup_id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=TYPES)
    occurred_at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True, help_text="When it was withdrawn; null while it counts.")
    idempotency_key = serializers.CharField()
    recommendation_request_id = serializers.UUIDField(allow_null=True)
    recommendation_position = serializers.IntegerField(allow_null=True)


class InteractionQuery(StrictSerializer):
    """Which acts, and which page of them."""

    type = choice_field(TYPES, required=False)
    startup_id = serializers.UUIDField(required=False)
    limit = bounded_limit()
    cursor = serializers.CharField(max_length=200, required=False, help_text="`next` of the page before.")


class InteractionPageSerializer(serializers.Serializer[Any]):
    """One page of acts."""

    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null on the last.")
    results = InteractionSerializer(many=True)


class InteractionListView(APIView):
    """My acts."""

    @extend_schema(
        operation_id="interactions_list",
        parameters=[InteractionQuery],
        responses={200: InteractionPageSerializer, **PROBLEMS},
    )
    def get(self, request: Request) -> Response:
        """List my acts, latest first, withdrawn ones included."""
        query = validated_query(request, InteractionQuery)
        limit, cursor = query.pop("limit"), query.pop("cursor", None)
        acts = interaction_list(user=requesting_member(request)).filter(**query)
        found, following = LATEST_FIRST.page(acts, limit=limit, cursor=cursor)
        return Response(InteractionPageSerializer({"next": following, "results": found}).data)

    @extend_schema(
        operation_id="interactions_record",
        request=NewInteraction,
        responses={
            201: InteractionSerializer,
            **PROBLEMS,
            (409, "application/problem+json"): problem("The idempotency key already stands for another act."),
        },
    )
    def post(self, request: Request) -> Response:
        """Record an act; the same key again answers the same act. `apply` applies without a letter."""
        body = NewInteraction(data=request.data)
        body.is_valid(raise_exception=True)
        values: dict[str, Any] = body.validated_data
        startup_id = values.pop("startup_id")
        startup = Startup.objects.filter(pk=startup_id).first()
        if startup is None:
            raise StartupUnavailableError(startup_id)
        recorded = _record(requesting_member(request), startup, values)
        return Response(_answer(request, recorded.pk), status=status.HTTP_201_CREATED)


class InteractionView(APIView):
    """One act of mine."""

    @extend_schema(operation_id="interactions_read", responses={200: InteractionSerializer, **PROBLEMS})
    def get(self, request: Request, event_id: int) -> Response:
        """Read an act."""
        return Response(_answer(request, event_id))


class InteractionUndoView(APIView):
    """Withdraw an act."""

    @extend_schema(operation_id="interactions_undo", request=None, responses={200: InteractionSerializer, **PROBLEMS})
    def post(self, request: Request, event_id: int) -> Response:
        """Withdraw an act, and an application with it, so that it no longer counts; again is harmless."""
        act_undo(member=requesting_member(request), event_id=event_id)
        return Response(_answer(request, event_id))


def _record(member: User, startup: Startup, values: dict[str, Any]) -> InteractionEvent:
    """One truth: whoever applies has an application."""
    if values["type"] == InteractionType.APPLY:
        del values["type"]
        return application_by_act(member=member, startup=startup, **values)
    return interaction_record(user=member, startup=startup, **values)


def _answer(request: Request, event_id: int) -> dict[str, Any]:
    act = interaction_list(user=requesting_member(request)).filter(pk=event_id).first()
    if act is None:
        raise Http404(f"You have no act {event_id}.")
    answer: dict[str, Any] = InteractionSerializer(act).data
    return answer
