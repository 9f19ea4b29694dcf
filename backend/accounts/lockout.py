"""Under which name failed log-ins are counted."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest

MAX_LENGTH = 254


def attempted_name(request: HttpRequest, credentials: Mapping[str, str] | None) -> str:  # noqa: ARG001 - axes' signature
    """The name that was tried, in one spelling: an account is one, however its address is capitalised."""
    name = (credentials or {}).get("username") or ""
    return name.strip().lower()[:MAX_LENGTH]
