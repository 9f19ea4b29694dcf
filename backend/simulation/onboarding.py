"""What a member chooses at onboarding: a noisy view of their taste."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from contracts.taxonomy import CATEGORIES
from simulation.draws import choose
from simulation.members import Member

_SKIPS_ONBOARDING = 0.05
TELLS = 0.93
ADDS_A_CATEGORY = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The chosen terms; all empty for a member who skipped onboarding."""

    categories: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    skills: list[str] = field(default_factory=list)


def draw_choices(member: Member, rng: np.random.Generator) -> Choices:
    """Each true term is told with probability 0.93; some members add a category that does not draw them."""
    if rng.random() < _SKIPS_ONBOARDING:
        return Choices()
    categories = _told((interest.category for interest in member.interests), rng)
    if rng.random() < ADDS_A_CATEGORY:
        categories.append(choose(tuple(CATEGORIES), rng))
    tags = [*member.common_tags, *(tag for interest in member.interests for tag in interest.tags)]
    return Choices(
        categories=list(dict.fromkeys(categories)),
        fields=_told((term for interest in member.interests for term in interest.fields), rng),
        tags=_told(tags, rng),
        stages=_told(member.stages, rng),
        skills=_told(member.skills, rng),
    )


def _told(terms: Iterable[str], rng: np.random.Generator) -> list[str]:
    return [term for term in terms if rng.random() < TELLS]
