"""How fresh the platform's data is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from interactions.models import InteractionEvent
from startups.models import Startup


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """When each kind of record last came in; None where there is none.

    Attributes:
        event: When the newest act happened.
        startup: When a startup was last added or changed.
    """

    event: datetime | None
    startup: datetime | None


def freshness_get() -> Freshness:
    """The newest of each, read from the end of an index."""
    return Freshness(
        event=InteractionEvent.objects.aggregate(at=Max("occurred_at"))["at"],
        startup=Startup.objects.aggregate(at=Max("updated_at"))["at"],
    )
