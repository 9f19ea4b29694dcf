"""Scores of different engines made comparable, candidate by candidate of one person, and added."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.types import FloatArray


def standardised(scores: FloatArray, pairs: Pairs) -> FloatArray:
    """float32 [P]: standard deviations above the mean of the person's candidates; what is unknown counts as the mean.

    Args:
        scores: float32 [P]; NaN or -inf where an engine has nothing to say.
        pairs: Whose candidates they are.
    """
    said = np.isfinite(scores)
    known = np.where(said, scores, 0.0).astype(np.float64)
    count = np.maximum(_sums(said.astype(np.float64), pairs), 1.0)
    mean = _sums(known, pairs) / count
    deviation = np.where(said, known - mean[pairs.user], 0.0)
    spread = np.sqrt(_sums(deviation**2, pairs) / count)
    standard: FloatArray = (deviation / np.where(spread > 0, spread, 1.0)[pairs.user]).astype(np.float32)
    return standard


def blended(ranker: FloatArray, votes: list[FloatArray], pairs: Pairs, weight: float) -> FloatArray:
    """float32 [P]: the ranker's standardised scores, and the mean of the votes' with this weight in [0, 1]."""
    voted = np.mean([standardised(vote, pairs) for vote in votes], axis=0)
    total: FloatArray = ((1.0 - weight) * standardised(ranker, pairs) + weight * voted).astype(np.float32)
    return total


def _sums(values: npt.NDArray[np.float64], pairs: Pairs) -> npt.NDArray[np.float64]:
    """float64 [B]: the sum over each person's candidates."""
    return np.bincount(pairs.user, weights=values, minlength=pairs.users).astype(np.float64)
