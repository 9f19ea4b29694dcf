"""What a founder takes along, and what becomes of their startups when they leave."""

from __future__ import annotations

from typing import Any

from django.forms.models import model_to_dict

from accounts.models import User
from accounts.parts import OwnedStartups, exports, on_departure
from startups.models import Startup, StartupStatus
from startups.services import startup_change_status

HANDED_OUT = ("title", "description", "type", "category", "field", "phase", "stages", "tags", "status", "founded_on")
PLACE = ("country", "state", "region", "city")


@exports("startups")
def startups(user: User) -> list[dict[str, Any]]:
    """The startups they own, with positions and rounds."""
    mine = Startup.objects.filter(owner=user).prefetch_related("positions", "rounds").order_by("opened_at", "id")
    return [
        {
            "id": startup.pk,
            **model_to_dict(startup, fields=[*HANDED_OUT, *PLACE]),
            "opened_at": startup.opened_at,
            "closed_at": startup.closed_at,
            "positions": [
                model_to_dict(position, fields=["title", "requirements", "is_active"])
                for position in startup.positions.all()
            ],
            "rounds": [
                model_to_dict(item, fields=["announced_on", "kind", "amount_usd"]) for item in startup.rounds.all()
            ],
        }
        for startup in mine
    ]


@on_departure
def leave_startups(user: User, choice: OwnedStartups) -> None:
    """Close and disown them, or leave them to be removed with their owner."""
    if choice is OwnedStartups.REMOVE:
        return
    for startup in Startup.objects.filter(owner=user).exclude(status=StartupStatus.SOLD):
        startup_change_status(startup=startup, status=StartupStatus.CLOSED)
    Startup.objects.filter(owner=user).update(owner=None)
