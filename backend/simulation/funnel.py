"""From being shown to applying: how far people go, as probabilities and as draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from contracts.interactions import LABELS, InteractionType
from simulation.config import FunnelConfig
from simulation.feed import BoolMatrix
from simulation.terms import FloatMatrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepProbabilities:
    """The chance of each step, given the one before it; every matrix has the shape of the logits.

    Attributes:
        view: Given that the person looks at it.
        click: Given the view.
        like: Given the click; so are `favorite` and `act` (applying or stating interest), independently.
        dislike: Given a view without a click.
    """

    view: FloatMatrix
    click: FloatMatrix
    like: FloatMatrix
    favorite: FloatMatrix
    act: FloatMatrix
    dislike: FloatMatrix


def step_probabilities(logits: FloatMatrix, config: FunnelConfig) -> StepProbabilities:
    """The chance of each step at these affinities."""
    return StepProbabilities(
        view=_logistic(logits + np.float32(config.view)),
        click=_logistic(logits + np.float32(config.click)),
        like=_logistic(logits + np.float32(config.like)),
        favorite=_logistic(logits + np.float32(config.favorite)),
        act=_logistic(logits + np.float32(config.act)),
        dislike=_logistic(np.float32(config.dislike) - logits),
    )


def click_probability(steps: StepProbabilities) -> FloatMatrix:
    """The chance of a click or more, given that the person looks at it."""
    return steps.view * steps.click


def expected_label(steps: StepProbabilities) -> FloatMatrix:
    """The mean training label of what a person does, given that they look at it; 0 for nothing and for a dislike."""
    after_click = (
        steps.act * _label(InteractionType.APPLY)
        + (1 - steps.act) * steps.favorite * _label(InteractionType.FAVORITE)
        + (1 - steps.act) * (1 - steps.favorite) * steps.like * _label(InteractionType.LIKE)
        + (1 - steps.act) * (1 - steps.favorite) * (1 - steps.like) * _label(InteractionType.CLICK)
    )
    only_view = (1 - steps.click) * (1 - steps.dislike) * _label(InteractionType.VIEW)
    expected: FloatMatrix = steps.view * (steps.click * after_click + only_view)
    return expected


def draw_steps(
    steps: StepProbabilities, looked_at: BoolMatrix, rng: np.random.Generator
) -> Mapping[InteractionType, BoolMatrix]:
    """What people do with what they look at; `APPLY` stands for applying and for stating interest."""
    view = looked_at & _happens(steps.view, rng)
    click = view & _happens(steps.click, rng)
    return {
        InteractionType.VIEW: view,
        InteractionType.CLICK: click,
        InteractionType.LIKE: click & _happens(steps.like, rng),
        InteractionType.FAVORITE: click & _happens(steps.favorite, rng),
        InteractionType.APPLY: click & _happens(steps.act, rng),
        InteractionType.DISLIKE: view & ~click & _happens(steps.dislike, rng),
    }


def draw_looks(shape: tuple[int, int], decay: float, rng: np.random.Generator) -> BoolMatrix:
    """Which places of a page people look at: place k with probability k to minus `decay`."""
    places = np.arange(1, shape[1] + 1, dtype=np.float32)
    looks: BoolMatrix = rng.random(shape, dtype=np.float32) < places ** np.float32(-decay)
    return looks


def _happens(probability: FloatMatrix, rng: np.random.Generator) -> BoolMatrix:
    happens: BoolMatrix = rng.random(probability.shape, dtype=np.float32) < probability
    return happens


def _label(kind: InteractionType) -> np.float32:
    return np.float32(LABELS[kind])


def _logistic(logits: FloatMatrix) -> FloatMatrix:
    one = np.float32(1)
    return one / (one + np.exp(-logits))
