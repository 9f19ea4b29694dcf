"""A member's applications and invitations, for them to take along."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.parts import exports
from applications.models import Application, ApplicationStatusChange, Invitation


@exports("applications")
def applications(user: User) -> list[dict[str, Any]]:
    """Every application with its letter and its steps, the earliest first."""
    mine = Application.objects.filter(member=user).order_by("submitted_at", "id")
    return [
        {
            "startup_id": application.startup_id,
            "startup": application.startup.title,
            "position": application.position.title if application.position else None,
            "letter": application.letter,
            "status": application.status,
            "submitted_at": application.submitted_at,
            "steps": [_step(change) for change in application.changes.all()],
        }
        for application in mine.select_related("startup", "position").prefetch_related("changes")
    ]


@exports("invitations")
def invitations(user: User) -> list[dict[str, Any]]:
    """Every invitation to them with their answer, the earliest first."""
    mine = Invitation.objects.filter(member=user).order_by("sent_at", "id").select_related("startup")
    return [
        {
            "startup_id": invitation.startup_id,
            "startup": invitation.startup.title,
            "note": invitation.note,
            "status": invitation.status,
            "sent_at": invitation.sent_at,
            "answered_at": invitation.answered_at,
        }
        for invitation in mine
    ]


@exports("sent_invitations")
def sent_invitations(user: User) -> list[dict[str, Any]]:
    """What they wrote to whom their startups invited, the earliest first; who that was is not theirs to keep."""
    names = ("startup_id", "note", "status", "sent_at", "answered_at")
    return list(Invitation.objects.filter(startup__owner=user).order_by("sent_at", "id").values(*names))


def _step(change: ApplicationStatusChange) -> dict[str, Any]:
    return {"status": change.status, "at": change.changed_at}
