"""Visits by hand; slopes against differences."""

from __future__ import annotations

from dataclasses import replace
from math import exp, log

import numpy as np
import pytest
from reader.exposure import Exposure, reconstruct
from reader.likelihood import Likelihood

from simulation.config import BehaviourConfig, FeedConfig
from tests.benchmarks.reader.small_platform import looks, records_of

BY_CHANCE = BehaviourConfig(feed=FeedConfig(page=1, taste=0.0, popular=0.0, newest=0.0, random=1.0, position_decay=0.0))
"""A page has one place, filled at random and always looked at."""
EVERYBODY = np.array([True, True])


def sigmoid(logit: float) -> float:
    return 1 / (1 + exp(-logit))


def likelihood(seen, exposure: Exposure, behaviour: BehaviourConfig) -> Likelihood:  # type: ignore[no-untyped-def]
    return Likelihood(seen, exposure, behaviour, days=10)


def test_one_visit_by_hand() -> None:
    seen = looks((0, 0, 5, 0), click=[0], like=[0])
    exposure = Exposure(
        member=np.array([0]),
        day=np.array([5]),
        weight=np.ones((1, 2), dtype=np.float32),
        others=np.full((6, 2), 0.5, dtype=np.float32),
        look_visit=np.array([0]),
    )
    start, change = np.array([[0.2, -0.4], [9.0, 9.0]], dtype=np.float32), np.array([[0.6, 0.0], [0, 0]], np.float32)
    found = likelihood(seen, exposure, BY_CHANCE).by_person(start, change, EVERYBODY)
    logit = 0.2 + 0.5 * 0.6  # half-way through
    shown = 1 - exp(-0.5 * (1 + 0.5 * 0.5))  # two equal shares, drawn until the page is full
    this, other = shown * sigmoid(logit + 0.5), shown * sigmoid(-0.4 + 0.5)
    opened = log(this * (1 - other) / (1 - (1 - this) * (1 - other)))  # it alone, given that something was
    after = (
        log(sigmoid(logit)) + log(sigmoid(logit - 2.2)) + log(1 - sigmoid(logit - 3.2)) + log(1 - sigmoid(logit - 3))
    )
    assert found[0] == pytest.approx(opened + after, rel=1e-5)
    assert found[1] == 0.0


def test_a_look_without_a_click_may_end_in_a_dislike() -> None:
    """What was opened is equally likely; only what followed differs."""
    start, change = np.array([[0.3, 0.1], [0.0, 0.0]], dtype=np.float32), np.zeros((2, 2), dtype=np.float32)
    figures = []
    for dislike in ([], [0]):
        seen = looks((0, 0, 0, 0), dislike=dislike)
        exposure = reconstruct(records_of(seen, opened_days=[-9.0, -9.0], owners=[-1, -1]), BY_CHANCE.feed)
        figures.append(likelihood(seen, exposure, BY_CHANCE).by_person(start, change, EVERYBODY)[0])
    disliked = sigmoid(-4 - 0.3)
    assert figures[1] - figures[0] == pytest.approx(log(disliked / (1 - disliked)), rel=1e-4)


def test_taste_makes_what_was_opened_likelier() -> None:
    seen = looks((0, 0, 0, 0), (0, 0, 1, 1), click=[0, 1])
    exposure = reconstruct(records_of(seen, opened_days=[-9.0] * 3, owners=[-1] * 3), FeedConfig())
    judge = likelihood(seen, exposure, BehaviourConfig())
    change = np.zeros((2, 3), dtype=np.float32)
    drawn_to_it, drawn_to_another = np.full((2, 3), -3.0, np.float32), np.full((2, 3), -3.0, np.float32)
    drawn_to_it[0, 0] = drawn_to_another[0, 1] = 1.0
    assert (
        judge.by_person(drawn_to_it, change, EVERYBODY)[0] > judge.by_person(drawn_to_another, change, EVERYBODY)[0] + 2
    )


def test_only_those_asked_about_are_judged() -> None:
    seen = looks((0, 0, 0, 0), (1, 1, 0, 1))
    exposure = reconstruct(records_of(seen, opened_days=[-9.0] * 2, owners=[-1] * 2), FeedConfig())
    judge = likelihood(seen, exposure, BehaviourConfig())
    start, change = np.zeros((2, 2), dtype=np.float32), np.zeros((2, 2), dtype=np.float32)
    both = judge.by_person(start, change, EVERYBODY)
    second = judge.by_person(start, change, np.array([False, True]))
    assert second[0] == 0.0
    assert second[1] == both[1] != 0.0


def test_slopes_are_those_of_the_likelihood_where_pages_do_not_follow_taste() -> None:
    rng = np.random.default_rng(0)
    seen = looks((0, 0, 0, 0), (0, 1, 0, 0), (0, 2, 1, 1), (1, 1, 2, 2), click=[0, 2], like=[2], dislike=[1])
    behaviour = replace(BY_CHANCE, feed=replace(BY_CHANCE.feed, page=2, position_decay=0.3))
    exposure = reconstruct(records_of(seen, opened_days=[-9.0] * 3, owners=[-1] * 3), behaviour.feed)
    judge = likelihood(seen, exposure, behaviour)
    start = rng.normal(size=(2, 3)).astype(np.float32)
    change = rng.normal(size=(2, 3)).astype(np.float32)
    slopes = judge.slopes(start, change)
    for startup in range(3):
        step = np.zeros(3, dtype=np.float32)
        step[startup] = 0.05
        above, below = (judge.by_person(start + shift, change, EVERYBODY).sum() for shift in (step, -step))
        assert slopes.first[startup] == pytest.approx((above - below) / 0.1, rel=2e-2, abs=2e-3)
    assert (slopes.second > 0).all()
