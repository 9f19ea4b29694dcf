"""Headers on every response that keep browsers from doing more with it than showing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SECURITY_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "Server": "launchmatch",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)
"""`Server` takes the place of the web server's own name and version."""


_LOWERED = tuple((name.lower(), (name, value)) for name, value in SECURITY_HEADERS.items())


def register_security_headers(app: Flask) -> None:
    """Add the headers to every response; a route that set one keeps its own."""
    app.wsgi_app = _Protected(app.wsgi_app)  # type: ignore[method-assign]


class _Protected:
    """Outside of Flask, whose headers look through all others with each one that is set."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *failed: Any) -> Callable[[bytes], object]:
            own = {name.lower() for name, _ in headers}
            added = [header for lowered, header in _LOWERED if lowered not in own]
            return start_response(status, [*headers, *added], *failed)

        return self._app(environ, start)
