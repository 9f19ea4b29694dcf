"""What every answer tells the browser beside the content policy: no powers over the device, no caching by others."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

DENIED_POWERS = ("camera", "microphone", "geolocation", "payment", "usb", "interest-cohort", "browsing-topics")
PERMISSIONS_POLICY = ", ".join(f"{power}=()" for power in DENIED_POWERS)


class ResponseHeadersMiddleware:
    """Adds the headers; no cache keeps what we answer, unless the view says otherwise. Static files come before."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and add the headers."""
        response = self._get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response
