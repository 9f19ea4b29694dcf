"""What a member did, for them to take along."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.parts import exports
from interactions.models import InteractionEvent
from interactions.reports import report_list

COLUMNS = {
    "startup_id": "startup_id",
    "startup__title": "startup",
    "type": "type",
    "occurred_at": "occurred_at",
    "undone_by__occurred_at": "taken_back_at",
    "recommendation_request_id": "recommendation_request_id",
    "recommendation_position": "recommendation_position",
}
"""Columns, and what they are called for the member."""


@exports("interactions")
def interactions(user: User) -> list[dict[str, Any]]:
    """Every act, oldest first, also those taken back."""
    acts = InteractionEvent.objects.acts().filter(user=user).order_by("occurred_at", "id")
    return [{COLUMNS[column]: value for column, value in row.items()} for row in acts.values(*COLUMNS)]


@exports("reports")
def reports(user: User) -> list[dict[str, Any]]:
    """What they reported to the staff, the latest first."""
    names = ("startup_id", "reason", "text", "reported_at", "handled_at")
    return list(report_list(user=user).values(*names))
