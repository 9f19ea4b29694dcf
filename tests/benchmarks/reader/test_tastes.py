from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import exp

import numpy as np
import pytest
from reader.bios import Bio
from reader.tastes import PossibleTastes
from reader.told import Told

from accounts.models import Role
from contracts.taxonomy import CATEGORIES
from simulation.config import BehaviourConfig
from simulation.members import Member, draw_member

TOLD = Told(
    bio=Bio(
        categories=("fintech", "food"),
        fields=frozenset(["payments"]),
        tags=frozenset(["invoicing", "budgeting"]),
        style="frugal",
    ),
    categories=("fintech", "food"),
    terms=frozenset(["payments", "invoicing", "budgeting", "b2b", "b2c", "open-source", "subscription"]),
    stages=frozenset(["seed", "series-a"]),
)


@pytest.fixture
def known() -> Member:
    drawn = draw_member(100, BehaviourConfig(), np.random.default_rng(0))
    return replace(drawn, role=Role.STUDENT, interests=(), later_interests=(), common_tags=(), stages=(), styles=())


def test_every_taste_agrees_with_what_was_told(known: Member) -> None:
    rng = np.random.default_rng(1)
    possible = PossibleTastes(TOLD, known, {}, BehaviourConfig())
    taste = possible.draw(rng)
    for _ in range(200):
        taste = possible.redraw(taste, rng)
        assert [interest.category for interest in taste.interests] == ["fintech", "food"]
        assert [interest.strength for interest in taste.interests] == [1.0, 0.8]
        assert taste.interests[0].fields == ("payments",)
        assert set(taste.common_tags) == {"b2b", "b2c", "open-source", "subscription"}
        assert taste.stages == ("seed", "series-a")
        assert "frugal" in taste.styles
        assert taste.later_interests[0] == taste.interests[0]
        assert (taste.role, taste.place, taste.skills) == (known.role, known.place, known.skills)


def test_where_drift_is_looked_for_does_not_change_how_likely_it_is(known: Member) -> None:
    """Acceptance makes up for the guesses: without acts, an interest drifts as often, and as evenly, as members do."""
    rng = np.random.default_rng(2)
    possible = PossibleTastes(TOLD, known, {"travel": 5}, BehaviourConfig(drifting=0.5))
    taste = possible.draw(rng)
    drifts: Counter[str] = Counter()
    draws = 40_000
    for _ in range(draws):
        offered = possible.redraw(taste, rng)
        if rng.random() < exp(possible.lift(taste) - possible.lift(offered)):
            taste = offered
        if taste.later_interests != taste.interests:
            drifts[taste.later_interests[-1].category] += 1
    assert drifts.total() / draws == pytest.approx(0.5, abs=0.04)
    assert drifts["travel"] / drifts.total() == pytest.approx(1 / (len(CATEGORIES) - 2), abs=0.02)
