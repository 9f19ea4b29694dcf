"""Simulated members: what truly draws them, how that drifts, and what they tell of it at onboarding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accounts.models import Role
from contracts.taxonomy import CATEGORIES, COMMON_TAGS, PLACES, SKILLS, STAGES, PlaceTerms
from simulation.config import BehaviourConfig
from simulation.draws import choose, falling_weights, sample
from simulation.terms import STYLES, Strengths
from startups.models import StartupType

_ROLE_SHARES = {Role.STUDENT: 0.6, Role.INVESTOR: 0.2, Role.ENTREPRENEUR: 0.2}
_KIND_DRAW = {
    Role.STUDENT: {StartupType.COLLABORATION: 1.0, StartupType.MARKETPLACE: -0.5},
    Role.INVESTOR: {StartupType.COLLABORATION: -0.5, StartupType.MARKETPLACE: 1.0},
    Role.ENTREPRENEUR: {StartupType.COLLABORATION: 0.2, StartupType.MARKETPLACE: 0.6},
}
INTEREST_STRENGTHS = (1.0, 0.8, 0.6)
_LATEST_JOINING = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """A category a member is drawn to, with what they like within it."""

    category: str
    strength: float
    fields: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A simulated person.

    Attributes:
        interests: On the first day, strongest first.
        later_interests: On the last day; the taste moves evenly from the former to these.
        skills: What they know and want to use.
        stages: Funding stages they look for.
        joined_day: Days since the first day of behaviour, negative before it.
        visits_per_day: Expected visits; 0 for a member who never acts.
    """

    role: Role
    place: PlaceTerms
    interests: tuple[Interest, ...]
    later_interests: tuple[Interest, ...]
    common_tags: tuple[str, ...]
    stages: tuple[str, ...]
    skills: tuple[str, ...]
    styles: tuple[str, ...]
    joined_day: float
    visits_per_day: float

    def strengths(self, interests: tuple[Interest, ...]) -> Strengths:
        """How strongly each term draws this member while `interests` hold."""
        return {
            **{("category", interest.category): interest.strength for interest in interests},
            **{("field", field): 1.0 for interest in interests for field in interest.fields},
            **{("tag", tag): 1.0 for interest in interests for tag in interest.tags},
            **{("tag", tag): 1.0 for tag in self.common_tags},
            **{("kind", kind.value): draw for kind, draw in _KIND_DRAW[self.role].items()},
            **{("stage", stage): 1.0 for stage in self.stages},
            **{("skill", skill): 2.0 for skill in self.skills if self.role is Role.STUDENT},
            ("country", self.place.country): 1.0,
            ("city", self.place.city): 1.0,
            **{("style", style): 1.0 for style in self.styles},
        }


def draw_member(days: int, behaviour: BehaviourConfig, rng: np.random.Generator) -> Member:
    """Draw one member."""
    count = choose((1, 2, 3), rng, (0.25, 0.5, 0.25))
    interests = _draw_interests(count, rng)
    drifts = len(interests) > 1 and rng.random() < behaviour.drifting
    first_stage = int(rng.integers(len(STAGES) - 1))
    return Member(
        role=choose(tuple(_ROLE_SHARES), rng, tuple(_ROLE_SHARES.values())),
        place=choose(PLACES, rng, falling_weights(len(PLACES), 0.6)),
        interests=interests,
        later_interests=_drifted(interests, rng) if drifts else interests,
        common_tags=tuple(sample(COMMON_TAGS, int(rng.integers(2, 5)), rng)),
        stages=STAGES[first_stage : first_stage + 2],
        skills=tuple(sample(SKILLS, int(rng.integers(3, 7)), rng)),
        styles=tuple(sample(STYLES, int(rng.integers(1, 3)), rng)),
        joined_day=_draw_joining(days, behaviour, rng),
        visits_per_day=_draw_visits(behaviour, rng),
    )


def _draw_interests(count: int, rng: np.random.Generator) -> tuple[Interest, ...]:
    weights = falling_weights(len(CATEGORIES), 0.4)
    chosen: dict[str, None] = {}
    while len(chosen) < count:
        chosen[choose(tuple(CATEGORIES), rng, weights)] = None
    return tuple(
        interest_in(category, strength, rng) for category, strength in zip(chosen, INTEREST_STRENGTHS, strict=False)
    )


def interest_in(category: str, strength: float, rng: np.random.Generator) -> Interest:
    """Draw what somebody likes within a category."""
    terms = CATEGORIES[category]
    return Interest(
        category=category,
        strength=strength,
        fields=tuple(sample(terms.fields, int(rng.integers(1, 3)), rng)),
        tags=tuple(sample(terms.tags, int(rng.integers(2, 4)), rng)),
    )


def _drifted(interests: tuple[Interest, ...], rng: np.random.Generator) -> tuple[Interest, ...]:
    """The weakest interest gives way to another category."""
    held = {interest.category for interest in interests}
    others = [category for category in CATEGORIES if category not in held]
    return (*interests[:-1], interest_in(choose(others, rng), interests[-1].strength, rng))


def _draw_joining(days: int, behaviour: BehaviourConfig, rng: np.random.Generator) -> float:
    if rng.random() < behaviour.members_at_start:
        return float(-rng.uniform(0, 365))
    return float(rng.uniform(0, days * _LATEST_JOINING))


def _draw_visits(behaviour: BehaviourConfig, rng: np.random.Generator) -> float:
    visits = behaviour.visits_per_week / 7.0 * float(np.exp(rng.normal(0.0, behaviour.visits_spread)))
    return 0.0 if rng.random() < behaviour.silent else visits
