"""Model fields that several apps share."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from config.lookups import HasTerm

MAX_TERMS = 50
MAX_TERM_LENGTH = 80


def validate_terms(value: object) -> None:
    """Refuse what is not a list of distinct, non-empty, short strings."""
    if not isinstance(value, list) or any(not isinstance(term, str) for term in value):
        raise ValidationError("Expected a list of strings, got %(value)r.", params={"value": value})
    if len(value) > MAX_TERMS:
        raise ValidationError(f"At most {MAX_TERMS} terms, got {len(value)}.")
    for term in value:
        if not term.strip() or len(term) > MAX_TERM_LENGTH:
            raise ValidationError(f"A term has 1 to {MAX_TERM_LENGTH} characters, got %(term)r.", params={"term": term})
    if len(set(value)) != len(value):
        raise ValidationError("A term stands twice in %(value)r.", params={"value": value})


class TermsField(models.JSONField):
    """A short list of terms (tags, skills, stages), stored as one JSON array on every database.

    A list lives and dies with its row and is always read whole, so a table per kind would only add joins.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, validate_terms]


TermsField.register_lookup(HasTerm)


class LocationFields(models.Model):
    """A place from large to small; unknown parts are empty."""

    country = models.CharField(max_length=80, blank=True, default="")
    state = models.CharField(max_length=80, blank=True, default="")
    region = models.CharField(max_length=120, blank=True, default="")
    city = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        abstract = True
