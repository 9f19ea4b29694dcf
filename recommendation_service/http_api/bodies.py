"""What a request carries in its body: bounded in size and depth before it is parsed, then checked by its type."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from flask import Flask, current_app, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, RequestTimeout, UnsupportedMediaType

from recommendation_service.http_api.parsing import InvalidRequestError
from recommendation_service.services.deadline_pool import DeadlineExceededError, DeadlinePool

MAX_DEPTH = 20
MOST_PROBLEMS = 5
BODY_SECONDS = 5.0
"""The longest a client may take to send a body."""
_READERS = "body_readers"
_READER_THREADS = 16
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""Strings, so that brackets inside them do not count, and brackets. A string that is never closed reaches to the end,
so that the search stays linear."""

Model = TypeVar("Model", bound=BaseModel)


class _MalformedError(ValueError):
    """JSON that is no use whatever its type."""


def register_bodies(app: Flask, *, seconds: float = BODY_SECONDS) -> None:
    """Let the application's routes read bodies, each within so many seconds."""
    app.extensions[_READERS] = (DeadlinePool(threads=_READER_THREADS, name="body-reader"), seconds)


def read_body(model: type[Model], *, max_bytes: int, empty_is_default: bool = False) -> Model:
    """The body of the current request as `model`.

    Args:
        model: What it must be.
        max_bytes: The most it may hold.
        empty_is_default: Take no body at all for a model with nothing set.

    Raises:
        HTTPException: 413 if it is too large, 415 if it is not declared as JSON, 408 if it does not come in time, 400
            if it is not JSON, nested too deeply, or names a key twice.
        InvalidRequestError: If it is not a `model`; the message names the fields.
    """
    body = _bounded(max_bytes)
    if not body and empty_is_default:
        return model()
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("send the body as application/json")
    _require_plain_json(body)
    try:
        return model.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise InvalidRequestError(_described(error)) from error


def _bounded(max_bytes: int) -> bytes:
    """A declared length is refused before anything is read, a body without one when it passes the bound."""
    if (request.content_length or 0) <= max_bytes:
        body = _read_in_time(max_bytes + 1)
        if len(body) <= max_bytes:
            return body
    raise RequestEntityTooLarge(f"the body may hold at most {max_bytes} bytes here")


def _read_in_time(most: int) -> bytes:
    """Read by another thread: the web server's own waits for a body as long as its client keeps the line open."""
    readers, seconds = current_app.extensions[_READERS]
    stream = request.stream
    try:
        body: bytes = readers.call(lambda: stream.read(most), seconds=seconds)
    except DeadlineExceededError as error:
        raise RequestTimeout(f"the body did not come within {seconds:g} s") from error
    return body


def _require_plain_json(body: bytes) -> None:
    try:
        _require_shallow(body)
        json.loads(body, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant)
    except ValueError as error:
        raise BadRequest(f"the body is not JSON that can be used: {error}") from error


def _require_shallow(body: bytes) -> None:
    """Before parsing: a parser that recurses must not meet what would exhaust its stack."""
    depth = 0
    for match in _STRUCTURE.finditer(body):
        token = match.group()
        if token in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _MalformedError(f"it is nested deeper than {MAX_DEPTH}")
        elif token in b"]}":
            depth -= 1


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _MalformedError("a key is given twice in one object")
    return found


def _refuse_constant(name: str) -> None:
    raise _MalformedError(f"{name} is not JSON")


def _described(error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    told = "; ".join(
        f"{ascii('.'.join(map(str, problem['loc'])))[1:-1] or 'the body'}: {problem['msg']}"
        for problem in problems[:MOST_PROBLEMS]
    )
    more = f"; and {len(problems) - MOST_PROBLEMS} more" if len(problems) > MOST_PROBLEMS else ""
    return told + more
