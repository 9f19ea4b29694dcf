"""Answers 503 where the database was busy for too long, in place of a crash."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.busy_database import is_busy
from web.errors import busy


class BusyDatabaseMiddleware:
    """Watches the views; what other middleware writes ends in `web.errors.server_error`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Django's hook: what a view raised."""
        return busy(request) if is_busy(exception) else None
