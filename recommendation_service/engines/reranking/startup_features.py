"""How old a startup is, how it was funded so far, and how much people turn to it: as known at the moment of ranking."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.reranking.history_table import HistoryTable
from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.reranking.pairs import Pairs
from recommendation_service.engines.reranking.rounds import Rounds
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import FloatArray

Floats = npt.NDArray[np.float64]
_RECENT_DAYS = 365.0


class StartupFeatures:
    """The same for everybody, so computed once for a moment."""

    names = (
        "days_since_opening",
        "age_days",
        "rounds",
        "days_since_round",
        "raised_usd_log",
        "last_round_usd_log",
        "likers",
        "likers_last_year",
        "days_since_like",
    )

    def __init__(self, moment: Moment, rounds: Rounds) -> None:
        catalogue = moment.startups[: moment.columns]
        opened = np.array([to_microseconds(startup.opened_at) for startup in catalogue], dtype=np.int64)
        founded = np.array([_midnight(startup.founded_on) for startup in catalogue], dtype=np.float64)
        columns = [
            _past(moment.days_since(opened)),
            _past(moment.days_since(founded)),  # type: ignore[arg-type]
            *rounds.as_of(np.arange(moment.columns), moment.now),
            *_likes(moment),
        ]
        self._table = np.stack(columns, axis=1).astype(np.float32)

    def values(self, histories: HistoryTable, pairs: Pairs) -> FloatArray:
        """float32 [P, 9]."""
        del histories
        return self._table[pairs.column]


def _likes(moment: Moment) -> tuple[Floats, Floats, Floats]:
    """Likers, likers of the last year, and days since the last like of each column of the catalogue."""
    likes = moment.likes
    count = len(moment.startups)
    recent = moment.days_since(likes.time) < _RECENT_DAYS
    last = np.full(count, np.nan)
    last[likes.startup] = moment.days_since(likes.time)  # likes are in order of time: the last one stays
    everything = np.bincount(likes.startup, minlength=count)
    lately = np.bincount(likes.startup[recent], minlength=count)
    kept = slice(0, moment.columns)
    return everything[kept].astype(np.float64), lately[kept].astype(np.float64), last[kept]


def _past(days: Floats) -> Floats:
    """Days since something, not known for what has not happened yet."""
    return np.where(days >= 0, days, np.nan)


def _midnight(day: date | None) -> float:
    return np.nan if day is None else float(to_microseconds(datetime.combine(day, time(), tzinfo=UTC)))
