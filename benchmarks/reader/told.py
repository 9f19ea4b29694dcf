"""What a person told, and how likely each possible part of their taste is in its light, before any act is looked at.

Weights follow `simulation.members` (how tastes are drawn) and `simulation.onboarding` (how they are told).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations
from math import comb, prod
from typing import TypeVar

from contracts.taxonomy import CATEGORIES, COMMON_TAGS, STAGES
from reader.bios import Bio
from simulation.draws import falling_weights
from simulation.onboarding import ADDS_A_CATEGORY, TELLS
from simulation.terms import STYLES

Terms = frozenset[str]
Option = TypeVar("Option")
Weighted = tuple[tuple[Option, float], ...]
"""Options with their weights, those that are impossible left out; weights need not add up to 1."""

_COUNTS = {1: 0.25, 2: 0.5, 3: 0.25}
"""How many interests people have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the platform records of a person's taste.

    Attributes:
        bio: What the bio tells, None without one.
        categories: As chosen at onboarding, in order.
        terms: Fields and tags chosen at onboarding.
        stages: Likewise.
    """

    bio: Bio | None
    categories: tuple[str, ...]
    terms: Terms
    stages: Terms

    @property
    def answered(self) -> bool:
        """Whether they went through onboarding; who told nothing at all most likely did not."""
        return bool(self.categories or self.terms or self.stages)


def interest_options(told: Told, category: str, place: int) -> tuple[Weighted[Terms], Weighted[Terms]]:
    """The fields and the tags that the interest in `category` may have, being the person's `place`-th (0 the first)."""
    bio = told.bio if place == 0 else None
    heard = told.terms if told.answered else None
    terms = CATEGORIES[category]
    return (
        _subsets(terms.fields, (1, 2), heard, bio.fields if bio else None, exact=True),
        _subsets(terms.tags, (2, 3), heard, bio.tags if bio else None),
    )


def common_tag_options(told: Told) -> Weighted[Terms]:
    """The shared tags that draw a person."""
    return _subsets(COMMON_TAGS, (2, 3, 4), told.terms if told.answered else None)


def stage_options(told: Told) -> Weighted[tuple[str, ...]]:
    """The two neighbouring stages."""
    pairs = [STAGES[first : first + 2] for first in range(len(STAGES) - 1)]
    return _possible((pair, _told_weight(frozenset(pair), told.stages) if told.answered else 1.0) for pair in pairs)


def style_options(told: Told) -> Weighted[Terms]:
    """One or two styles; the bio names one of them."""
    return _subsets(STYLES, (1, 2), None, frozenset([told.bio.style]) if told.bio else None)


def category_options(told: Told) -> Weighted[tuple[str, ...]]:
    """The categories of all interests, strongest first: what the bio says, or what fits the choices."""
    if told.bio is not None:
        return ((told.bio.categories, 1.0),)
    needed = {category for category, terms in CATEGORIES.items() if told.terms & {*terms.fields, *terms.tags}}
    chosen = [option for count in _COUNTS for option in permutations(CATEGORIES, count) if needed <= set(option)]
    return _possible((option, _category_weight(option, told)) for option in chosen)


def _category_weight(categories: tuple[str, ...], told: Told) -> float:
    weight = _drawing_weight(categories)
    if not told.answered:
        return weight
    weight *= choosing_weight(categories, told.categories)
    if weight == 0.0:
        return weight
    return weight * prod(
        sum(part for _, part in options)
        for place, category in enumerate(categories)
        for options in interest_options(told, category, place)
    )


def _drawing_weight(categories: tuple[str, ...]) -> float:
    """The chance that these are drawn in this order, common ones more often."""
    common = dict(zip(CATEGORIES, falling_weights(len(CATEGORIES), 0.4), strict=True))
    left, chance = sum(common.values()), _COUNTS[len(categories)]
    for category in categories:
        chance *= common[category] / left
        left -= common[category]
    return chance


def choosing_weight(categories: tuple[str, ...], chosen: Sequence[str]) -> float:
    """The chance that who is drawn to `categories` chose these: each with TELLS, and sometimes one more at the end."""
    alone = (1 - ADDS_A_CATEGORY) + ADDS_A_CATEGORY * len(chosen) / len(CATEGORIES)
    weight = alone * _kept_weight(categories, chosen)
    if chosen:
        weight += ADDS_A_CATEGORY / len(CATEGORIES) * _kept_weight(categories, chosen[:-1])
    return weight


def _kept_weight(categories: tuple[str, ...], kept: Sequence[str]) -> float:
    if [category for category in categories if category in kept] != list(kept):
        return 0.0
    return _told_weight(frozenset(categories), frozenset(kept))


def _told_weight(true: Terms, told: Terms) -> float:
    """The chance that of the true terms exactly these were told."""
    return TELLS ** len(told) * (1 - TELLS) ** len(true - told) if told <= true else 0.0


@cache
def _subsets_of(terms: tuple[str, ...], sizes: tuple[int, ...]) -> Weighted[Terms]:
    """Every set of one of the sizes: sizes are equally likely, and so are sets of one size."""
    chances = {size: 1 / (len(sizes) * comb(len(terms), size)) for size in sizes}
    return tuple((frozenset(chosen), chances[size]) for size in sizes for chosen in combinations(terms, size))


def _subsets(
    terms: tuple[str, ...],
    sizes: tuple[int, ...],
    heard: Terms | None,
    certain: Terms | None = None,
    *,
    exact: bool = False,
) -> Weighted[Terms]:
    """The sets of terms that may be true.

    Args:
        terms: To choose from.
        sizes: Of the sets.
        heard: What was told at onboarding, of these terms and others; None where nothing was asked.
        certain: What the bio tells of them.
        exact: Whether the bio tells all.
    """
    told = None if heard is None else heard & frozenset(terms)
    return _possible(
        (option, chance * (1.0 if told is None else _told_weight(option, told)))
        for option, chance in _subsets_of(terms, sizes)
        if certain is None or (option == certain if exact else certain <= option)
    )


def _possible(weighted: Iterable[tuple[Option, float]]) -> Weighted[Option]:
    return tuple((option, weight) for option, weight in weighted if weight > 0)
