"""Who I am to the platform: read, change, take along, leave."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth import logout
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle
from rest_framework.views import APIView

from accounts.departure import user_delete
from accounts.models import Role
from accounts.parts import OwnedStartups, member_export
from accounts.passwords import password_change
from accounts.services import user_update
from api.fields import StrictSerializer, TermsField, choice_field, text_field
from api.members import requesting_member
from api.queries import validated_body
from api.v1.schema import PROBLEMS
from api.v1.startup_serializers import LocationSerializer
from recommendations.publication import member_publish

MAX_PASSWORD_LENGTH = 4096


class MeSerializer(serializers.Serializer[Any]):
    """What I say of myself."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.values)
    bio = serializers.CharField(source="profile.bio")
    skills = serializers.ListField(source="profile.skills", child=serializers.CharField())
    location = LocationSerializer(source="profile")
    is_public = serializers.BooleanField(source="profile.is_public", help_text="Founders may see me recommended.")
    date_joined = serializers.DateTimeField()


class MeFields(StrictSerializer):
    """What I may change of it."""

    name = text_field(150)
    role = choice_field(Role.values, required=False)
    bio = text_field(5000)
    skills = TermsField()
    country = text_field(80)
    state = text_field(80)
    region = text_field(120)
    city = text_field(120)
    is_public = serializers.BooleanField(required=False)


class Departure(StrictSerializer):
    """Leaving."""

    password = serializers.CharField(max_length=MAX_PASSWORD_LENGTH, trim_whitespace=False)
    startups = choice_field(
        [choice.value for choice in OwnedStartups],
        default=OwnedStartups.CLOSE.value,
        help_text="`close` my startups, or `remove` them with all that anybody did to them.",
    )


class PasswordChange(StrictSerializer):
    """Another password."""

    old = serializers.CharField(max_length=MAX_PASSWORD_LENGTH, trim_whitespace=False)
    new = serializers.CharField(max_length=MAX_PASSWORD_LENGTH, trim_whitespace=False)


class MeView(APIView):
    """Me."""

    throttle_scope = "account"

    def get_throttles(self) -> list[BaseThrottle]:
        """Leaving takes the password, which whoever found a token could otherwise guess without end."""
        return [ScopedRateThrottle()] if self.request.method == "DELETE" else super().get_throttles()

    @extend_schema(operation_id="me_read", responses={200: MeSerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """Read what I say of myself."""
        return Response(MeSerializer(requesting_member(request)).data)

    @extend_schema(operation_id="me_change", request=MeFields(partial=True), responses={200: MeSerializer, **PROBLEMS})
    def patch(self, request: Request) -> Response:
        """Change what I say of myself; what is left out stays, and recommendations follow."""
        member = requesting_member(request)
        values = validated_body(request, MeFields, partial=True)
        name, role = values.pop("name", None), values.pop("role", None)
        user_update(user=member, name=name, role=role, profile=values)
        member_publish(user_id=member.pk)
        return Response(MeSerializer(member).data)

    @extend_schema(operation_id="me_delete", request=Departure, responses={204: None, **PROBLEMS})
    def delete(self, request: Request) -> Response:
        """Delete my account with all that is mine."""
        member = requesting_member(request)
        values = validated_body(request, Departure)
        user_delete(user=member, password=values["password"], startups=OwnedStartups(values["startups"]))
        logout(request._request)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MyPasswordView(APIView):
    """My password."""

    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "account"

    @extend_schema(operation_id="me_password", request=PasswordChange, responses={204: None, **PROBLEMS})
    def post(self, request: Request) -> Response:
        """Change my password, which ends all my sessions and tokens."""
        values = validated_body(request, PasswordChange)
        reset = request.build_absolute_uri(reverse("web:password_reset"))
        password_change(user=requesting_member(request), reset_address=reset, **values)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MyExportView(APIView):
    """Everything that is held of me."""

    @extend_schema(operation_id="me_export", responses={200: OpenApiTypes.OBJECT, **PROBLEMS})
    def get(self, request: Request) -> Response:
        """Take along everything that the platform holds of me."""
        return Response(json.loads(json.dumps(member_export(requesting_member(request)), cls=DjangoJSONEncoder)))
