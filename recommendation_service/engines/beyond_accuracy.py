"""What lists are like apart from being right: how new, how varied, and how evenly they share out attention.

Novelty and diversity are per user (Vargas & Castells 2011); Gini index and exposure shares are of all lists together.
Empty places (-1) count nowhere.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from recommendation_service.engines.types import BoolArray, IntArray

Values = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def self_information(actors: Counts, people: int) -> Values:
    """Surprise of meeting each startup, in bits: -log2 of the smoothed share of people who acted on it before.

    Args:
        actors: int64 [N], people who acted on each startup.
        people: All people who acted on anything.

    Returns:
        float64 [N], -log2((actors + 1) / (people + 1)): 0 for what everybody knows.
    """
    information: Values = np.log2(people + 1) - np.log2(actors + 1)
    return information


def novelty(columns: IntArray, information: Values, k: int) -> Values:
    """Mean self-information of the first k startups of each list: float64 [U], 0 for an empty list.

    Args:
        columns: int32 [U, K], -1 where a place is empty.
        information: float64 [N] from `self_information`.
        k: Cut-off.
    """
    first = columns[:, :k]
    shown = first >= 0
    total = np.where(shown, information[np.maximum(first, 0)], 0.0).sum(axis=1)
    mean: Values = total / np.maximum(shown.sum(axis=1), 1)
    return mean


def diversity(columns: IntArray, features: csr_matrix, k: int) -> Values:
    """Mean distance 1 - cosine over all pairs of the first k startups of each list (Ziegler et al. 2005).

    Args:
        columns: int32 [U, K], -1 where a place is empty.
        features: [N, V], rows of length 1.
        k: Cut-off.

    Returns:
        float64 [U]; 0 for a list of fewer than two.
    """
    rows, places = np.nonzero(columns[:, :k] >= 0)
    chosen = columns[rows, places]
    lists = csr_matrix((np.ones(len(rows)), (rows, chosen)), shape=(len(columns), features.shape[0]))
    sums = lists @ features
    squared_length = np.asarray(sums.multiply(sums).sum(axis=1)).ravel()
    shown = np.bincount(rows, minlength=len(columns))
    # The cosines of all ordered pairs of n unit vectors add up to |their sum|^2 - n.
    similarity = (squared_length - shown) / np.maximum(shown * (shown - 1), 1)
    apart: Values = np.where(shown > 1, 1.0 - similarity, 0.0)
    return apart


def exposure(columns: IntArray, catalogue_size: int, k: int) -> Counts:
    """int64 [N]: in how many lists each startup stands among the first k."""
    first = columns[:, :k]
    return np.bincount(first[first >= 0], minlength=catalogue_size)


def gini(exposures: Counts) -> float:
    """Inequality of exposure over the catalogue: 0 when all are shown alike, (N - 1) / N when only one is.

    It is 0 where nothing was shown.
    """
    size, total = len(exposures), int(exposures.sum())
    if not total:
        return 0.0
    ranks = np.arange(1, size + 1)
    return float(((2 * ranks - size - 1) * np.sort(exposures)).sum() / (size * total))


def exposure_share(exposures: Counts, of: BoolArray) -> float:
    """Share of all exposure that falls to some startups (bool [N]); 0 where nothing was shown."""
    total = int(exposures.sum())
    return int(exposures[of].sum()) / total if total else 0.0


def most_popular(actors: Counts, share: float = 0.01) -> BoolArray:
    """bool [N]: this share of the catalogue, at least one startup, that most people acted on (ties: lower column)."""
    head = np.zeros(len(actors), dtype=np.bool_)
    count = max(1, round(share * len(actors)))
    head[np.argsort(-actors, kind="stable")[:count]] = True
    return head
