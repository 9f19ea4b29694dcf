"""What a member applied to and was invited to, for them to take along."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.parts import exports
from applications.models import Invitation
from applications.selectors import application_list_of_member


@exports("applications")
def applications(user: User) -> list[dict[str, Any]]:
    """Their applications with letters and history."""
    mine = application_list_of_member(member=user).prefetch_related("changes")
    return [
        {
            "startup_id": application.startup_id,
            "startup": application.startup.title,
            "position": application.position.title if application.position else None,
            "letter": application.letter,
            "status": application.status,
            "submitted_at": application.submitted_at,
            "history": [{"status": step.status, "at": step.changed_at} for step in application.changes.all()],
        }
        for application in mine
    ]


@exports("invitations")
def invitations(user: User) -> list[dict[str, Any]]:
    """What founders invited them to."""
    columns = {
        "startup_id": "startup_id",
        "startup__title": "startup",
        "note": "note",
        "status": "status",
        "sent_at": "sent_at",
    }
    mine = Invitation.objects.filter(member=user).order_by("sent_at", "id").values(*columns)
    return [{columns[column]: value for column, value in row.items()} for row in mine]
