"""One simulated platform, whole: who is there, what truly draws them, and what they did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from contracts.interactions import InteractionType
from imports.progress import ProgressReporter
from simulation.acts import KINDS, Acts, joined
from simulation.affinity import AffinityModel
from simulation.behaviour import Behaviour
from simulation.config import FunnelConfig, SimulationConfig
from simulation.population import Population, draw_population

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_UNDONE_WITHIN_DAYS = 5
_REPEATABLE = (InteractionType.CLICK,)
_UNDOABLE = (InteractionType.LIKE, InteractionType.FAVORITE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedPlatform:
    """A platform and the truth behind it."""

    config: SimulationConfig
    population: Population
    affinity: AffinityModel
    acts: Acts


def simulate(config: SimulationConfig, progress: ProgressReporter) -> SimulatedPlatform:
    """Simulate a platform; equal configurations give equal platforms."""
    for_population, for_affinity, for_days, for_slips = np.random.default_rng(config.seed).spawn(4)
    population = draw_population(config, for_population)
    affinity = AffinityModel(population, config.behaviour.affinity, config.days, for_affinity)
    behaviour = Behaviour(population, affinity, config.behaviour, for_days)
    days = progress.track(range(config.days), description="Simulating days", total=config.days)
    acts = _with_slips([behaviour.day(day) for day in days], config, for_slips)
    return SimulatedPlatform(config=config, population=population, affinity=affinity, acts=acts)


def _with_slips(days: Sequence[Acts], config: SimulationConfig, rng: np.random.Generator) -> Acts:
    """All acts by time, with some clicked twice and some taken back."""
    acts = joined(days)
    acts = joined([acts, _repeats(acts, config.behaviour.funnel, rng)])
    return joined([acts, _undoings(acts, config, rng)]).in_order()


def _repeats(acts: Acts, funnel: FunnelConfig, rng: np.random.Generator) -> Acts:
    repeated = acts.take(_are(acts, _REPEATABLE) & (rng.random(len(acts)) < funnel.repeat))
    return replace(repeated, time=repeated.time + 2 * _SECOND)


def _undoings(acts: Acts, config: SimulationConfig, rng: np.random.Generator) -> Acts:
    rows = np.flatnonzero(_are(acts, _UNDOABLE) & (rng.random(len(acts)) < config.behaviour.funnel.undo))
    undone = acts.take(rows)
    time = undone.time + rng.integers(60 * _SECOND, _UNDONE_WITHIN_DAYS * _DAY, size=len(rows))
    undoings = replace(undone, time=time, undoes=rows)
    return undoings.take(time < config.days * _DAY)


def _are(acts: Acts, kinds: Iterable[InteractionType]) -> npt.NDArray[np.bool_]:
    return np.isin(acts.kind, [KINDS.index(kind) for kind in kinds])
