"""What people liked, as sparse rows over the startups that an engine learned from. Dislikes are never likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import Interactions, TrainingData, UserState

_MICROSECONDS_PER_DAY = 86_400_000_000
_UNKNOWN = -1


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
    rows = [[row_of.get(startup, _UNKNOWN) for startup in user.history.startup_ids] for user in users]
    row, place = np.array([*chain(*rows)], dtype=np.int64), np.repeat(np.arange(len(users)), [*map(len, rows)])
    label = np.concatenate([np.empty(0), *(user.history.label * _fading(user, half_life_days) for user in users)])
    kept = (label > 0) & (row != _UNKNOWN)
    where = (place[kept], row[kept])
    shape = (len(users), len(row_of) if width is None else width)
    return csr_matrix((label[kept].astype(np.float32), where), shape=shape)


def _fading(user: UserState, half_life_days: float | None) -> npt.NDArray[np.float64] | float:
    """float64 [E], what each act of a person still counts."""
    times = user.history.time
    if half_life_days is None or not len(times):
        return 1.0
    now = times[-1] if user.as_of is None else to_microseconds(user.as_of)
    fading: npt.NDArray[np.float64] = 0.5 ** ((now - times) / (half_life_days * _MICROSECONDS_PER_DAY))
    return fading


def _strongest_of_each_pair(acts: Interactions, startup_count: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    keys = acts.user.astype(np.int64) * startup_count + acts.startup
    order = np.lexsort((-acts.label, keys))
    _, first = np.unique(keys[order], return_index=True)
    chosen: np.ndarray[tuple[int], np.dtype[np.intp]] = order[first]
    return chosen
