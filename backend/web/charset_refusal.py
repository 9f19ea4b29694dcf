"""Answers 400 to requests in a charset that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from config.charsets import REFUSED
from web.errors import error_answer

_DETAIL = "The Content-Type names a charset that queries and forms cannot be read by; send UTF-8."


class CharsetRefusalMiddleware:
    """Stands behind whatever a page needs, and before every view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse, or pass on."""
        if REFUSED in request.META:
            return error_answer(request, status=HTTPStatus.BAD_REQUEST, detail=_DETAIL)
        return self._get_response(request)
