"""What people liked, as sparse rows over the startups that an engine learned from. Dislikes are never likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import numpy as np
from scipy.sparse import csr_matrix

from recommendation_service.engines.types import Interactions, TrainingData, UserState

_SECONDS_PER_DAY = 86_400.0


def liked_pairs(data: TrainingData) -> csr_matrix:
    """float32 [U, S]: the label of each pair that a person liked, the highest of several; 0 elsewhere."""
    liked = data.interactions.take(data.interactions.label > 0)
    first = _strongest_of_each_pair(liked, len(data.startups))
    kept = liked.take(first)
    return csr_matrix((kept.label, (kept.user, kept.startup)), shape=(len(data.users), len(data.startups)))


def liked_histories(
    users: Sequence[UserState],
    row_of: Mapping[str, int],
    *,
    half_life_days: float | None = None,
    width: int | None = None,
) -> csr_matrix:
    """float32 [B, S]: the label of each startup in a person's history that they liked.

    Args:
        users: B users.
        row_of: Startup id -> row, S of them; other startups are left out.
        width: S, where that is more than there are ids.
        half_life_days: So many days before `as_of` (before the last act, without one) a label counts half; None: never.
    """
    entries = [
        (place, row_of[item.startup_id], item.label * _fading(item.time, user, half_life_days))
        for place, user in enumerate(users)
        for item in user.history
        if item.label > 0 and item.startup_id in row_of
    ]
    places, rows, labels = np.array(entries, dtype=np.float64).reshape(-1, 3).T
    where = (places.astype(np.int64), rows.astype(np.int64))
    return csr_matrix((labels.astype(np.float32), where), shape=(len(users), len(row_of) if width is None else width))


def _fading(time: datetime, user: UserState, half_life_days: float | None) -> float:
    if half_life_days is None:
        return 1.0
    now = user.as_of or user.history[-1].time
    age_days: float = (now - time).total_seconds() / _SECONDS_PER_DAY
    return float(0.5 ** (age_days / half_life_days))


def _strongest_of_each_pair(acts: Interactions, startup_count: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    keys = acts.user.astype(np.int64) * startup_count + acts.startup
    order = np.lexsort((-acts.label, keys))
    _, first = np.unique(keys[order], return_index=True)
    chosen: np.ndarray[tuple[int], np.dtype[np.intp]] = order[first]
    return chosen
