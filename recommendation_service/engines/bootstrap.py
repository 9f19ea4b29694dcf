"""Paired bootstrap over users: intervals for means and for differences of means (Efron & Tibshirani 1993, ch. 13).

Every column is resampled with the same users, so the difference of two engines is compared user by user.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

_CELLS_PER_CHUNK = 4_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean with its percentile interval, NaN-free; without users all three are 0."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of 0: a difference that chance does not explain."""
        return self.low > 0 or self.high < 0


def resampled_means(values: Values, *, resamples: int, rng: np.random.Generator) -> Values:
    """Means of every column over users drawn with replacement.

    Args:
        values: float64 [U, M], one row per user.
        resamples: R draws of U users.
        rng: Source of randomness.

    Returns:
        float64 [R, M].
    """
    users = len(values)
    if not users:
        return np.zeros((resamples, values.shape[1]))
    chunk = max(1, _CELLS_PER_CHUNK // users)
    parts = []
    for start in range(0, resamples, chunk):
        draws = min(chunk, resamples - start)
        counts = _user_counts(users, draws, rng)
        parts.append(counts @ values / users)
    return np.concatenate(parts)


def _user_counts(users: int, draws: int, rng: np.random.Generator) -> Values:
    """How often each user falls into each draw: float64 [draws, users]."""
    drawn = rng.integers(users, size=(draws, users)) + users * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * users).reshape(draws, users).astype(np.float64)


def intervals(values: Values, means: Values, *, confidence: float = 0.95) -> list[Interval]:
    """The interval of each column.

    Args:
        values: float64 [U, M], the per-user values themselves.
        means: float64 [R, M] from `resampled_means(values)`.
        confidence: Share of the resampled means inside the interval.
    """
    if not len(values):
        return [Interval(mean=0.0, low=0.0, high=0.0)] * values.shape[1]
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail], axis=0)
    return [
        Interval(mean=float(mean), low=float(bottom), high=float(top))
        for mean, bottom, top in zip(values.mean(axis=0), low, high, strict=True)
    ]
