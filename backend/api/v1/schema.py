"""What every operation's documentation shares."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457 problem details), the one shape of every 4xx and 5xx."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField(required=False)


def problem(description: str) -> OpenApiResponse:
    """The documentation of one kind of error."""
    return OpenApiResponse(ProblemSerializer, description)


_PROBLEM_MEDIA_TYPE = "application/problem+json"
_DESCRIPTIONS = {
    400: "The body is not JSON.",
    401: "No valid token or session.",
    404: "There is no such thing, or it is not yours.",
    422: "A value is refused; `detail` names it and what is allowed.",
    429: "Too many requests; wait `Retry-After` seconds.",
}
PROBLEMS: dict[Any, Any] = {(code, _PROBLEM_MEDIA_TYPE): problem(text) for code, text in _DESCRIPTIONS.items()}
CONFLICT: dict[Any, Any] = {(409, _PROBLEM_MEDIA_TYPE): problem("Its state does not allow it.")}
GONE: dict[Any, Any] = {(410, _PROBLEM_MEDIA_TYPE): problem("It is not kept any more; begin anew.")}
