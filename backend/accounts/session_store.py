"""Keeps sessions in the database, each with whose it is."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from accounts.models import MemberSession


class SessionStore(DatabaseStore):
    """Django's own store with one more column."""

    @classmethod
    def get_model_class(cls) -> type[Any]:
        """Django's hook: the rows."""
        return MemberSession

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row of these session data."""
        row: Any = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        return row
