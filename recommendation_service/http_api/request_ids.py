"""One id for each request, in its answer, its headers and its log lines."""

from __future__ import annotations

from uuid import UUID, uuid4

import structlog
from flask import Flask, Response, g

HEADER = "X-Request-Id"


def register_request_ids(app: Flask) -> None:
    """Give each request of the application an id of its own; what a caller sends is not trusted."""
    app.before_request(_assign)
    app.after_request(_tell)


def request_id() -> UUID:
    """The id of the current request."""
    assigned: UUID = g.request_id
    return assigned


def _assign() -> None:
    g.request_id = uuid4()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=str(g.request_id))


def _tell(response: Response) -> Response:
    response.headers[HEADER] = str(request_id())
    return response
