"""How well a person and a startup suit each other: how high each stands in the other's list."""

from __future__ import annotations

import numpy as np

from recommendation_service.engines.types import BoolArray, FloatArray


def standing(scores: FloatArray, column: int, among: BoolArray) -> FloatArray:
    """float32 [B] in [0, 1]: the share of the others that score no higher than one column; 1.0 where it is alone.

    Args:
        scores: [B, N]; where the one column has no finite score, it stands at 0.
        column: The one.
        among: bool [N], the columns of the list; whether the one is among them does not matter.
    """
    others = among.copy()
    others[column] = False
    own = scores[:, column : column + 1]
    count = np.count_nonzero(others)
    if not count:
        return np.isfinite(own[:, 0]).astype(np.float32)
    above = (scores[:, others] > own).sum(axis=1)
    share: FloatArray = np.where(np.isfinite(own[:, 0]), 1.0 - above / count, 0.0).astype(np.float32)
    return share


def standings(scores: FloatArray, among: FloatArray) -> FloatArray:
    """float32 [C] in [0, 1]: the share of the others in a list [L] that score no higher than each of some of it."""
    if len(among) <= 1:
        return np.ones(len(scores), dtype=np.float32)
    above = len(among) - np.searchsorted(np.sort(among), scores, side="right")
    share: FloatArray = np.clip(1.0 - above / (len(among) - 1), 0.0, 1.0).astype(np.float32)
    return share


def mutual(one: FloatArray, other: FloatArray) -> FloatArray:
    """Harmonic mean, element by element: high only where both are."""
    total = one + other
    mean: FloatArray = np.divide(2 * one * other, total, out=np.zeros_like(total), where=total > 0)
    return mean
