"""Keyset paging: each page starts after the last row of the one before, however large the table or its ties."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from rest_framework.exceptions import ValidationError

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyset:
    """An order by a time, newest first, then by the primary key.

    Attributes:
        time: The name of the time's column.
        newest_key_first: Whether keys run downwards where times are equal.
        parse_key: Reads a primary key from a cursor; raises ValueError.
    """

    time: str
    newest_key_first: bool
    parse_key: Callable[[str], Any]

    def page(self, rows: QuerySet[Row], *, limit: int, cursor: str | None) -> tuple[list[Row], str | None]:
        """The rows after `cursor`, at most `limit`, and the cursor of the next page (None after the last).

        Raises:
            ValidationError: If the cursor is not one of ours.
        """
        ordered = rows.order_by(f"-{self.time}", "-pk" if self.newest_key_first else "pk")
        if cursor is not None:
            ordered = ordered.filter(self._after(cursor))
        found = list(ordered[: limit + 1])
        return found[:limit], self._cursor(found[limit - 1]) if len(found) > limit else None

    def _after(self, cursor: str) -> Q:
        time, key = self._decode(cursor)
        next_key = {"pk__lt" if self.newest_key_first else "pk__gt": key}
        earlier = Q(**{f"{self.time}__lt": time}) | Q(**{self.time: time}, **next_key)
        return Q(**{f"{self.time}__lte": time}) & earlier  # implied, but it lets the index find the place

    def _cursor(self, row: Model) -> str:
        place = json.dumps([getattr(row, self.time).isoformat(), str(row.pk)])
        return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")

    def _decode(self, cursor: str) -> tuple[datetime, Any]:
        try:
            place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            return _time_and_key(place, self.parse_key)
        except (binascii.Error, ValueError, OverflowError, RecursionError) as error:
            raise ValidationError({"cursor": "Not a cursor of this list; leave it out to start anew."}) from error


def _time_and_key(place: Sequence[Any], parse_key: Callable[[str], Any]) -> tuple[datetime, Any]:
    if not isinstance(place, list) or len(place) != 2 or not all(isinstance(part, str) for part in place):
        raise ValueError("a cursor is a time and a key")
    time = datetime.fromisoformat(place[0])
    if time.tzinfo is None:
        raise ValueError("a cursor's time has a zone")
    return time.astimezone(UTC), parse_key(place[1])
