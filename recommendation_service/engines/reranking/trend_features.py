"""How much people turn to startups of a kind and place lately, and whether that is more than before."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.reranking.history_table import HistoryTable
from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.reranking.startup_groups import StartupGroups, category_of
from recommendation_service.engines.types import FloatArray, StartupRecord
from recommendation_service.engines.vocabulary import normalise

_RECENT_DAYS = 183.0
_PRIOR_LIKES = 5.0
"""Likes added to a group's total, so that the growth of small groups is not noise."""


def _region(startup: StartupRecord) -> str:
    return f"{normalise(startup.location.country)}/{normalise(startup.location.region)}"


def _city(startup: StartupRecord) -> str:
    return f"{normalise(startup.location.country)}/{normalise(startup.location.city)}"


def _category_in_region(startup: StartupRecord) -> str:
    return f"{category_of(startup)}/{_region(startup)}"


GROUPS: dict[str, Callable[[StartupRecord], str]] = {
    "category": category_of,
    "region": _region,
    "city": _city,
    "category_in_region": _category_in_region,
}


class TrendFeatures:
    """Likes of the last half year in a startup's group, and their share of all likes of the group."""

    names = tuple(f"{what}_{group}" for group in GROUPS for what in ("likes", "growth"))

    def __init__(self, moment: Moment, begun: TrendFeatures | None = None) -> None:
        """Count likes by group; which group a startup is of is kept from `begun`, of the moment this one grew from."""
        self._groups: dict[str, StartupGroups] = {
            name: StartupGroups(moment, group, begun._groups[name] if begun else None) for name, group in GROUPS.items()
        }
        columns = [column for groups in self._groups.values() for column in _trend(moment, groups.codes)]
        self._table = np.stack(columns, axis=1)[: moment.columns].astype(np.float32)

    def values(self, histories: HistoryTable, pairs: Pairs) -> FloatArray:
        """float32 [P, 8]."""
        del histories
        return self._table[pairs.column]


def _trend(moment: Moment, groups: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float64], ...]:
    size = int(groups.max(initial=-1)) + 1
    likes = groups[moment.likes.startup]
    recent = moment.days_since(moment.likes.time) < _RECENT_DAYS
    total = np.bincount(likes, minlength=size)
    lately = np.bincount(likes[recent], minlength=size)
    growth = (lately + 1) / (total + _PRIOR_LIKES)
    return lately[groups].astype(np.float64), growth[groups]
