"""Affinities as sums of matches, added up by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.affinity import AffinityModel
from simulation.config import AffinityConfig
from simulation.members import Member
from simulation.platform import SimulatedPlatform
from simulation.ventures import Venture


def by_hand(member: Member, venture: Venture, config: AffinityConfig, *, later: bool) -> float:
    wanted = member.strengths(member.later_interests if later else member.interests)
    matches = sum(
        float(getattr(config, group)) * wanted.get((group, term), 0.0) * strength
        for (group, term), strength in venture.strengths.items()
    )
    return config.intercept + config.quality * venture.quality + matches


@pytest.mark.parametrize("later", [False, True])
def test_affinity_is_the_sum_of_matches(platform: SimulatedPlatform, later: bool) -> None:
    config = AffinityConfig(residual=0.0)
    model = AffinityModel(platform.population, config, days=60, rng=np.random.default_rng(0))
    logits = model.logits(np.arange(120), 60.0 if later else 0.0)
    for row, column in ((0, 0), (5, 17), (119, 59)):
        member, venture = platform.population.members[row], platform.population.ventures[column]
        assert logits[row, column] == pytest.approx(by_hand(member, venture, config, later=later), abs=1e-4)


def test_tastes_move_evenly_and_only_for_those_who_drift(platform: SimulatedPlatform) -> None:
    start, middle, end = (platform.affinity.logits(np.arange(120), day) for day in (0.0, 30.0, 60.0))
    np.testing.assert_allclose(middle, (start + end) / 2, atol=1e-4)
    moved = np.abs(end - start).max(axis=1) > 1e-4
    drifts = [member.interests != member.later_interests for member in platform.population.members]
    np.testing.assert_array_equal(moved, drifts)


def test_the_residual_has_the_stated_spread(platform: SimulatedPlatform) -> None:
    plain, hidden = (
        AffinityModel(platform.population, AffinityConfig(residual=spread), days=60, rng=np.random.default_rng(1))
        for spread in (0.0, 0.5)
    )
    residual = hidden.logits(np.arange(120), 0.0) - plain.logits(np.arange(120), 0.0)
    assert residual.std() == pytest.approx(0.5, rel=0.15)
    assert abs(residual.mean()) < 0.1
