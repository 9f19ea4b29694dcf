"""What draws whom to what: the logit of every member and venture at any day, as a product of matrices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.config import AffinityConfig
from simulation.population import Population
from simulation.terms import TERMS, FloatMatrix, strengths_matrix

_RESIDUAL_DIM = 8
"""Taste that no attribute explains has this many hidden dimensions, so that other people's acts can reveal it."""


class AffinityModel:
    """The truth about tastes.

    Shapes: U members, S ventures, D terms plus hidden dimensions plus one column for quality.
    """

    def __init__(self, population: Population, config: AffinityConfig, days: int, rng: np.random.Generator) -> None:
        weights = np.array([getattr(config, group) for group, _ in TERMS], dtype=np.float32)
        members, ventures = population.members, population.ventures
        hidden_members, hidden_ventures = _hidden(len(members), len(ventures), config.residual, rng)
        start = strengths_matrix([member.strengths(member.interests) for member in members]) * weights
        end = strengths_matrix([member.strengths(member.later_interests) for member in members]) * weights
        quality = np.array([[venture.quality * config.quality] for venture in ventures], dtype=np.float32)
        ones = np.ones((len(members), 1), dtype=np.float32)
        self._intercept = np.float32(config.intercept)
        self._days = days
        self._start = np.hstack([start, hidden_members, ones])
        self._change = np.hstack([end, hidden_members, ones]) - self._start
        self._ventures = np.hstack([strengths_matrix([v.strengths for v in ventures]), hidden_ventures, quality]).T

    def logits(self, members: npt.NDArray[np.int64], day: float) -> FloatMatrix:
        """float32 [len(members), S] at `day`, counted from the first day."""
        progress = np.float32(min(max(day / self._days, 0.0), 1.0))
        tastes = self._start[members] + progress * self._change[members]
        logits: FloatMatrix = tastes @ self._ventures + self._intercept
        return logits


def _hidden(members: int, ventures: int, spread: float, rng: np.random.Generator) -> tuple[FloatMatrix, FloatMatrix]:
    """Hidden vectors whose products have the standard deviation `spread`."""
    scale = np.float32(np.sqrt(spread) / _RESIDUAL_DIM**0.25)
    one = rng.normal(size=(members, _RESIDUAL_DIM)).astype(np.float32) * scale
    other = rng.normal(size=(ventures, _RESIDUAL_DIM)).astype(np.float32) * scale
    return one, other
