"""Day by day: who visits, what they are shown, what they do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from accounts.models import Role
from contracts.interactions import InteractionType
from simulation.acts import KINDS, NOTHING, Acts, joined
from simulation.affinity import AffinityModel
from simulation.config import BehaviourConfig
from simulation.feed import BoolMatrix, IntMatrix, draw_pages
from simulation.funnel import draw_looks, draw_steps, step_probabilities
from simulation.population import NOBODY, Population

_SECOND = 1_000_000
_HOUR = 3_600 * _SECOND
_DAY = 24 * _HOUR
_FIRST_HOUR, _LAST_HOUR = 7, 22
_WEEKEND_VISITS = 0.6
POPULARITY_KEPT = 0.85
_SECONDS_PER_PLACE = 240
_SECONDS_AFTER_VIEW = {
    InteractionType.VIEW: 0,
    InteractionType.CLICK: 20,
    InteractionType.DISLIKE: 8,
    InteractionType.LIKE: 45,
    InteractionType.FAVORITE: 60,
    InteractionType.APPLY: 180,
}
_FINAL = (InteractionType.APPLY, InteractionType.INTEREST, InteractionType.DISLIKE)
"""Who applied, stated interest or disliked is not shown the venture again."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visits:
    """The B visits of one day.

    Attributes:
        members: int64 [B], who comes, each once.
        start: int64 [B], microseconds since the first moment of behaviour.
        first: Number of the first of them.
    """

    members: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    first: int


class Behaviour:
    """The state of a platform as its days go by.

    Shapes: B visits of a day, S ventures, K places of a page.
    """

    def __init__(
        self, population: Population, affinity: AffinityModel, config: BehaviourConfig, rng: np.random.Generator
    ) -> None:
        members, ventures = population.members, population.ventures
        self._affinity = affinity
        self._config = config
        self._rng = rng
        self._joined = np.array([member.joined_day for member in members])
        self._visits = np.array([member.visits_per_day for member in members])
        self._applies = np.array([member.role is Role.STUDENT for member in members])
        self._opened = np.array([venture.opened_day for venture in ventures])
        self._closed = np.array([venture.closed_day for venture in ventures])
        self._popularity = np.zeros(len(ventures), dtype=np.float32)
        self._opened_before = np.zeros((len(members), len(ventures)), dtype=np.bool_)
        self._settled = np.zeros((len(members), len(ventures)), dtype=np.bool_)
        owned = np.flatnonzero(population.owners != NOBODY)
        self._settled[population.owners[owned], owned] = True
        self._visit_count = 0

    def day(self, day: int) -> Acts:
        """Everything that happens on one day."""
        visits = self._visits_of(day)
        logits = self._affinity.logits(visits.members, day)
        pages = draw_pages(
            logits,
            allowed=self._open(day) & ~self._settled[visits.members],
            opened_before=self._opened_before[visits.members],
            popularity=self._popularity,
            age_days=(day - self._opened).astype(np.float32),
            config=self._config.feed,
            rng=self._rng,
        )
        shown = np.take_along_axis(logits, np.maximum(pages, 0), axis=1)
        looked_at = draw_looks(pages.shape, self._config.feed.position_decay, self._rng) & (pages >= 0)
        drawn = draw_steps(step_probabilities(shown, self._config.funnel), looked_at, self._rng)
        acts = joined([self._acts(kind, happened, visits, pages) for kind, happened in drawn.items()])
        self._remember(acts)
        return acts

    def _visits_of(self, day: int) -> Visits:
        weekday = _WEEKEND_VISITS if day % 7 >= 5 else 1.0
        comes = self._rng.random(len(self._visits)) < 1 - np.exp(-self._visits * weekday)
        members = np.flatnonzero(comes & (self._joined <= day))
        hours = self._rng.integers(_FIRST_HOUR * _HOUR, _LAST_HOUR * _HOUR, size=len(members))
        first, self._visit_count = self._visit_count, self._visit_count + len(members)
        return Visits(members=members, start=day * _DAY + hours, first=first)

    def _open(self, day: int) -> BoolMatrix:
        """bool [1, S]: open for the whole day."""
        is_open: BoolMatrix = ((self._opened <= day) & (day + 1 <= self._closed))[None, :]
        return is_open

    def _acts(self, kind: InteractionType, happened: BoolMatrix, visits: Visits, pages: IntMatrix) -> Acts:
        visit, place = np.nonzero(happened)
        members = visits.members[visit]
        kinds = np.full(len(visit), KINDS.index(kind))
        if kind is InteractionType.APPLY:
            kinds[~self._applies[members]] = KINDS.index(InteractionType.INTEREST)
        return Acts(
            member=members,
            venture=pages[visit, place],
            kind=kinds,
            time=visits.start[visit] + (place * _SECONDS_PER_PLACE + _SECONDS_AFTER_VIEW[kind]) * _SECOND,
            visit=visits.first + visit,
            place=place + 1,
            undoes=np.full(len(visit), NOTHING),
        )

    def _remember(self, acts: Acts) -> None:
        self._opened_before[acts.member, acts.venture] = True
        final = np.isin(acts.kind, [KINDS.index(kind) for kind in _FINAL])
        self._settled[acts.member[final], acts.venture[final]] = True
        liked = acts.venture[acts.kind != KINDS.index(InteractionType.DISLIKE)]
        today = np.bincount(liked, minlength=len(self._popularity)).astype(np.float32)
        self._popularity = self._popularity * np.float32(POPULARITY_KEPT) + today
