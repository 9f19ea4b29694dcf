"""What an import inserts its rows by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from django.db.models import Model

ModelT = TypeVar("ModelT", bound=Model)


class RowWriter(Protocol):
    """Inserts rows so that those of a run that fails can be undone."""

    def create(self, rows: Sequence[ModelT]) -> list[ModelT]:
        """Insert `rows`, which are of one model, and return them with their keys."""
        ...


class PlainWriter:
    """Inserts rows within the transaction at hand, which undoes them."""

    def create(self, rows: Sequence[ModelT]) -> list[ModelT]:
        """Insert `rows`, which are of one model, and return them with their keys."""
        return type(rows[0])._default_manager.bulk_create(rows) if rows else []
