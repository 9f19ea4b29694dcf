"""What the simulation promises, checked on a whole small platform."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from accounts.models import Role
from contracts.interactions import InteractionType
from imports.progress import SilentProgress
from simulation.acts import KINDS, NOTHING, Acts
from simulation.config import SimulationConfig
from simulation.platform import SimulatedPlatform, simulate
from simulation.population import NOBODY

_DAY = 86_400 * 1_000_000


def of_kind(acts: Acts, *kinds: InteractionType) -> Acts:
    own = acts.undoes == NOTHING
    return acts.take(own & np.isin(acts.kind, [KINDS.index(kind) for kind in kinds]))


def pages(acts: Acts) -> set[tuple[int, int]]:
    return set(zip(acts.visit.tolist(), acts.venture.tolist(), strict=True))


def test_the_same_seed_gives_the_same_platform(platform: SimulatedPlatform, config: SimulationConfig) -> None:
    again = simulate(config, SilentProgress())
    assert again.population.members == platform.population.members
    assert again.population.ventures == platform.population.ventures
    for name in ("member", "venture", "kind", "time", "visit", "place", "undoes"):
        np.testing.assert_array_equal(getattr(again.acts, name), getattr(platform.acts, name))


def test_another_seed_gives_another_platform(platform: SimulatedPlatform, config: SimulationConfig) -> None:
    other = simulate(replace(config, seed=4), SilentProgress())
    assert other.population.members != platform.population.members
    assert len(other.acts) != len(platform.acts)


def test_more_startups_leave_the_members_as_they_are(platform: SimulatedPlatform, config: SimulationConfig) -> None:
    other = simulate(replace(config, startups=80, days=60), SilentProgress())
    assert other.population.members == platform.population.members
    assert other.population.ventures[:60] == platform.population.ventures


def test_acts_lie_within_the_days_in_order(platform: SimulatedPlatform) -> None:
    time = platform.acts.time
    assert time.min() >= 0
    assert time.max() < platform.config.days * _DAY
    assert (np.diff(time) >= 0).all()


def test_nobody_acts_before_joining_or_on_what_is_not_open(platform: SimulatedPlatform) -> None:
    acts, population = platform.acts, platform.population
    own = acts.take(acts.undoes == NOTHING)
    day = own.time / _DAY
    assert (day >= np.array([member.joined_day for member in population.members])[own.member]).all()
    assert (day >= np.array([venture.opened_day for venture in population.ventures])[own.venture]).all()
    assert (day <= np.array([venture.closed_day for venture in population.ventures])[own.venture]).all()


def test_nobody_acts_on_their_own_startup(platform: SimulatedPlatform) -> None:
    owners = platform.population.owners
    assert (owners != NOBODY).any()
    assert (owners[platform.acts.venture] != platform.acts.member).all()


def test_owners_are_entrepreneurs_who_had_joined(platform: SimulatedPlatform) -> None:
    for owner, venture in zip(platform.population.owners.tolist(), platform.population.ventures, strict=True):
        if owner != NOBODY:
            member = platform.population.members[owner]
            assert member.role is Role.ENTREPRENEUR
            assert member.joined_day <= venture.opened_day


def test_each_step_of_the_funnel_follows_the_one_before(platform: SimulatedPlatform) -> None:
    viewed, clicked, disliked = (
        pages(of_kind(platform.acts, kind))
        for kind in (InteractionType.VIEW, InteractionType.CLICK, InteractionType.DISLIKE)
    )
    later = (InteractionType.LIKE, InteractionType.FAVORITE, InteractionType.APPLY, InteractionType.INTEREST)
    assert clicked < viewed
    assert disliked < viewed - clicked
    assert pages(of_kind(platform.acts, *later)) < clicked


def test_who_has_decided_is_not_shown_it_again(platform: SimulatedPlatform) -> None:
    acts = platform.acts
    final = of_kind(acts, InteractionType.APPLY, InteractionType.INTEREST, InteractionType.DISLIKE)
    decided = dict(zip(zip(final.member.tolist(), final.venture.tolist(), strict=True), final.time, strict=True))
    assert len(decided) == len(final), "each pair is decided at most once"
    views = of_kind(acts, InteractionType.VIEW)
    for member, venture, time in zip(views.member.tolist(), views.venture.tolist(), views.time, strict=True):
        assert time <= decided.get((member, venture), time)


def test_students_apply_and_the_others_state_interest(platform: SimulatedPlatform) -> None:
    is_student = np.array([member.role is Role.STUDENT for member in platform.population.members])
    assert is_student[of_kind(platform.acts, InteractionType.APPLY).member].all()
    assert not is_student[of_kind(platform.acts, InteractionType.INTEREST).member].any()


def test_undoings_name_an_earlier_like_or_favorite(platform: SimulatedPlatform) -> None:
    acts = platform.acts
    rows = np.flatnonzero(acts.undoes != NOTHING)
    assert len(rows)
    undone = acts.undoes[rows]
    assert (acts.undoes[undone] == NOTHING).all()
    assert len(np.unique(undone)) == len(undone)
    for name in ("member", "venture", "kind"):
        np.testing.assert_array_equal(getattr(acts, name)[undone], getattr(acts, name)[rows])
    assert (acts.time[undone] < acts.time[rows]).all()
    assert {KINDS[kind] for kind in acts.kind[rows].tolist()} <= {InteractionType.LIKE, InteractionType.FAVORITE}


def test_some_clicks_are_recorded_twice(platform: SimulatedPlatform) -> None:
    clicks = of_kind(platform.acts, InteractionType.CLICK)
    assert len(pages(clicks)) < len(clicks)


def test_silent_members_do_nothing(platform: SimulatedPlatform) -> None:
    visits = np.array([member.visits_per_day for member in platform.population.members])
    assert (visits == 0).any()
    assert (visits[platform.acts.member] > 0).all()


@pytest.mark.slow
def test_people_look_less_at_later_places() -> None:
    """A page of equals: how often a place is opened falls like its number to minus the decay."""
    config = SimulationConfig(users=2000, startups=300, days=40, seed=5)
    flat = replace(
        config.behaviour,
        feed=replace(config.behaviour.feed, taste=0.0, popular=0.0, newest=0.0, random=1.0, position_decay=0.5),
    )
    views = of_kind(simulate(replace(config, behaviour=flat), SilentProgress()).acts, InteractionType.VIEW)
    opened = np.bincount(views.place, minlength=11)[1:]
    assert opened[8] / opened[0] == pytest.approx(9**-0.5, rel=0.1)
