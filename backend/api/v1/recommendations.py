"""My recommendations."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.fields import StrictSerializer
from api.members import requesting_member
from api.queries import bounded_limit, validated_query
from api.v1.schema import PROBLEMS
from api.v1.startup_serializers import StartupSerializer
from contracts.api import Rung, Segment
from recommendations.services import recommendations_for_user


class LimitQuery(StrictSerializer):
    """How many."""

    limit = bounded_limit()


class ReasonSerializer(serializers.Serializer[Any]):
    """Why a startup is in the list."""

    kind = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())
    text = serializers.CharField(help_text="A sentence for the member.")


class FeedItemSerializer(serializers.Serializer[Any]):
    """One place of the list."""

    rank = serializers.IntegerField(help_text="Send it back as `recommendation_position` with each act.")
    score = serializers.FloatField(allow_null=True)
    reasons = ReasonSerializer(many=True)
    startup = StartupSerializer()


class FeedSerializer(serializers.Serializer[Any]):
    """A list of recommended startups and what made it."""

    request_id = serializers.UUIDField(
        help_text="Send it back as `recommendation_request_id` with what the member does."
    )
    segment = serializers.ChoiceField(choices=[segment.value for segment in Segment], allow_null=True)
    rung = serializers.ChoiceField(choices=[rung.value for rung in Rung], allow_null=True)
    engine = serializers.CharField()
    model_version = serializers.CharField(allow_null=True)
    degraded = serializers.BooleanField(help_text="A better answer was due but failed.")
    degraded_reason = serializers.CharField(allow_null=True)
    results = FeedItemSerializer(many=True, source="items")


class MyRecommendationsView(APIView):
    """What the platform recommends to the person who asks."""

    @extend_schema(
        operation_id="me_recommendations", parameters=[LimitQuery], responses={200: FeedSerializer, **PROBLEMS}
    )
    def get(self, request: Request) -> Response:
        """List startups for me, best first; popular and new ones, `degraded`, while the service is down."""
        limit = validated_query(request, LimitQuery)["limit"]
        return Response(FeedSerializer(recommendations_for_user(user=requesting_member(request), limit=limit)).data)
