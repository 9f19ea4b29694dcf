"""What a request says, checked: identifiers and query parameters."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from werkzeug.datastructures import MultiDict

from contracts.api import MAX_LIMIT, MAX_TERM_LENGTH, MIN_LIMIT

VERSION_PATTERN = r"two_tower_v[1-9][0-9]{0,5}"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_VERSION = re.compile(VERSION_PATTERN, re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_TRUTH = {"true": True, "false": False}
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
            f"the {what} id must be a UUID like 123e4567-e89b-12d3-a456-426614174000, got {shown(text)}"
        )
    return UUID(text)


def parse_version(text: str) -> str:
    """The name of a model version.

    Raises:
        InvalidRequestError: If it is not spelled like one.
    """
    if not _VERSION.fullmatch(text):
        raise InvalidRequestError(f"a version is named like two_tower_v1, got {shown(text)}")
    return text


def parse_limit(text: str) -> int:
    """How many places.

    Raises:
        InvalidRequestError: If it is not a whole number in the allowed range.
    """
    if not _WHOLE_NUMBER.fullmatch(text) or not MIN_LIMIT <= int(text) <= MAX_LIMIT:
        raise InvalidRequestError(f"limit must be a whole number from {MIN_LIMIT} to {MAX_LIMIT}, got {shown(text)}")
    return int(text)


def parse_truth(text: str, name: str) -> bool:
    """`true` or `false`.

    Raises:
        InvalidRequestError: If it is anything else.
    """
    if text not in _TRUTH:
        raise InvalidRequestError(f"{name} must be true or false, got {shown(text)}")
    return _TRUTH[text]


def parse_moment(text: str, name: str) -> datetime:
    """A moment with its offset from UTC.

    Raises:
        InvalidRequestError: If it is anything else.
    """
    try:
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidRequestError(
        f"{name} must be a moment like 2026-01-31T12:00:00Z (a plus sign is written %2B), got {shown(text)}"
    )


def parse_term(text: str, name: str) -> str:
    """A term of the platform.

    Raises:
        InvalidRequestError: If it is empty or longer than any term.
    """
    if not text.strip() or len(text) > MAX_TERM_LENGTH:
        raise InvalidRequestError(f"{name} must be a term of 1 to {MAX_TERM_LENGTH} characters, got {shown(text)}")
    return text


def only_value(query: MultiDict[str, str], name: str) -> str | None:
    """A parameter's value, None where it is not given.

    Raises:
        InvalidRequestError: If it is given twice.
    """
    values = query.getlist(name)
    if len(values) > 1:
        raise InvalidRequestError(f"{name} must be given once, got it {len(values)} times")
    return values[0] if values else None


def refuse_unknown(query: MultiDict[str, str], known: Collection[str]) -> None:
    """Check that no other parameter is given.

    Raises:
        InvalidRequestError: Naming the first one.
    """
    for name in query:
        if name not in known:
            allowed = f"known here: {', '.join(known)}" if known else "none is known here"
            raise InvalidRequestError(f"unknown query parameter {shown(name)}; {allowed}")


def shown(text: str) -> str:
    """The value for a message, ASCII and short."""
    return ascii(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
