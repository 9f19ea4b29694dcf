"""What people lately did, as the popularity that the trending rung ranks by and as counts for reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from recommendation_service.engines.types import Catalogue
from recommendation_service.services.startup_activity import StartupActivity


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trends:
    """Recent acts on a catalogue, by startup id.

    Attributes:
        popularity: The sum of the labels of what people did, faded by age as of the last act on the catalogue.
        interested: How many people liked, saved, applied to or were interested in it.
    """

    popularity: Mapping[str, float]
    interested: Mapping[str, int]


def count_trends(catalogue: Catalogue, activity: Sequence[StartupActivity], half_life: timedelta) -> Trends:
    """The recent acts on the startups of the catalogue.

    Args:
        catalogue: The open startups.
        activity: Of any startups.
        half_life: After this long an act counts half, as it did in `activity`.
    """
    known = [recent for recent in activity if recent.startup_id in catalogue.index_of]
    now = max((recent.latest for recent in known), default=None)
    return Trends(
        popularity={}
        if now is None
        else {recent.startup_id: recent.worth * 0.5 ** ((now - recent.latest) / half_life) for recent in known},
        interested={recent.startup_id: recent.interested for recent in known if recent.interested},
    )
