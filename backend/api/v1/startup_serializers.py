"""How a startup reads in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.fields import StrictSerializer, TermField, TermsField, choice_field, text_field
from startups.models import Phase, StartupStatus, StartupType
from startups.services import MAX_POSITIONS, MAX_STAGES, MAX_TAGS


class PositionSerializer(serializers.Serializer[Any]):
    """An open position."""

    id = serializers.IntegerField()
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


class OwnPositionSerializer(PositionSerializer):
    """A position as its founder sees it."""

    is_active = serializers.BooleanField(help_text="Closed positions are not shown to members.")


class OwnStartupSerializer(StartupSerializer):
    """A startup as its founder sees it: with its status and the closed positions."""

    status = serializers.ChoiceField(choices=StartupStatus.values)
    closed_at = serializers.DateTimeField(allow_null=True)
    positions = OwnPositionSerializer(source="positions.all", many=True)


class OwnStartupPageSerializer(serializers.Serializer[Any]):
    """One page of my startups."""

    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null on the last.")
    results = OwnStartupSerializer(many=True)


class StartupFields(StrictSerializer):
    """What may be said of a startup."""

    title = serializers.CharField(max_length=200)
    description = text_field(20000)
    type = choice_field(StartupType.values)
    category = TermField()
    field = TermField()
    phase = choice_field([*Phase.values], required=False, allow_blank=True)
    stages = TermsField(most=MAX_STAGES)
    tags = TermsField(most=MAX_TAGS)
    country = text_field(80)
    state = text_field(80)
    region = text_field(120)
    city = text_field(120)
    founded_on = serializers.DateField(required=False, allow_null=True)


class PositionFields(StrictSerializer):
    """What may be said of a position."""

    title = serializers.CharField(max_length=200)
    requirements = text_field(5000)
    is_active = serializers.BooleanField(required=False)


class NewStartup(StartupFields):
    """A startup to create."""

    id = serializers.UUIDField(
        required=False, help_text="Yours to choose: creating it again answers the same startup. Left out: a new one."
    )
    positions = serializers.ListField(child=PositionFields(), required=False, max_length=MAX_POSITIONS)


class StatusChange(StrictSerializer):
    """Show, hide, sell or close it."""

    status = choice_field(StartupStatus.values)
