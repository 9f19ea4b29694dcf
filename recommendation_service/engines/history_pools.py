"""How much each act of a person counts in the pools that stand for what they did."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from recommendation_service.engines.act_table import ActTable
from recommendation_service.engines.types import INTERACTION_KINDS, FloatArray

POOLS = ("liked", "recent", "strong", "viewed", "disliked")
_STRONG = 0.8
_VIEW = INTERACTION_KINDS.index("view")


def pool_weights(acts: ActTable, *, half_life_days: float) -> dict[str, csr_matrix]:
    """Pool -> float32 [B, E], each person's acts weighted so that they add up to a little less than 1.

    `liked` counts labels, `recent` lets them fade, `strong` takes likes and more, `viewed` views only, `disliked`
    dislikes. A pool of few acts adds up to less: n acts of full weight to n / (n + 1).

    Args:
        acts: E acts of B people.
        half_life_days: After so many days a label counts half in `recent`.
    """
    weights = weigh_acts(acts.label, acts.kind, acts.age_days, half_life_days=half_life_days)
    return {pool: _shares(acts, weight) for pool, weight in zip(POOLS, weights, strict=True)}


def weigh_acts(
    labels: FloatArray, kinds: npt.NDArray[np.int8], age_days: npt.NDArray[np.float64], *, half_life_days: float
) -> npt.NDArray[np.float64]:
    """float64 [5, E]: how much each act counts in each of POOLS, before a person's acts are set off."""
    label = labels.astype(np.float64)
    return np.stack(
        [
            label,
            label * 0.5 ** (age_days / half_life_days),
            (labels >= np.float32(_STRONG)).astype(np.float64),
            label * (kinds == _VIEW),
            (label == 0).astype(np.float64),
        ]
    )


def _shares(acts: ActTable, weights: npt.NDArray[np.float64]) -> csr_matrix:
    totals = np.bincount(acts.person, weights=weights, minlength=acts.people)
    shares = (weights / (totals[acts.person] + 1.0)).astype(np.float32)
    starts = np.searchsorted(acts.person, np.arange(acts.people + 1))
    table = csr_matrix((shares, np.arange(len(shares)), starts), shape=(acts.people, len(shares)))
    table.eliminate_zeros()
    return table
