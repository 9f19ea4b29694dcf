"""Reads query strings."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from api.fields import StrictSerializer
from contracts.api import DEFAULT_LIMIT, MAX_LIMIT, MIN_LIMIT


def bounded_limit() -> serializers.IntegerField:
    """How many items are wanted, in the range of the contract."""
    message = f"Expected a whole number from {MIN_LIMIT} to {MAX_LIMIT}."
    return serializers.IntegerField(
        default=DEFAULT_LIMIT,
        min_value=MIN_LIMIT,
        max_value=MAX_LIMIT,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value", "max_string_length"), message),
    )


def page_cursor() -> serializers.CharField:
    """Where a page begins."""
    return serializers.CharField(max_length=200, required=False, help_text="`next` of the page before.")


class PageQuery(StrictSerializer):
    """Which page."""

    limit = bounded_limit()
    cursor = page_cursor()


def validated_body(request: Request, serializer_class: type[serializers.Serializer[Any]], **options: Any) -> Any:
    """The body's values, checked by `serializer_class`; `partial=True` leaves out what is not given.

    Raises:
        ValidationError: If a value is refused, or a name is unknown.
    """
    body = serializer_class(data=request.data, **options)
    body.is_valid(raise_exception=True)
    return body.validated_data


def validated_query(request: Request, serializer_class: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The query string's values, checked by `serializer_class`.

    Raises:
        ValidationError: If a value is refused, a name is unknown, or a name stands twice.
    """
    repeated = [name for name, values in request.query_params.lists() if len(values) > 1]
    if repeated:
        raise serializers.ValidationError([f"{name[:80]!r} is given more than once." for name in repeated])
    query = serializer_class(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    values: dict[str, Any] = query.validated_data
    return values
