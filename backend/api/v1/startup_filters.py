"""The filters that every list of startups takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from api.fields import StrictSerializer, choice_field
from contracts.api import StartupFilters
from startups.models import Phase, StartupType


class StartupFilterQuery(StrictSerializer):
    """What a list of startups is drawn from; what is left out does not restrict."""

    type = choice_field(StartupType.values, required=False)
    category = serializers.CharField(max_length=80, required=False)
    field = serializers.CharField(max_length=80, required=False)
    phase = choice_field(Phase.values, required=False)
    stage = serializers.CharField(max_length=80, required=False, help_text="One of the startup's funding stages.")
    tag = serializers.CharField(max_length=80, required=False, help_text="One of the startup's tags.")
    has_open_positions = serializers.BooleanField(required=False)
    created_after = serializers.DateTimeField(required=False, help_text="Open to members since later than this.")


def filters_of(query: Mapping[str, Any]) -> StartupFilters:
    """The filters of a validated query."""
    return StartupFilters(**query)
