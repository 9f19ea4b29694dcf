"""What a visitor sees when something is wrong: a problem under /api/, a sentence in place of an act, else a page."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from api.errors import problem_response
from config.busy_database import is_busy

_NOT_FOUND = "There is nothing here, or it is no longer open."
_FORBIDDEN = "This is not yours to see."
_STALE = "This page is out of date. Reload it and try again."
_BAD_REQUEST = "The browser sent something that cannot be understood."
_LOCKED_OUT = (
    "Too many log-ins failed. For your safety, logging in from here is closed for {minutes} minutes. "
    "If you forgot your password, you can choose a new one meanwhile."
)
_BUSY = "Too many want to write at once, so nothing was changed. Please try again in a few seconds."
_BUSY_SECONDS = 5
_SERVER_ERROR = "Something went wrong on our side. It has been logged; please try again."

_TITLES = {
    HTTPStatus.BAD_REQUEST: "That was garbled",
    HTTPStatus.FORBIDDEN: "Not here",
    HTTPStatus.NOT_FOUND: "Nothing here",
    HTTPStatus.CONFLICT: "That no longer fits",
    HTTPStatus.GONE: "That is over",
    HTTPStatus.UNPROCESSABLE_ENTITY: "That did not work",
    HTTPStatus.TOO_MANY_REQUESTS: "A little too fast",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something broke",
    HTTPStatus.SERVICE_UNAVAILABLE: "Busy right now",
}
"""What a page calls an error; others by their names in HTTP."""


def error_answer(
    request: HttpRequest, *, status: HTTPStatus, detail: str, template: str = "web/error.html"
) -> HttpResponse:
    """The error in the shape that who asks can show; a crash's page is bare, for it may be the database that failed."""
    if request.path.startswith("/api/"):
        return problem_response(request, status=status, detail=detail)
    if request.headers.get("HX-Request"):
        return render(request, "web/partials/notice.html", {"text": detail}, status=status)
    title, bare = _TITLES.get(status, status.phrase), status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return render(request, template, {"title": title, "text": detail, "bare": bare}, status=status)


def refuse(request: HttpRequest, status: HTTPStatus, detail: str) -> HttpResponse:
    """What a rate limit answers with."""
    return error_answer(request, status=status, detail=detail)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """400."""
    return error_answer(request, status=HTTPStatus.BAD_REQUEST, detail=_BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403."""
    return error_answer(request, status=HTTPStatus.FORBIDDEN, detail=_FORBIDDEN)


def stale_page(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403 because the CSRF token does not fit."""
    return error_answer(request, status=HTTPStatus.FORBIDDEN, detail=_STALE)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """404."""
    return error_answer(request, status=HTTPStatus.NOT_FOUND, detail=_NOT_FOUND)


def busy(request: HttpRequest) -> HttpResponse:
    """503 because others kept the database for too long."""
    answer = error_answer(request, status=HTTPStatus.SERVICE_UNAVAILABLE, detail=_BUSY)
    answer["Retry-After"] = str(_BUSY_SECONDS)
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 where the error at hand is a busy database's."""
    if is_busy(sys.exception()):
        return busy(request)
    return error_answer(request, status=HTTPStatus.INTERNAL_SERVER_ERROR, detail=_SERVER_ERROR)


def locked_out(request: HttpRequest, original: HttpResponse, credentials: Mapping[str, str]) -> HttpResponse:  # noqa: ARG001 - axes' signature
    """429 after too many failed log-ins, whether or not there is such an account."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    detail = _LOCKED_OUT.format(minutes=minutes)
    answer = error_answer(request, status=HTTPStatus.TOO_MANY_REQUESTS, detail=detail, template="web/locked.html")
    answer["Retry-After"] = str(minutes * 60)
    return answer
