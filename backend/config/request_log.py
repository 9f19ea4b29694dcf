"""Logs each request in one line, without query strings: they may hold what is private."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)


class RequestLogMiddleware:
    """`GET /startups/ 200 12.3 ms`; a server error is a warning."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer and log."""
        start = perf_counter()
        response = self._get_response(request)
        milliseconds = 1000 * (perf_counter() - start)
        level = logging.WARNING if response.status_code >= 500 else logging.INFO
        logger.log(level, "%s %s %d %.1f ms", request.method, request.path, response.status_code, milliseconds)
        return response
