"""The stated chances against hand arithmetic, and against what is drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from contracts.interactions import LABELS, InteractionType
from simulation.config import FunnelConfig
from simulation.funnel import click_probability, draw_looks, draw_steps, expected_label, step_probabilities


def logistic(value: float) -> float:
    return 1 / (1 + math.exp(-value))


@pytest.mark.parametrize("logit", [-6.0, 0.0, 2.5])
def test_click_probability_by_hand(logit: float) -> None:
    steps = step_probabilities(np.full((1, 1), logit, dtype=np.float32), FunnelConfig(view=0.5, click=-1.0))
    expected = logistic(logit + 0.5) * logistic(logit - 1.0)
    assert click_probability(steps)[0, 0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("logit", [-2.0, 0.0, 2.0])
def test_stated_chances_are_those_of_the_draws(logit: float) -> None:
    rng = np.random.default_rng(0)
    count = 200_000
    steps = step_probabilities(np.full((1, count), logit, dtype=np.float32), FunnelConfig())
    drawn = draw_steps(steps, np.ones((1, count), dtype=np.bool_), rng)

    labels = np.zeros(count)
    for kind in sorted(drawn, key=lambda kind: LABELS[kind]):
        labels[drawn[kind][0]] = LABELS[kind]
    labels[drawn[InteractionType.DISLIKE][0]] = 0.0

    assert drawn[InteractionType.CLICK].mean() == pytest.approx(click_probability(steps)[0, 0], abs=0.005)
    assert labels.mean() == pytest.approx(expected_label(steps)[0, 0], abs=0.005)


def test_what_is_not_looked_at_leads_to_nothing() -> None:
    steps = step_probabilities(np.full((2, 3), 9.0, dtype=np.float32), FunnelConfig())
    drawn = draw_steps(steps, np.zeros((2, 3), dtype=np.bool_), np.random.default_rng(0))
    assert not any(happened.any() for happened in drawn.values())


def test_expected_label_grows_with_affinity() -> None:
    logits = np.linspace(-8, 8, 200, dtype=np.float32)[None, :]
    assert (np.diff(expected_label(step_probabilities(logits, FunnelConfig()))[0]) > 0).all()


def test_the_first_place_is_always_looked_at() -> None:
    assert draw_looks((500, 10), 0.3, np.random.default_rng(0))[:, 0].all()
