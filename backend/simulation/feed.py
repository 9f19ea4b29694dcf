"""What comes before people's eyes: pages drawn from a mixture of search, what is popular, what is new and chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.config import FeedConfig
from simulation.terms import FloatMatrix

BoolMatrix = npt.NDArray[np.bool_]
IntMatrix = npt.NDArray[np.int64]


def draw_pages(
    logits: FloatMatrix,
    *,
    allowed: BoolMatrix,
    opened_before: BoolMatrix,
    popularity: npt.NDArray[np.float32],
    age_days: npt.NDArray[np.float32],
    config: FeedConfig,
    rng: np.random.Generator,
) -> IntMatrix:
    """Draw one page for each of B visits over S ventures.

    Args:
        logits: [B, S], the visitors' affinities.
        allowed: [B, S], what may be shown at all.
        opened_before: [B, S], what the visitor has opened on an earlier visit.
        popularity: [S], recent positive acts.
        age_days: [S], days since opening.
        config: Shares and sizes.
        rng: Source of chance.

    Returns:
        int64 [B, page], columns in the order shown, -1 where nothing was left.
    """
    weights = (
        config.taste * _shares(np.exp(config.sharpness * (logits - logits.max(axis=1, keepdims=True))), allowed)
        + config.popular * _shares(popularity + 1e-3, allowed)
        + config.newest * _shares(np.exp(-np.maximum(age_days, 0) / config.newest_days) + 1e-6, allowed)
        + config.random * _shares(np.ones_like(popularity), allowed)
    )
    weights = np.where(opened_before, weights * np.float32(config.seen_again), weights)
    return _draw_without_replacement(weights, min(config.page, logits.shape[1]), rng)


def _shares(weights: npt.NDArray[np.floating[Any]], allowed: BoolMatrix) -> FloatMatrix:
    """Weights as shares of 1 over what is allowed in each row."""
    kept = np.where(allowed, weights, np.float32(0))
    shares: FloatMatrix = kept / np.maximum(kept.sum(axis=1, keepdims=True), np.float32(1e-30))
    return shares


def _draw_without_replacement(weights: FloatMatrix, count: int, rng: np.random.Generator) -> IntMatrix:
    """Exponential races: the first `count` arrivals of clocks that tick at `weights` (Efraimidis & Spirakis 2006)."""
    waits = rng.standard_exponential(weights.shape, dtype=np.float32)
    arrivals = np.divide(waits, weights, out=np.full_like(waits, np.inf), where=weights > 0)
    first = np.argpartition(arrivals, count - 1, axis=1)[:, :count]
    times = np.take_along_axis(arrivals, first, axis=1)
    order = np.argsort(times, axis=1, kind="stable")
    columns = np.take_along_axis(first, order, axis=1)
    return np.where(np.isfinite(np.take_along_axis(times, order, axis=1)), columns, -1)
