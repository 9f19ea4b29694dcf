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
    shares = act_shares(acts, half_life_days=half_life_days)
    return {pool: _table(acts, share) for pool, share in zip(POOLS, shares, strict=True)}


def act_shares(acts: ActTable, *, half_life_days: float) -> FloatArray:
    """float32 [5, E]: the weights of `pool_weights`, act by act."""
    weights = _weights(acts, half_life_days)
    shares = np.empty(weights.shape, dtype=np.float32)
    for share, weight in zip(shares, weights, strict=True):
        totals = np.bincount(acts.person, weights=weight, minlength=acts.people)
        share[:] = weight / (totals[acts.person] + 1.0)
    return shares


def _weights(acts: ActTable, half_life_days: float) -> npt.NDArray[np.float64]:
    """float64 [5, E]: how much each act counts in each of POOLS, before a person's acts are set off."""
    label = acts.label.astype(np.float64)
    return np.stack(
        [
            label,
            label * 0.5 ** (acts.age_days / half_life_days),
            acts.label >= np.float32(_STRONG),
            label * (acts.kind == _VIEW),
            label == 0,
        ]
    )


def _table(acts: ActTable, shares: FloatArray) -> csr_matrix:
    table = csr_matrix((shares, np.arange(len(shares)), acts.starts), shape=(acts.people, len(shares)))
    table.eliminate_zeros()
    return table


def gates_of(acts: ActTable) -> FloatArray:
    """float32 [B, 3], for each of GATES: what makes the weights of a person's pools more or less."""
    likes = np.bincount(acts.person[acts.label > 0], minlength=acts.people)
    return np.stack([np.ones(acts.people), np.log1p(likes), likes == 0], axis=1).astype(np.float32)
