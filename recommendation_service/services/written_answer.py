"""A list's answer as JSON, written once: the next one to the same question has an id, moment and cursor of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from contracts.api import Recommendations

_BEGIN, _MOMENT, _CURSOR = b'{"request_id":"', b'"generated_at":"', b'"next_cursor":'
_ID_LENGTH = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenAnswer:
    """What answers to the same question have in common.

    Attributes:
        until_moment: From behind the request id to before the moment.
        until_cursor: From behind the moment to before the cursor, with all items.
    """

    until_moment: bytes
    until_cursor: bytes

    @classmethod
    def of(cls, answer: Recommendations) -> Self:
        """What another answer has in common with this one.

        A field's name in quotes of its own can be nowhere else: quotes in strings are escaped.
        """
        written = answer.model_dump_json().encode()
        before, _, rest = written[len(_BEGIN) + _ID_LENGTH :].partition(_MOMENT)
        until_cursor, _, _ = rest[rest.index(b'"') :].rpartition(_CURSOR)
        return cls(until_moment=before + _MOMENT, until_cursor=until_cursor + _CURSOR)

    def json(self, request_id: UUID, generated_at: datetime, cursor: str | None) -> bytes:
        """The answer of this id and moment, timezone-aware, with the cursor of its next page."""
        moment = generated_at.isoformat().replace("+00:00", "Z")
        following = "null" if cursor is None else f'"{cursor}"'
        own = (f"{request_id}".encode(), moment.encode(), following.encode())
        return b"".join((_BEGIN, own[0], self.until_moment, own[1], self.until_cursor, own[2], b"}"))
