"""Reads request bodies that strangers send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any

from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.utils import json

MAX_BODY_BYTES = 64 * 1024


class BodyTooLarge(APIException):
    """The body of a request is larger than any that the API takes."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class BoundedJSONParser(JSONParser):
    """JSON of a sane size and depth, in which no object has a name twice."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002 - DRF's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002 - DRF's signature
    ) -> Any:
        """Parse, or refuse what is too large, too deep, no JSON, or says two things under one name."""
        body = stream.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge(f"A body has at most {MAX_BODY_BYTES} bytes.")
        try:
            return json.loads(body.decode(), object_pairs_hook=_named_once)
        except RecursionError as error:
            raise ParseError("The JSON is nested too deeply.") from error
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from error


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object; Python would silently take the last value of a name, and other readers another."""
    named = dict(pairs)
    if len(named) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ParseError(f"{twice[:80]!r} stands more than once in an object; keep one.")
    return named
