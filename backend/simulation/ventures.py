"""Simulated startups and what they truly are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contracts.taxonomy import CATEGORIES, COMMON_TAGS, PLACES, POSITIONS, STAGES, PlaceTerms, PositionTerms
from simulation.config import BehaviourConfig
from simulation.draws import choose, falling_weights, sample
from simulation.terms import STYLES, Strengths
from startups.models import Phase, StartupStatus, StartupType

NEVER = float("inf")
_DAYS_BEFORE_START = 300.0
_LATEST_OPENING = 0.98
_PHASE_STAGES = {
    Phase.IDEA: ("pre-seed",),
    Phase.PROTOTYPE: ("pre-seed", "seed"),
    Phase.LAUNCHED: ("seed", "series-a"),
    Phase.GROWING: ("series-a", "series-b"),
    Phase.ESTABLISHED: ("series-b", "growth"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Venture:
    """A simulated startup.

    Attributes:
        skills: What its positions ask for; a venture for sale or investment asks for none.
        quality: General appeal, in standard deviations.
        opened_day: Days since the first day of behaviour, negative before it.
        closed_day: Likewise; infinite while it is open.
        age_days: Its age when it opened on the platform.
    """

    category: str
    field: str
    tags: tuple[str, ...]
    kind: StartupType
    phase: Phase
    stage: str
    style: str
    place: PlaceTerms
    positions: tuple[PositionTerms, ...]
    skills: tuple[str, ...]
    quality: float
    opened_day: float
    closed_day: float
    age_days: int

    @property
    def strengths(self) -> Strengths:
        """How strongly it carries each term; its skills share a strength of 1."""
        return {
            ("category", self.category): 1.0,
            ("field", self.field): 1.0,
            **{("tag", tag): 1.0 for tag in self.tags},
            ("kind", self.kind.value): 1.0,
            ("stage", self.stage): 1.0,
            **{("skill", skill): 1.0 / len(self.skills) for skill in self.skills},
            ("country", self.place.country): 1.0,
            ("city", self.place.city): 1.0,
            ("style", self.style): 1.0,
        }

    @property
    def status(self) -> StartupStatus:
        """What the platform shows at the end."""
        if self.closed_day == NEVER:
            return StartupStatus.ACTIVE
        return StartupStatus.SOLD if self.kind is StartupType.MARKETPLACE else StartupStatus.CLOSED


def draw_venture(days: int, behaviour: BehaviourConfig, rng: np.random.Generator) -> Venture:
    """Draw one startup; categories and places are skewed, as they are on real platforms."""
    category = choose(tuple(CATEGORIES), rng, falling_weights(len(CATEGORIES), 0.4))
    terms = CATEGORIES[category]
    kind = choose((StartupType.COLLABORATION, StartupType.MARKETPLACE), rng, (0.55, 0.45))
    phase = choose(tuple(Phase), rng, (0.2, 0.3, 0.25, 0.15, 0.1))
    positions = sample(POSITIONS, int(rng.integers(1, 4)), rng) if kind is StartupType.COLLABORATION else []
    opened_day, closed_day = _draw_lifetime(days, behaviour, rng)
    return Venture(
        category=category,
        field=choose(terms.fields, rng, falling_weights(len(terms.fields), 0.5)),
        tags=(*sample(terms.tags, int(rng.integers(2, 4)), rng), *sample(COMMON_TAGS, int(rng.integers(1, 3)), rng)),
        kind=kind,
        phase=phase,
        stage=choose(_PHASE_STAGES[phase], rng),
        style=choose(STYLES, rng),
        place=choose(PLACES, rng, falling_weights(len(PLACES), 0.6)),
        positions=tuple(positions),
        skills=_asked_skills(positions, rng),
        quality=float(rng.normal()),
        opened_day=opened_day,
        closed_day=closed_day,
        age_days=int(rng.integers(30, 365 * (1 + STAGES.index(_PHASE_STAGES[phase][0]) * 2))),
    )


def _asked_skills(positions: list[PositionTerms], rng: np.random.Generator) -> tuple[str, ...]:
    asked = [skill for position in positions for skill in sample(position.skills, 2, rng)]
    return tuple(dict.fromkeys(asked))


def _draw_lifetime(days: int, behaviour: BehaviourConfig, rng: np.random.Generator) -> tuple[float, float]:
    if rng.random() < behaviour.there_at_start:
        opened_day = float(-rng.uniform(0, _DAYS_BEFORE_START))
    else:
        opened_day = float(rng.uniform(0, days * _LATEST_OPENING))
    if rng.random() < behaviour.closing:
        return opened_day, float(rng.uniform(max(opened_day, 0.0), days)) + 1.0
    return opened_day, NEVER
