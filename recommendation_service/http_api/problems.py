"""Every error as one shape, `application/problem+json` (RFC 9457); the one table from errors to HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.response import Response as BaseResponse

from contracts.api import Problem
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.http_api.parsing import InvalidRequestError
from recommendation_service.http_api.request_ids import request_id
from recommendation_service.services.errors import (
    ActiveModelMovedError,
    NoActiveModelError,
    NotReadyError,
    ServiceError,
    UnknownModelError,
    UnknownStartupError,
    UnknownUserError,
)
from recommendation_service.services.kept_lists import ListGoneError

STATUS: Mapping[type[Exception], HTTPStatus] = MappingProxyType(
    {
        InvalidRequestError: HTTPStatus.UNPROCESSABLE_ENTITY,
        UnknownUserError: HTTPStatus.NOT_FOUND,
        UnknownStartupError: HTTPStatus.NOT_FOUND,
        UnknownModelError: HTTPStatus.NOT_FOUND,
        NoActiveModelError: HTTPStatus.NOT_FOUND,
        ActiveModelMovedError: HTTPStatus.CONFLICT,
        ModelFileError: HTTPStatus.CONFLICT,
        ListGoneError: HTTPStatus.GONE,
        NotReadyError: HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""What a caller is told. Any other ServiceError is 503, anything else 500 without its message."""

RETRY_AFTER_SECONDS = 2
_log = structlog.get_logger(__name__)


def register_problems(app: Flask) -> None:
    """Answer every error of the application as a problem."""
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(InvalidRequestError, _known_problem)
    app.register_error_handler(ServiceError, _known_problem)
    app.register_error_handler(ModelFileError, _known_problem)
    app.register_error_handler(Exception, _unexpected_problem)


def _known_problem(error: Exception) -> Response:
    status = STATUS.get(type(error), HTTPStatus.SERVICE_UNAVAILABLE)
    response = problem(status, str(error))
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _http_problem(error: HTTPException) -> BaseResponse:
    """Flask's own errors (404, 405, ...), which keep headers such as Allow; redirects stay what they are."""
    original = error.get_response(request.environ)
    if original.status_code < HTTPStatus.BAD_REQUEST:
        return original
    response = problem(HTTPStatus(original.status_code), error.description or "")
    for name, value in original.headers:
        if name not in {"Content-Type", "Content-Length"}:
            response.headers.add(name, value)
    return response


def _unexpected_problem(error: Exception) -> Response:
    _log.exception("request_failed", path=request.path, error=repr(error))
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "the service failed; the log holds the cause under the request id")


def problem(status: HTTPStatus, detail: str) -> Response:
    """An error as a response."""
    body = Problem(
        title=status.phrase, status=status.value, detail=detail, instance=request.path, request_id=request_id()
    )
    return Response(body.model_dump_json(), status=status.value, content_type="application/problem+json")
