"""What people lately did towards each startup, as the few figures that trends are made of."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from recommendation_service.engines.reasons import LIKED_FROM
from recommendation_service.engines.timeline import from_microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class StartupActivity:
    """Recent acts towards one startup, each person's counted as the one that decides.

    Attributes:
        interested: How many people liked, saved, applied to or were interested in it.
        worth: The sum of everybody's label, faded by its age as of `latest`.
        latest: The latest of the deciding acts, dislikes among them.
    """

    startup_id: str
    interested: int
    worth: float
    latest: datetime


KeyT = TypeVar("KeyT", bound=Hashable)
"""Whatever names a startup while acts are added up."""


class ActivityTally(Generic[KeyT]):
    """Adds up acts in any order, by startup."""

    def __init__(self, half_life: timedelta) -> None:
        """Begin with nothing.

        Args:
            half_life: After this long an act counts half.
        """
        self._half_life = half_life / timedelta(microseconds=1)
        self._interested: dict[KeyT, int] = {}
        self._faded: dict[KeyT, tuple[int, float]] = {}

    def add(self, startup: KeyT, label: float, time: int) -> None:
        """Count a person's deciding act, done so many microseconds after 1970."""
        if label >= LIKED_FROM:
            self._interested[startup] = self._interested.get(startup, 0) + 1
        latest, worth = self._faded.get(startup, (time, 0.0))
        if time > latest:
            self._faded[startup] = time, worth * 0.5 ** ((time - latest) / self._half_life) + label
        else:
            self._faded[startup] = latest, worth + label * 0.5 ** ((latest - time) / self._half_life)

    def of(self, startup: KeyT, startup_id: str) -> StartupActivity:
        """What was added for a startup, which is told by its id."""
        latest, worth = self._faded[startup]
        return StartupActivity(
            startup_id=startup_id,
            interested=self._interested.get(startup, 0),
            worth=worth,
            latest=from_microseconds(latest),
        )

    @property
    def startups(self) -> list[KeyT]:
        """Everything that something was added for."""
        return list(self._faded)
