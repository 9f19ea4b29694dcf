"""How a startup reads in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from startups.models import Phase, StartupType


class PositionSerializer(serializers.Serializer[Any]):
    """An open position."""

    title = serializers.CharField()
    requirements = serializers.CharField()


class LocationSerializer(serializers.Serializer[Any]):
    """A place from large to small; unknown parts are empty."""

    country = serializers.CharField()
    state = serializers.CharField()
    region = serializers.CharField()
    city = serializers.CharField()


class StartupSerializer(serializers.Serializer[Any]):
    """A startup as members see it."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    description = serializers.CharField()
    type = serializers.ChoiceField(choices=StartupType.values)
    category = serializers.CharField()
    field = serializers.CharField()
    phase = serializers.ChoiceField(choices=Phase.values, allow_blank=True)
    stages = serializers.ListField(child=serializers.CharField())
    tags = serializers.ListField(child=serializers.CharField())
    location = LocationSerializer(source="*")
    positions = PositionSerializer(source="positions.all", many=True)
    founded_on = serializers.DateField(allow_null=True)
    opened_at = serializers.DateTimeField()
