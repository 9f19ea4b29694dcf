"""Ranking metrics: one value per user first, aggregates second.

A list is judged by the gain at each of its places (0 where the startup is not relevant) against all that was
relevant to the user. Binary metrics ask only whether a gain is above 0. Definitions follow Järvelin & Kekäläinen
(2002) for NDCG and TREC for the others; every function returns float64 [U] in [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.types import IntArray

Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgedRankings:
    """The lists of U users, K places each, seen through what was relevant to them.

    Attributes:
        gains: float64 [U, K], the gain of the startup at each place; 0 where it was not relevant or the place is empty.
        relevant: int64 [U], how many startups were relevant, at least 1.
        ideal: float64 [U, K], the gains of the best possible list, descending, 0 beyond the last relevant one.
    """

    gains: Values
    relevant: npt.NDArray[np.int64]
    ideal: Values

    @property
    def hits(self) -> Values:
        """float64 [U, K]: 1 where the place holds a relevant startup."""
        return (self.gains > 0).astype(np.float64)


def precision(judged: JudgedRankings, k: int) -> Values:
    """Share of the first k places that are relevant; empty places count as misses."""
    return _total(judged.hits[:, :k]) / k


def recall(judged: JudgedRankings, k: int) -> Values:
    """Share of the relevant startups that are among the first k."""
    return _total(judged.hits[:, :k]) / judged.relevant


def f1(judged: JudgedRankings, k: int) -> Values:
    """Harmonic mean of precision and recall; 0 where both are 0."""
    found = _total(judged.hits[:, :k])
    return 2 * found / (k + judged.relevant)


def hit_rate(judged: JudgedRankings, k: int) -> Values:
    """1 where at least one relevant startup is among the first k."""
    return _highest(judged.hits[:, :k])


def reciprocal_rank(judged: JudgedRankings, k: int) -> Values:
    """1 / place of the first relevant startup; 0 when none is among the first k. Its mean is MRR."""
    return _highest(judged.hits[:, :k] / _places(judged.hits[:, :k]))


def average_precision(judged: JudgedRankings, k: int) -> Values:
    """Precision at each relevant place among the first k, summed and divided by all relevant. Its mean is MAP."""
    hits = judged.hits[:, :k]
    return _total(hits * np.cumsum(hits, axis=1) / _places(hits)) / judged.relevant


def ndcg(judged: JudgedRankings, k: int) -> Values:
    """Discounted gain with binary gains over the ideal of min(k, relevant) hits."""
    ideal = (np.arange(min(k, judged.hits.shape[1])) < judged.relevant[:, None]).astype(np.float64)
    return _discounted(judged.hits[:, :k]) / _discounted(ideal)


def graded_ndcg(judged: JudgedRankings, k: int) -> Values:
    """Discounted gain with the labels as gains (linear, not exponential) over the ideal order of the labels."""
    return _discounted(judged.gains[:, :k]) / _discounted(judged.ideal[:, :k])


def _discounted(gains: Values) -> Values:
    return _total(gains / np.log2(_places(gains) + 1))


def _total(values: Values) -> Values:
    total: Values = values.sum(axis=1)
    return total


def _highest(values: Values) -> Values:
    highest: Values = values.max(axis=1)
    return highest


def _places(values: Values) -> Values:
    return np.arange(1, values.shape[1] + 1, dtype=np.float64)


METRICS: Mapping[str, Callable[[JudgedRankings, int], Values]] = MappingProxyType(
    {
        "ndcg": ndcg,
        "graded_ndcg": graded_ndcg,
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "hit_rate": hit_rate,
        "map": average_precision,
        "mrr": reciprocal_rank,
    }
)
"""Every per-user metric by the name reports use, as in `ndcg@10`."""


def metric_names(ks: Sequence[int]) -> tuple[str, ...]:
    """Names of all metrics at all cut-offs, in the column order of `per_user_values`."""
    return tuple(f"{name}@{k}" for k in ks for name in METRICS)


def per_user_values(judged: JudgedRankings, ks: Sequence[int]) -> Values:
    """Every metric at every cut-off: float64 [U, M], columns as in `metric_names(ks)`.

    Raises:
        ValueError: If the lists are shorter than the largest cut-off (pad them with gain 0), or a cut-off is below 1.
    """
    places = judged.gains.shape[1]
    if not ks or min(ks) < 1 or max(ks) > places:
        raise ValueError(f"cut-offs must lie in 1..{places}, the places that were ranked; got {list(ks)}")
    return np.stack([metric(judged, k) for k in ks for metric in METRICS.values()], axis=1)


def catalogue_coverage(columns: IntArray, catalogue_size: int, k: int) -> float:
    """Share of the catalogue that appears in the first k places of at least one list.

    Args:
        columns: int32 [U, K], -1 where a place is empty.
        catalogue_size: Startups that could have been shown.
        k: Cut-off.
    """
    shown = np.unique(columns[:, :k])
    return int((shown >= 0).sum()) / catalogue_size if catalogue_size else 0.0
