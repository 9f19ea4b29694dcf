"""What a request says, checked: identifiers and query parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from werkzeug.datastructures import MultiDict

from contracts.api import DEFAULT_LIMIT, MAX_LIMIT, MIN_LIMIT

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_SHOWN = 60


class InvalidRequestError(Exception):
    """A request that cannot be understood; the message says what was wrong, with the value, and what is allowed."""


def parse_id(text: str, what: str) -> UUID:
    """An identifier in the usual form of 36 characters.

    Raises:
        InvalidRequestError: If it is anything else.
    """
    if not _UUID.fullmatch(text):
        raise InvalidRequestError(
            f"the {what} id must be a UUID like 123e4567-e89b-12d3-a456-426614174000, got {_shown(text)}"
        )
    return UUID(text)


def parse_limit(query: MultiDict[str, str]) -> int:
    """The parameter `limit`, the default when it is not given; no other parameter is known.

    Raises:
        InvalidRequestError: If it is not a whole number in the allowed range, given twice, or beside unknown ones.
    """
    _refuse_unknown(query, ("limit",))
    values = query.getlist("limit")
    if not values:
        return DEFAULT_LIMIT
    if len(values) > 1:
        raise InvalidRequestError(f"limit must be given once, got it {len(values)} times")
    text = values[0]
    if not _WHOLE_NUMBER.fullmatch(text) or not MIN_LIMIT <= int(text) <= MAX_LIMIT:
        raise InvalidRequestError(f"limit must be a whole number from {MIN_LIMIT} to {MAX_LIMIT}, got {_shown(text)}")
    return int(text)


def parse_nothing(query: MultiDict[str, str]) -> None:
    """No parameter is known.

    Raises:
        InvalidRequestError: If there is one.
    """
    _refuse_unknown(query, ())


def _refuse_unknown(query: MultiDict[str, str], known: Sequence[str]) -> None:
    unknown = [name for name in query if name not in known]
    if unknown:
        allowed = f"known here: {', '.join(known)}" if known else "none is known here"
        raise InvalidRequestError(f"unknown query parameter {_shown(unknown[0])}; {allowed}")


def _shown(text: str) -> str:
    """The value for a message, ASCII and short."""
    return ascii(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
