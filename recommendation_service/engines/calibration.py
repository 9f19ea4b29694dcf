"""Whether a probability means what it says: reliability by bins, expected calibration error, Brier score.

Among the pairs to which a model gives 0.7, labels should average 0.7 (Guo et al. 2017; Brier 1950).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recommendation_service.engines.types import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityBin:
    """The pairs whose probability lies in [low, high); the last bin includes 1.

    Attributes:
        low: Lower edge.
        high: Upper edge.
        count: Pairs in the bin, at least 1.
        probability: Their mean probability.
        label: Their mean label.
    """

    low: float
    high: float
    count: int
    probability: float
    label: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """How far probabilities and labels agree.

    Attributes:
        pairs: How many were looked at.
        probability: Mean probability of all.
        label: Mean label of all.
        ece: Expected calibration error: |mean probability - mean label| of each bin, weighted by its pairs.
        brier: Mean squared difference of probability and label.
        bins: Those that hold a pair, in order.
    """

    pairs: int
    probability: float
    label: float
    ece: float
    brier: float
    bins: tuple[ReliabilityBin, ...]


def reliability(probability: FloatArray, label: FloatArray, *, bins: int = 10) -> Reliability:
    """Compare probabilities with what happened.

    Args:
        probability: float32 [P] in [0, 1].
        label: float32 [P] in [0, 1]; graded labels are taken as the share of a full yes.
        bins: Bins of equal width.

    Raises:
        ValueError: If there is no pair, the lengths differ, or a probability lies outside [0, 1].
    """
    if not len(probability) or len(probability) != len(label):
        raise ValueError(f"reliability needs as many labels as probabilities, got {len(probability)}, {len(label)}")
    if not ((probability >= 0) & (probability <= 1)).all():
        raise ValueError(f"probabilities must lie in [0, 1], got {probability.min()} .. {probability.max()}")
    given, happened = probability.astype(np.float64), label.astype(np.float64)
    place = np.minimum((given * bins).astype(np.int64), bins - 1)
    filled = [_bin(index, bins, given[place == index], happened[place == index]) for index in np.unique(place).tolist()]
    return Reliability(
        pairs=len(given),
        probability=float(given.mean()),
        label=float(happened.mean()),
        ece=sum(found.count * abs(found.probability - found.label) for found in filled) / len(given),
        brier=float(np.square(given - happened).mean()),
        bins=tuple(filled),
    )


def _bin(index: int, bins: int, probability: FloatArray, label: FloatArray) -> ReliabilityBin:
    return ReliabilityBin(
        low=index / bins,
        high=(index + 1) / bins,
        count=len(probability),
        probability=float(probability.mean()),
        label=float(label.mean()),
    )
