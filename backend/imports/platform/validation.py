"""The platform's own rules, applied to rows before they are written."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import Field, ForeignKey, Model

from imports.errors import RowRefusedError


def require_valid(*records: Model) -> None:
    """Check each record's values as the platform's forms do; keys to other records are the caller's matter.

    Raises:
        RowRefusedError: For the first value that breaks a rule.
    """
    for record in records:
        try:
            record.clean_fields(exclude=_relations(record))
        except ValidationError as error:
            raise _refusal(record, error) from None


def _relations(record: Model) -> set[str]:
    return {field.name for field in record._meta.concrete_fields if isinstance(field, ForeignKey)}


def _refusal(record: Model, error: ValidationError) -> RowRefusedError:
    name, problems = next(iter(error.error_dict.items()))
    return RowRefusedError(_rule(record, name, problems[0]), _shortened(repr(getattr(record, name))))


def _rule(record: Model, name: str, problem: ValidationError) -> str:
    """The broken rule, mostly without the row's own value, so that equal reasons are counted together."""
    field = record._meta.get_field(name)
    if problem.code == "invalid_choice" and isinstance(field, Field):
        return f"{name} is none of {', '.join(value for value, _ in field.flatchoices)}"
    if problem.code == "max_length" and problem.params:
        return f"{name} has more than {problem.params['limit_value']} characters"
    return f"{name}: {problem.messages[0]}"


def _shortened(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
