"""Small random choices that members and startups share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")


def choose(items: Sequence[Item], rng: np.random.Generator, weights: Sequence[float] | None = None) -> Item:
    """One item; `weights` need not add up to 1."""
    if weights is None:
        return items[int(rng.integers(len(items)))]
    cumulated = np.cumsum(weights)
    return items[int(np.searchsorted(cumulated, rng.random() * cumulated[-1], side="right"))]


def sample(items: Sequence[Item], count: int, rng: np.random.Generator) -> list[Item]:
    """At most `count` distinct items, in random order."""
    return [items[place] for place in rng.permutation(len(items))[:count].tolist()]


def falling_weights(count: int, power: float) -> list[float]:
    """Weights 1, 2^-power, 3^-power, ...: the few first are common, the others rare."""
    return [float(place) ** -power for place in range(1, count + 1)]
