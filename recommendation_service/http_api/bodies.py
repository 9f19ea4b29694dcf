"""What a request carries in its body: bounded in size and depth before it is parsed, then checked by its type."""

from __future__ import annotations

import json
import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from flask import current_app, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from recommendation_service.http_api.admission import SLOT, Slot
from recommendation_service.http_api.body_places import body_places
from recommendation_service.http_api.parsing import InvalidRequestError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MOST_BYTES = 200_000
"""A thousand pairs of ids, and as much again."""
MAX_DEPTH = 20
MOST_PROBLEMS = 5
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
"""Strings, so that brackets inside them do not count, and brackets. A string that is never closed reaches to the end,
so that the search stays linear."""

Model = TypeVar("Model", bound=BaseModel)


class _MalformedError(ValueError):
    """JSON that is no use whatever its type."""


def read_body(model: type[Model], *, max_bytes: int = MOST_BYTES, empty_is_default: bool = False) -> Model:
    """The body of the current request as `model`.

    Args:
        model: What it must be.
        max_bytes: The most it may hold.
        empty_is_default: Take no body at all for a model with nothing set.

    Raises:
        HTTPException: 413 if it is too large, 415 if it is not declared as JSON, 400 if it is not JSON, nested too
            deeply, or names a key twice, 408 if it does not come in time, 503 if too many others are being sent, or
            if too much else is asked once it has come.
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
        body = _read(max_bytes + 1)
        if len(body) <= max_bytes:
            return body
    raise RequestEntityTooLarge(f"the body may hold at most {max_bytes} bytes here")


def _read(most: int) -> bytes:
    """As long as the client may take: meanwhile the request holds no place among those that run."""
    slot: Slot | None = request.environ.get(SLOT)
    places = body_places(current_app)
    with (
        nullcontext() if places is None else places.taken(),
        nullcontext() if slot is None else slot.set_aside(),
    ):
        if places is None:
            return request.stream.read(most)
        return places.received(lambda: request.stream.read(most), *_ends(request.environ))


def _ends(environ: WSGIEnvironment) -> tuple[str, int]:
    """The client's address and the server's port."""
    return environ.get("REMOTE_ADDR", ""), int(environ["SERVER_PORT"])


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
