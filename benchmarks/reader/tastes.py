"""Possible tastes of one person: drawn in the light of what was told, and redrawn part by part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from math import log
from typing import Generic

import numpy as np

from contracts.taxonomy import CATEGORIES
from reader.told import (
    Option,
    Terms,
    Told,
    Weighted,
    category_options,
    common_tag_options,
    interest_options,
    stage_options,
    style_options,
)
from simulation.config import BehaviourConfig
from simulation.draws import choose
from simulation.members import INTEREST_STRENGTHS, Interest, Member, interest_in

Redraw = Callable[[Member, np.random.Generator], Member]
"""Draws one part of a taste anew from its chances given all other parts, acts left aside."""
_DRIFT_SHARE = 0.5
"""Share of redraws that concern what no member tells: whether, and to what, an interest drifts."""

_LOOKS_GUESS = 3.0
"""How much each look at a category adds to the chance that it is offered; without one it is 1."""


class PossibleTastes:
    """Whatever may draw one person, as far as they told."""

    def __init__(self, told: Told, known: Member, opened: Mapping[str, int], behaviour: BehaviourConfig) -> None:
        """Lay out the options.

        Args:
            told: What they told of it.
            known: Role, place and skills, which all are recorded; its other parts do not matter.
            opened: How often they opened startups of a category: where to look for what an interest drifts to.
            behaviour: Holds the share of members that drift.
        """
        self._told, self._known, self._drifting = told, known, behaviour.drifting
        self._guesses = {category: 1.0 + _LOOKS_GUESS * opened.get(category, 0) for category in CATEGORIES}
        self._categories = _Chances(category_options(told))
        self._common_tags = _Chances(common_tag_options(told))
        self._stages = _Chances(stage_options(told))
        self._styles = _Chances(style_options(told))
        self._interests: dict[tuple[str, int], tuple[_Chances[Terms], _Chances[Terms]]] = {}
        self._may_drift = any(len(categories) > 1 for categories in self._categories.options)
        self._drift_redraws: Sequence[Redraw] = (self._redraw_drift, self._redraw_later_terms)
        self._redraws: Sequence[Redraw] = (
            *((self._redraw_interests,) if self._categories.are_open else ()),
            *((self._redraw_common_tags,) if self._common_tags.are_open else ()),
            *((self._redraw_stages,) if self._stages.are_open else ()),
            *((self._redraw_styles,) if self._styles.are_open else ()),
            self._redraw_terms,
        )

    def draw(self, rng: np.random.Generator) -> Member:
        """A taste from its chances in the light of what was told."""
        member = self._known
        for redraw in (self._redraw_interests, self._redraw_common_tags, self._redraw_stages, self._redraw_styles):
            member = redraw(member, rng)
        return member

    def redraw(self, member: Member, rng: np.random.Generator) -> Member:
        """The same taste but for one part, drawn anew; which part does not depend on the taste (detailed balance)."""
        drift = self._may_drift and rng.random() < _DRIFT_SHARE
        return choose(self._drift_redraws if drift else self._redraws, rng)(member, rng)

    def lift(self, member: Member) -> float:
        """How much likelier than by chance a taste is drawn here, as a logarithm: acceptance has to make up for it."""
        if member.later_interests == member.interests:
            return 0.0
        others = self._others(member)
        mean = sum(self._guesses[category] for category in others) / len(others)
        return log(self._guesses[member.later_interests[-1].category] / mean)

    def _redraw_interests(self, member: Member, rng: np.random.Generator) -> Member:
        categories = self._categories.draw(rng)
        interests = tuple(self._interest(category, place, rng) for place, category in enumerate(categories))
        return self._redraw_drift(replace(member, interests=interests), rng)

    def _redraw_terms(self, member: Member, rng: np.random.Generator) -> Member:
        """Fields and tags of one interest."""
        place = int(rng.integers(len(member.interests)))
        old = member.interests
        interests = (*old[:place], self._interest(old[place].category, place, rng), *old[place + 1 :])
        later = (*interests[:-1], member.later_interests[-1]) if member.later_interests != old else interests
        return replace(member, interests=interests, later_interests=later)

    def _redraw_drift(self, member: Member, rng: np.random.Generator) -> Member:
        if len(member.interests) == 1 or rng.random() >= self._drifting:
            return replace(member, later_interests=member.interests)
        others = self._others(member)
        category = choose(others, rng, [self._guesses[other] for other in others])
        later = interest_in(category, member.interests[-1].strength, rng)
        return replace(member, later_interests=(*member.interests[:-1], later))

    def _others(self, member: Member) -> list[str]:
        """The categories that an interest may drift to."""
        held = {interest.category for interest in member.interests}
        return [category for category in CATEGORIES if category not in held]

    def _redraw_later_terms(self, member: Member, rng: np.random.Generator) -> Member:
        """Fields and tags of what an interest drifts to, if one does."""
        if member.later_interests == member.interests:
            return member
        last = member.later_interests[-1]
        later = (*member.later_interests[:-1], interest_in(last.category, last.strength, rng))
        return replace(member, later_interests=later)

    def _redraw_common_tags(self, member: Member, rng: np.random.Generator) -> Member:
        return replace(member, common_tags=tuple(sorted(self._common_tags.draw(rng))))

    def _redraw_stages(self, member: Member, rng: np.random.Generator) -> Member:
        return replace(member, stages=self._stages.draw(rng))

    def _redraw_styles(self, member: Member, rng: np.random.Generator) -> Member:
        return replace(member, styles=tuple(sorted(self._styles.draw(rng))))

    def _interest(self, category: str, place: int, rng: np.random.Generator) -> Interest:
        chances = self._interests.get((category, place))
        if chances is None:
            fields, tags = interest_options(self._told, category, place)
            chances = self._interests[category, place] = (_Chances(fields), _Chances(tags))
        return Interest(
            category=category,
            strength=INTEREST_STRENGTHS[place],
            fields=tuple(sorted(chances[0].draw(rng))),
            tags=tuple(sorted(chances[1].draw(rng))),
        )


class _Chances(Generic[Option]):
    """Options to draw from."""

    def __init__(self, weighted: Weighted[Option]) -> None:
        self.options = [option for option, _ in weighted]
        self._totals = np.fromiter(accumulate(weight for _, weight in weighted), dtype=np.float64)

    @property
    def are_open(self) -> bool:
        """Whether there is a choice."""
        return len(self.options) > 1

    def draw(self, rng: np.random.Generator) -> Option:
        """One of the options, by weight."""
        return self.options[int(np.searchsorted(self._totals, rng.random() * self._totals[-1], side="right"))]
