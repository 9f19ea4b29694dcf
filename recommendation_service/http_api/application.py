"""Flask as this service needs it: less work for each answer than for applications of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class WholeResponse(Response):
    """Handed over as a list where it is not streamed, which a web server sends at once and without a thread."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer, closed already where it is whole."""
        answer = super().__call__(environ, start_response)
        if self.is_streamed:
            return answer
        pieces = list(answer)
        if isinstance(answer, ClosingIterator):
            answer.close()
        return pieces


class ServiceFlask(Flask):
    """An application whose routes and hooks are all plain functions, and whose answers are `WholeResponse`s."""

    response_class = WholeResponse

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself: to find out that it is no coroutine takes longer than many a hook."""
        return func
