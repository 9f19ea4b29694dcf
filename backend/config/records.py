"""Checks a record before it is written."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, TextField


def validate_record(record: Model) -> None:
    """Django's own checks, and those it leaves to forms: the length of long texts, characters no database stores.

    Raises:
        ValidationError: With one entry per refused field.
    """
    problems = {field.name: _problem(field, getattr(record, field.attname)) for field in record._meta.concrete_fields}
    refused = {name: problem for name, problem in problems.items() if problem}
    if refused:  # first, for a text that no database stores cannot be looked for in one either
        raise ValidationError(refused)
    record.full_clean()


def _problem(field: Field[Any, Any], value: object) -> str | None:
    texts = [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
    if any("\x00" in text or not _encodes(text) for text in texts):
        return "A text holds a null character or half of a surrogate pair, which cannot be stored; remove it."
    limit = field.max_length if isinstance(field, TextField) else None
    if limit and len(texts[0]) > limit:
        return f"At most {limit} characters, got {len(texts[0])}."
    return None


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
