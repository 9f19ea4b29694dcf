"""One shape for every error of the API: problem details (RFC 9457), from one table."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ServiceValidationError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.errors import EmailChangeGoneError, SignUpGoneError, WrongPasswordError
from applications.errors import (
    ApplicationStateError,
    InvalidApplicationError,
    InvitationRefusedError,
    NotTheirsError,
)
from contracts.api import Problem
from interactions.errors import (
    IdempotencyConflictError,
    InteractionNotFoundError,
    InvalidInteractionError,
    OwnStartupError,
    StartupUnavailableError,
)
from recommendations.errors import ListGoneError

CONTENT_TYPE = "application/problem+json"

STATUSES: dict[type[Exception], HTTPStatus] = {
    exceptions.ValidationError: HTTPStatus.UNPROCESSABLE_ENTITY,
    Http404: HTTPStatus.NOT_FOUND,
    PermissionDenied: HTTPStatus.FORBIDDEN,
    InvalidInteractionError: HTTPStatus.UNPROCESSABLE_ENTITY,
    OwnStartupError: HTTPStatus.UNPROCESSABLE_ENTITY,
    IdempotencyConflictError: HTTPStatus.CONFLICT,
    StartupUnavailableError: HTTPStatus.NOT_FOUND,
    InteractionNotFoundError: HTTPStatus.NOT_FOUND,
    InvalidApplicationError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ApplicationStateError: HTTPStatus.CONFLICT,
    InvitationRefusedError: HTTPStatus.CONFLICT,
    NotTheirsError: HTTPStatus.NOT_FOUND,
    ServiceValidationError: HTTPStatus.UNPROCESSABLE_ENTITY,
    WrongPasswordError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SignUpGoneError: HTTPStatus.GONE,
    EmailChangeGoneError: HTTPStatus.GONE,
    ListGoneError: HTTPStatus.GONE,
}


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an error into a problem; None (a 500, with its trace logged) for one that nobody expected."""
    status = _status(error)
    if status is None:
        return None
    set_rollback()
    body = _problem(status=status, detail=_detail(error), path=context["request"].path)
    return Response(body, status=status, headers=_headers(error), content_type=CONTENT_TYPE)


def problem_response(request: HttpRequest, *, status: HTTPStatus, detail: str) -> JsonResponse:
    """A problem outside of any view of the API."""
    return JsonResponse(
        _problem(status=status, detail=detail, path=request.path), status=status, content_type=CONTENT_TYPE
    )


def _status(error: Exception) -> HTTPStatus | None:
    for kind, status in STATUSES.items():
        if isinstance(error, kind):
            return status
    return HTTPStatus(error.status_code) if isinstance(error, exceptions.APIException) else None


def _problem(*, status: HTTPStatus, detail: str, path: str) -> dict[str, Any]:
    problem = Problem(title=status.phrase, status=status, detail=detail, instance=path)
    return problem.model_dump(mode="json", exclude_none=True)


def _detail(error: Exception) -> str:
    if isinstance(error, exceptions.APIException):
        return "; ".join(_sentences(error.detail))
    if isinstance(error, ServiceValidationError):
        named = error.message_dict if hasattr(error, "error_dict") else error.messages
        return "; ".join(_sentences(named))
    return str(error) or "There is nothing here."


def _sentences(detail: Any, field: str = "") -> list[str]:
    """Flatten DRF's nested messages to `field: message`."""
    if isinstance(detail, dict):
        return [line for name, inner in detail.items() for line in _sentences(inner, _path(field, name))]
    if isinstance(detail, list):
        return [line for inner in detail for line in _sentences(inner, field)]
    return [f"{field}: {detail}" if field else str(detail)]


def _path(parent: str, name: str) -> str:
    if name in {"non_field_errors", "__all__"}:
        return parent
    return f"{parent}.{name}" if parent else str(name)


def _headers(error: Exception) -> dict[str, str]:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(getattr(error, "auth_header", ""))
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(getattr(error, "wait", 0)))
    return headers
