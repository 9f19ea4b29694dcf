"""What I look for, and whether my lists are my own."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.services import preferences_update
from api.fields import StrictSerializer, TermsField
from api.members import requesting_member
from api.queries import validated_body
from api.v1.schema import PROBLEMS
from recommendations.personalisation import personalisation_change
from recommendations.publication import member_publish
from recommendations.selectors import recommendation_settings

NAMES = ("categories", "fields", "tags", "stages", "skills")


class PreferencesFields(StrictSerializer):
    """What I look for; each a list of terms.

    Its fields are made by name: one of them is called `fields`, which a serializer's own attribute is called too.
    """

    def get_fields(self) -> dict[str, Any]:
        """A list of terms under each name."""
        return {name: TermsField() for name in NAMES}


class RecommendationSettingsSerializer(StrictSerializer):
    """How my lists are made."""

    is_personalised = serializers.BooleanField(
        help_text="Off: the same lists as everybody, and what I do teaches nothing."
    )


class MyRecommendationSettingsView(APIView):
    """How my lists are made."""

    @extend_schema(
        operation_id="me_recommendation_settings", responses={200: RecommendationSettingsSerializer, **PROBLEMS}
    )
    def get(self, request: Request) -> Response:
        """Read whether my lists are my own."""
        settings = recommendation_settings(user=requesting_member(request))
        return Response(RecommendationSettingsSerializer(settings).data)

    @extend_schema(
        operation_id="me_recommendation_settings_change",
        request=RecommendationSettingsSerializer,
        responses={200: RecommendationSettingsSerializer, **PROBLEMS},
    )
    def put(self, request: Request) -> Response:
        """Decide whether my lists are my own."""
        values = validated_body(request, RecommendationSettingsSerializer)
        settings = personalisation_change(user=requesting_member(request), **values)
        return Response(RecommendationSettingsSerializer(settings).data)


class MyPreferencesView(APIView):
    """What I look for."""

    @extend_schema(operation_id="me_preferences", responses={200: PreferencesFields, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """Read what I look for."""
        return Response(_read(request))

    @extend_schema(
        operation_id="me_preferences_change",
        request=PreferencesFields(partial=True),
        responses={200: PreferencesFields, **PROBLEMS},
    )
    def patch(self, request: Request) -> Response:
        """Change what I look for; what is left out stays, and recommendations follow."""
        member = requesting_member(request)
        preferences_update(user=member, changes=validated_body(request, PreferencesFields, partial=True))
        member_publish(user_id=member.pk)
        return Response(_read(request))


def _read(request: Request) -> dict[str, list[str]]:
    preferences = requesting_member(request).preferences
    return {name: getattr(preferences, name) for name in NAMES}
