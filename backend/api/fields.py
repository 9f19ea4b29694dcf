"""Serializer pieces whose messages name the value and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers


class StrictSerializer(serializers.Serializer[Any]):
    """A serializer that refuses unknown names instead of ignoring them."""

    def to_internal_value(self, data: Any) -> Any:
        """Check the names, then the values."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            allowed = ", ".join(self.fields) or "none"
            problems = [f"{name[:80]!r} is unknown; allowed: {allowed}." for name in unknown]
            raise serializers.ValidationError({"non_field_errors": problems})
        return super().to_internal_value(data)


def choice_field(values: Iterable[str], **options: Any) -> serializers.ChoiceField:
    """A choice whose refusal lists the choices."""
    choices = list(values)
    message = f"{{input!r}} is not one of: {', '.join(choices)}."
    return serializers.ChoiceField(choices=choices, error_messages={"invalid_choice": message}, **options)
