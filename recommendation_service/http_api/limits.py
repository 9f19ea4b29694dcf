"""Bounds on what a request may carry outside its body."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import RequestHeaderFieldsTooLarge, RequestURITooLarge

MAX_BODY_BYTES = 1_000_000
"""The most that any route takes; each states its own, smaller bound."""
MAX_ADDRESS_LENGTH = 8192
MAX_HEADERS = 64
MAX_HEADER_BYTES = 16_384


def register_limits(app: Flask) -> None:
    """Refuse addresses and headers that are too long, before anything looks into them."""
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.before_request(_check)


def _check() -> None:
    environ = request.environ
    if len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")) > MAX_ADDRESS_LENGTH:
        raise RequestURITooLarge(f"the path and query may hold at most {MAX_ADDRESS_LENGTH} characters")
    sizes = [len(name) + len(value) for name, value in environ.items() if name.startswith("HTTP_")]
    if len(sizes) > MAX_HEADERS or sum(sizes) > MAX_HEADER_BYTES:
        raise RequestHeaderFieldsTooLarge(
            f"a request may carry at most {MAX_HEADERS} headers of {MAX_HEADER_BYTES} characters together"
        )
