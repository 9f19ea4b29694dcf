"""Serializer pieces whose messages name the value and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from config.fields import MAX_TERM_LENGTH, MAX_TERMS
from startups.terms import as_term, as_terms


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


class TermsField(serializers.ListField):
    """A list of terms; words become the terms of the vocabulary, and each stands once."""

    child = serializers.CharField(max_length=MAX_TERM_LENGTH)

    def __init__(self, *, most: int = MAX_TERMS, **options: Any) -> None:
        super().__init__(**{"required": False, "max_length": most, **options})

    def to_internal_value(self, data: Any) -> list[str]:
        """The distinct terms."""
        return as_terms(super().to_internal_value(data))


class TermField(serializers.CharField):
    """One term, or none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_blank": True, "max_length": MAX_TERM_LENGTH, **options})

    def to_internal_value(self, data: Any) -> str:
        """The words as a term."""
        return as_term(super().to_internal_value(data))


def text_field(most: int, **options: Any) -> serializers.CharField:
    """A text that may be empty or left out."""
    return serializers.CharField(**{"required": False, "allow_blank": True, "max_length": most, **options})


def choice_field(values: Iterable[str], **options: Any) -> serializers.ChoiceField:
    """A choice whose refusal lists the choices."""
    choices = list(values)
    message = f"{{input!r}} is not one of: {', '.join(choices)}."
    return serializers.ChoiceField(choices=choices, error_messages={"invalid_choice": message}, **options)
