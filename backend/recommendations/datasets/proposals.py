"""How startups are proposed as negatives: each alike, or in proportion to how popular they were by then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import numpy as np
import numpy.typing as npt
from django.db.models import Count
from django.db.models.functions import TruncMonth

from contracts.interactions import InteractionType
from interactions.models import InteractionEvent
from recommendations.datasets.catalogue import Lifetimes

EXPONENT = 0.75
"""Between uniform (0) and proportional to popularity (1), as in word2vec (Mikolov et al., 2013)."""

Places = npt.NDArray[np.int32]
Times = npt.NDArray[np.int64]


class Proposal(Protocol):
    """Proposes places of the catalogue (`Lifetimes`) as negatives."""

    def draw(self, time: Times, available: Places, rng: np.random.Generator) -> Places:
        """One place below `available[i]` (at least 1) for each of S moments, int32 [S]."""

    def weights(self, time: int, places: Places) -> npt.NDArray[np.float64]:
        """The chances of `places` at a moment, float64 of the same length, adding up to 1."""


class UniformProposal:
    """Every startup that existed is as likely as another."""

    def draw(self, time: Times, available: Places, rng: np.random.Generator) -> Places:
        """One place below `available[i]` for each of S moments."""
        del time
        return rng.integers(0, available, dtype=np.int32)

    def weights(self, time: int, places: Places) -> npt.NDArray[np.float64]:
        """Equal chances."""
        del time
        return np.full(len(places), 1.0 / len(places))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MonthlyActs:
    """How often each startup was acted on in each month, as C counts in order of month.

    Attributes:
        month: int32 [C], months since 1970.
        place: int32 [C], place in the catalogue.
        count: int64 [C].
    """

    month: npt.NDArray[np.int32]
    place: Places
    count: npt.NDArray[np.int64]


class PopularityProposal:
    """A startup is as likely as (1 + acts before the month of the positive) ** EXPONENT.

    Only earlier months count, so that a negative does not tell who will be popular later.
    """

    def __init__(self, acts: MonthlyActs, startups: int) -> None:
        self._acts = acts
        self._startups = startups

    def draw(self, time: Times, available: Places, rng: np.random.Generator) -> Places:
        """One place below `available[i]` for each of S moments."""
        months = months_of(time)
        drawn = np.empty(len(time), dtype=np.int32)
        counts = np.zeros(self._startups, dtype=np.int64)
        start = 0
        for month in np.unique(months):
            end = int(np.searchsorted(self._acts.month, month))
            np.add.at(counts, self._acts.place[start:end], self._acts.count[start:end])
            start = end
            slots = np.flatnonzero(months == month)
            drawn[slots] = _draw_weighted(np.cumsum((1.0 + counts) ** EXPONENT), available[slots], rng)
        return drawn

    def weights(self, time: int, places: Places) -> npt.NDArray[np.float64]:
        """The chances of `places` in the month of the moment."""
        end = int(np.searchsorted(self._acts.month, months_of(np.array([time]))[0]))
        counts = np.bincount(self._acts.place[:end], weights=self._acts.count[:end], minlength=self._startups)
        weights = (1.0 + counts[places]) ** EXPONENT
        return np.asarray(weights / weights.sum(), dtype=np.float64)


def _draw_weighted(cumulative: npt.NDArray[np.float64], available: Places, rng: np.random.Generator) -> Places:
    heights = rng.random(len(available)) * cumulative[available - 1]
    places = np.searchsorted(cumulative, heights, side="right")
    return np.minimum(places, available - 1).astype(np.int32)


def months_of(time: Times) -> npt.NDArray[np.int32]:
    """Months since 1970 of moments in microseconds since 1970."""
    return time.astype("datetime64[us]").astype("datetime64[M]").astype(np.int32)


def monthly_acts(lifetimes: Lifetimes, startups: Mapping[UUID, int], until: datetime | None) -> MonthlyActs:
    """Count the acts that speak for a startup, per month, in the database."""
    events = InteractionEvent.objects.filter(undoes__isnull=True).exclude(type=InteractionType.DISLIKE)
    if until is not None:
        events = events.filter(occurred_at__lt=until)
    grouped = events.order_by().values("startup_id", month=TruncMonth("occurred_at")).annotate(acts=Count("pk"))
    places = lifetimes.place_of_row()
    counted = sorted(
        ((row["month"].year - 1970) * 12 + row["month"].month - 1, places[startups[row["startup_id"]]], row["acts"])
        for row in grouped.order_by().iterator()
        if row["startup_id"] in startups
    )
    month, place, count = np.array(counted, dtype=np.int64).reshape(-1, 3).T
    return MonthlyActs(month=month.astype(np.int32), place=place.astype(np.int32), count=count)
