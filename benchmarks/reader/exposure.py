"""What could come before whose eyes: reconstructed from the recorded visits, as `simulation.feed` shows pages."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from contracts.interactions import InteractionType
from reader.looks import STEPS, Looks
from reader.records import Records
from simulation.behaviour import POPULARITY_KEPT
from simulation.config import FeedConfig
from simulation.population import NOBODY

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
_FINAL = (InteractionType.APPLY, InteractionType.DISLIKE)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exposure:
    """N recorded visits, those of one person together, and what could be shown on them of S startups.

    Attributes:
        member: int64 [N].
        day: int64 [N].
        weight: float32 [N, S], 0 where the startup was not shown, less than 1 where the person had opened it before.
        others: float32 [days, S], share of a page's places that went to popularity, novelty and chance.
        look_visit: int64 [V], the row of each look's visit.
    """

    member: Rows
    day: Rows
    weight: Floats
    others: Floats
    look_visit: Rows


def reconstruct(records: Records, config: FeedConfig) -> Exposure:
    """Go through the recorded visits in order of time."""
    looks = records.looks
    others = _others_by_day(records, config)
    starts = np.flatnonzero(np.diff(looks.visit, prepend=-1))
    member, day = looks.member[starts], looks.day[starts]
    order = np.argsort(member, kind="stable")
    row_of = np.argsort(order)
    weight = np.zeros((len(starts), len(records.ventures)), dtype=np.float32)
    present = np.ones((len(records.told), len(records.ventures)), dtype=np.float32)
    owned = np.flatnonzero(records.owners != NOBODY)
    present[records.owners[owned], owned] = 0.0
    final = np.any([looks.did[step] for step in _FINAL], axis=0)
    for visit, (first, last) in enumerate(pairwise([*starts.tolist(), len(looks)])):
        weight[row_of[visit]] = present[member[visit]] * (others[day[visit]] > 0)
        opened = looks.venture[first:last]
        present[member[visit], opened] = np.where(final[first:last], 0.0, config.seen_again)
    return Exposure(member=member[order], day=day[order], weight=weight, others=others, look_visit=row_of[looks.visit])


def _others_by_day(records: Records, config: FeedConfig) -> Floats:
    """float32 [days, S]: shares of popularity, novelty and chance; 0 for a startup that is not open."""
    opened = np.array([venture.opened_day for venture in records.ventures])
    closed = np.array([venture.closed_day for venture in records.ventures])
    liked = _liked_by_day(records.looks, int(records.until_day) + 1, len(opened))
    popularity = np.zeros(len(opened))
    rows = []
    for day, today in enumerate(liked):
        is_open = (opened <= day) & (day + 1 <= closed)
        novelty = np.exp(-np.maximum(day - opened, 0) / config.newest_days) + 1e-6
        rows.append(
            config.popular * _shares(popularity + 1e-3, is_open)
            + config.newest * _shares(novelty, is_open)
            + config.random * _shares(np.ones_like(popularity), is_open)
        )
        popularity = popularity * POPULARITY_KEPT + today
    return np.array(rows, dtype=np.float32)


def _liked_by_day(looks: Looks, days: int, startups: int) -> npt.NDArray[np.float64]:
    """float64 [days, S]: how many acts other than dislikes there were."""
    acts = 1.0 + np.sum([looks.did[step] for step in STEPS if step is not InteractionType.DISLIKE], axis=0)
    liked = np.zeros((days, startups))
    np.add.at(liked, (looks.day, looks.venture), acts)
    return liked


def _shares(weights: npt.NDArray[np.float64], kept: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    chosen = np.where(kept, weights, 0.0)
    shares: npt.NDArray[np.float64] = chosen / max(chosen.sum(), 1e-30)
    return shares
