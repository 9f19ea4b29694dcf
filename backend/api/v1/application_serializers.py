"""How applications read in the API, and what is sent."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.fields import StrictSerializer, choice_field, text_field
from api.queries import PageQuery
from api.v1.member_serializers import MemberSerializer
from applications.models import MAX_LETTER_LENGTH
from applications.states import ApplicationStatus
from interactions.services import MAX_POSITION

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
