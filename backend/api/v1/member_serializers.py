"""How a member reads to others: never with the e-mail address."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Role
from api.v1.startup_serializers import LocationSerializer


class MemberSerializer(serializers.Serializer[Any]):
    """A member as founders see them."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.values)
    bio = serializers.CharField(source="profile.bio")
    skills = serializers.ListField(source="profile.skills", child=serializers.CharField())
    location = LocationSerializer(source="profile")
    date_joined = serializers.DateTimeField()
