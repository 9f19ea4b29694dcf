"""Pages of long lists, each with a link to the earlier ones."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError

from api.pagination import Keyset

Row = TypeVar("Row", bound=Model)


def page_or_first(
    keyset: Keyset, rows: QuerySet[Row], *, limit: int, cursor: str | None
) -> tuple[list[Row], str | None]:
    """The rows after a cursor, and where the next page begins; None at the end. A mangled cursor begins anew."""
    try:
        return keyset.page(rows, limit=limit, cursor=cursor)
    except ValidationError:
        return keyset.page(rows, limit=limit, cursor=None)
