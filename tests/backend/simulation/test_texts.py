from __future__ import annotations

from collections import Counter

import numpy as np

from contracts.taxonomy import CATEGORIES
from contracts.terms import label_of
from simulation.names import startup_names
from simulation.onboarding import Choices, draw_choices
from simulation.platform import SimulatedPlatform
from simulation.texts import member_bio, venture_description
from startups.models import StartupType


def test_a_description_tells_field_tags_and_city(platform: SimulatedPlatform) -> None:
    rng = np.random.default_rng(0)
    for venture in platform.population.ventures:
        text = venture_description("Pinegrid", venture, rng)
        assert "Pinegrid" in text
        assert label_of(venture.field) in text
        assert all(label_of(tag) in text for tag in venture.tags)
        assert venture.place.city in text
        if venture.kind is StartupType.COLLABORATION:
            assert all(position.title.lower() in text for position in venture.positions)
        assert "{" not in text


def test_descriptions_vary(platform: SimulatedPlatform) -> None:
    rng = np.random.default_rng(0)
    venture = platform.population.ventures[0]
    assert len({venture_description("Pinegrid", venture, rng) for _ in range(50)}) > 40


def test_a_bio_tells_categories_and_city(platform: SimulatedPlatform) -> None:
    rng = np.random.default_rng(0)
    for member in platform.population.members:
        bio = member_bio(member, rng)
        assert member.place.city in bio
        assert all(label_of(interest.category) in bio for interest in member.interests)
        assert "{" not in bio


def test_onboarding_is_a_noisy_view_of_taste(platform: SimulatedPlatform) -> None:
    rng = np.random.default_rng(0)
    outcomes: Counter[str] = Counter()
    for _ in range(20):
        for member in platform.population.members:
            choices = draw_choices(member, rng)
            true = {interest.category for interest in member.interests}
            outcomes["skipped"] += choices == Choices()
            outcomes["told"] += len(true & set(choices.categories))
            outcomes["true"] += len(true)
            outcomes["spurious"] += bool(set(choices.categories) - true)
            assert len(set(choices.categories)) == len(choices.categories)
            assert set(choices.categories) <= set(CATEGORIES)
    people = 20 * len(platform.population.members)
    assert 0.03 < outcomes["skipped"] / people < 0.07
    assert 0.8 < outcomes["told"] / outcomes["true"] < 0.95
    assert 0.05 < outcomes["spurious"] / people < 0.12


def test_startup_names_are_distinct() -> None:
    names = startup_names(3000, np.random.default_rng(0))
    assert len(set(names)) == 3000
