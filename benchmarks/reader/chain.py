"""Samples of everybody's tastes and of all appeals, given what was told and done (Metropolis within Gibbs)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reader.exposure import reconstruct
from reader.likelihood import Likelihood
from reader.records import Records
from reader.tastes import PossibleTastes
from simulation.config import BehaviourConfig, SimulationConfig
from simulation.members import Member
from simulation.terms import TERMS, strengths_matrix

Floats = npt.NDArray[np.float32]


class Chain:
    """The present state; every person's acts judge their own taste, all acts judge the appeals.

    Hidden vectors stay at their mean, zero: what a person's few dozen acts tell of eight hidden numbers is next to
    nothing.
    """

    def __init__(self, records: Records, config: SimulationConfig, rng: np.random.Generator) -> None:
        behaviour = config.behaviour
        weights = np.array([getattr(behaviour.affinity, group) for group, _ in TERMS], dtype=np.float32)
        self._rng, self._affinity, self._days = rng, behaviour.affinity, config.days
        self._ventures = (strengths_matrix([venture.strengths for venture in records.ventures]) * weights).T
        self._possible = _possible_tastes(records, behaviour)
        exposure = reconstruct(records, behaviour.feed)
        self._likelihood = Likelihood(records.looks, exposure, behaviour, config.days)
        self._tastes = [possible.draw(rng) for possible in self._possible]
        self._start, self._change = self._attraction(self._tastes)
        self._appeal = np.zeros(len(records.ventures))
        self._likelihoods = self._judge(self._start, self._change, np.ones(len(self._tastes), dtype=np.bool_))

    def sweep(self) -> float:
        """Offer everybody another taste; the share of people who took it."""
        offered = [taste.redraw(held, self._rng) for taste, held in zip(self._possible, self._tastes, strict=True)]
        differs = np.array([new != held for new, held in zip(offered, self._tastes, strict=True)])
        start, change = self._attraction(offered)
        likelihoods, lifts = self._judge(start, change, differs), self._lifts(offered)
        gain = likelihoods - self._likelihoods - (lifts - self._lifts(self._tastes))
        taken = differs & (np.log(self._rng.random(len(differs))) < gain)
        for person in np.flatnonzero(taken).tolist():
            self._tastes[person] = offered[person]
        self._start[taken], self._change[taken] = start[taken], change[taken]
        self._likelihoods[taken] = likelihoods[taken]
        return float(taken.mean())

    def redraw_appeals(self) -> None:
        """Draw every startup's appeal from the normal distribution that fits around the present one (Laplace)."""
        slopes, scale = self._likelihood.slopes(self._with_appeal(self._start), self._change), self._affinity.quality
        precision = 1 + scale**2 * slopes.second
        mean = self._appeal + (scale * slopes.first - self._appeal) / precision
        self._appeal = mean + self._rng.normal(size=len(mean)) / np.sqrt(precision)
        self._likelihoods = self._judge(self._start, self._change, np.ones(len(self._tastes), dtype=np.bool_))

    def logits(self, day: float) -> Floats:
        """float32 [U, S]: the present affinities on a day."""
        return self._with_appeal(self._start) + np.float32(day / self._days) * self._change

    def _lifts(self, tastes: Sequence[Member]) -> npt.NDArray[np.float64]:
        return np.array([possible.lift(taste) for possible, taste in zip(self._possible, tastes, strict=True)])

    def _attraction(self, tastes: Sequence[Member]) -> tuple[Floats, Floats]:
        """Affinity without appeal [U, S] on the first day, and its change until the last."""
        start = strengths_matrix([taste.strengths(taste.interests) for taste in tastes])
        end = strengths_matrix([taste.strengths(taste.later_interests) for taste in tastes])
        return start @ self._ventures + np.float32(self._affinity.intercept), (end - start) @ self._ventures

    def _judge(self, start: Floats, change: Floats, people: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
        return self._likelihood.by_person(self._with_appeal(start), change, people)

    def _with_appeal(self, start: Floats) -> Floats:
        appealing: Floats = start + (self._affinity.quality * self._appeal).astype(np.float32)
        return appealing


def _possible_tastes(records: Records, behaviour: BehaviourConfig) -> list[PossibleTastes]:
    opened: list[Counter[str]] = [Counter() for _ in records.told]
    for person, startup in zip(records.looks.member.tolist(), records.looks.venture.tolist(), strict=True):
        opened[person][records.ventures[startup].category] += 1
    return [
        PossibleTastes(told, known, looks, behaviour)
        for told, known, looks in zip(records.told, records.known, opened, strict=True)
    ]
