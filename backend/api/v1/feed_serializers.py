"""How a list of recommended startups reads in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.v1.startup_serializers import StartupSerializer
from contracts.api import Rung, Segment


class ReasonSerializer(serializers.Serializer[Any]):
    """Why an item is in the list."""

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


class PagedFeedSerializer(FeedSerializer):
    """One page of a list, which `next` continues and which impressions name."""

    page_id = serializers.UUIDField(help_text="Send it back with the startups that were really on the screen.")
    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null when there is none.")
