"""How fresh the platform's data is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from interactions.models import InteractionEvent
from recommendations.models import StartupEmbedding
from startups.models import Startup


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """When each kind of record last came in; None where there is none.

    Attributes:
        event: When the newest act happened.
        startup: When a startup was last added or changed.
        embedding: When a startup's text was last embedded.
    """

    event: datetime | None
    startup: datetime | None
    embedding: datetime | None


def freshness_get() -> Freshness:
    """The newest of each, from the ends of indexes where there are such."""
    return Freshness(
        event=InteractionEvent.objects.aggregate(at=Max("occurred_at"))["at"],
        startup=Startup.objects.aggregate(at=Max("updated_at"))["at"],
        embedding=StartupEmbedding.objects.aggregate(at=Max("updated_at"))["at"],
    )
