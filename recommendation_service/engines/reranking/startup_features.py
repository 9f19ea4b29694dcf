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
_RECENT_DAYS = (365.0, 30.0, 7.0)
_PRIOR_DAYS = 7.0
"""Days added to the time that a startup was there, so that the first likes of a new one are no rate."""
_PRIOR_LIKES = 5.0
"""Likes of the mean added to those of a person or a startup, so that few say little."""


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
        "likers_last_month",
        "likers_last_week",
        "days_since_like",
        "likes_per_day",
        "label_lift",
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
            _rate(moment, opened),
            _label_lift(moment),
        ]
        self._table = np.stack(columns, axis=1).astype(np.float32)

    def values(self, histories: HistoryTable, pairs: Pairs) -> FloatArray:
        """float32 [P, 13]."""
        del histories
        return self._table[pairs.column]


def _likes(moment: Moment) -> tuple[Floats, ...]:
    """Likers so far, and of the last year, month and week, and days since the last like, of each column."""
    likes, count = moment.likes, len(moment.startups)
    days = moment.days_since(likes.time)
    last = np.full(count, np.nan)
    last[likes.startup] = days  # likes are in order of time: the last one stays
    lately = [np.bincount(likes.startup[days < recent], minlength=count) for recent in (np.inf, *_RECENT_DAYS)]
    return tuple(column[: moment.columns].astype(np.float64) for column in (*lately, last))


def _rate(moment: Moment, opened: npt.NDArray[np.int64]) -> Floats:
    """Likes a day of each column, since it opened or the first like of all, whichever came later."""
    likes = moment.likes
    since = np.maximum(opened, likes.time.min(initial=moment.now))
    count = np.bincount(likes.startup, minlength=len(moment.startups))[: moment.columns]
    rate: Floats = (count + 1) / (np.maximum(moment.days_since(since), 0.0) + _PRIOR_DAYS)
    return rate


def _label_lift(moment: Moment) -> Floats:
    """How much further people go with each column than they do on average: who looks and goes says more than a look."""
    likes = moment.likes
    mean = likes.label.mean(dtype=np.float64) if len(likes) else 0.0
    people = np.bincount(likes.user, minlength=len(moment.users))
    theirs = np.bincount(likes.user, weights=likes.label, minlength=len(moment.users))
    usual = (theirs + _PRIOR_LIKES * mean) / (people + _PRIOR_LIKES)
    count = np.bincount(likes.startup, minlength=len(moment.startups))
    above = np.bincount(likes.startup, weights=likes.label - usual[likes.user], minlength=len(moment.startups))
    lift: Floats = above / (count + _PRIOR_LIKES)
    return lift[: moment.columns]


def _past(days: Floats) -> Floats:
    """Days since something, not known for what has not happened yet."""
    return np.where(days >= 0, days, np.nan)


def _midnight(day: date | None) -> float:
    return np.nan if day is None else float(to_microseconds(datetime.combine(day, time(), tzinfo=UTC)))
