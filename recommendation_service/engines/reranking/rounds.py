"""Funding rounds of many startups in order of time, to be asked for as of any moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.reranking.moment import MICROSECONDS_PER_DAY
from recommendation_service.engines.types import StartupRecord

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_EPOCH = date(1970, 1, 1).toordinal()
_DAYS_PER_STARTUP = 4_000_000
"""More days than the calendar has, so that (startup, day) is one sortable number."""

NO_KIND = 0
"""The code of the kind of round of a startup without an earlier round."""


class Rounds:
    """A round counts from the day after it was announced: one of the very day may be what is to be predicted."""

    def __init__(self, startups: Sequence[StartupRecord]) -> None:
        rounds = [
            (row, item.announced_on.toordinal(), item.kind, item.amount_usd or 0.0)
            for row, startup in enumerate(startups)
            for item in sorted(startup.rounds, key=lambda item: item.announced_on)
        ]
        owner = np.array([entry[0] for entry in rounds], dtype=np.int64)
        self._days = np.array([entry[1] for entry in rounds], dtype=np.int64)
        self._keys = owner * _DAYS_PER_STARTUP + self._days
        self._starts = np.searchsorted(owner, np.arange(len(startups) + 1))
        kinds = sorted({entry[2] for entry in rounds})
        code_of = {kind: code for code, kind in enumerate(kinds, start=NO_KIND + 1)}
        self.kinds = len(kinds) + 1
        self._kinds = np.array([code_of[entry[2]] for entry in rounds], dtype=np.int64)
        self._amounts = np.array([entry[3] for entry in rounds], dtype=np.float64)
        self._raised = np.concatenate([[0.0], np.cumsum(self._amounts)])

    def count_before(self, startups: Rows, times: Rows) -> Rows:
        """int64 [R]: how many rounds of each startup were announced on days before that of its time."""
        days = times // MICROSECONDS_PER_DAY + _EPOCH
        found: Rows = np.searchsorted(self._keys, startups * _DAYS_PER_STARTUP + days) - self._starts[startups]
        return found

    def last_kind_before(self, startups: Rows, times: Rows) -> Rows:
        """int64 [R]: the code of the kind of the last round by then, below `kinds`; NO_KIND where there was none."""
        count = self.count_before(startups, times)
        last = np.where(count > 0, self._starts[startups] + count, 0)
        found: Rows = np.concatenate([[NO_KIND], self._kinds])[last]
        return found

    def as_of(self, startups: Rows, now: int) -> tuple[Floats, Floats, Floats, Floats]:
        """Of each startup: rounds so far, days since the last, log of 1 + USD raised so far and in the last round."""
        count = self.count_before(startups, np.full(len(startups), now))
        first = self._starts[startups]
        last = np.where(count > 0, first + count, 0)
        today = now / MICROSECONDS_PER_DAY + _EPOCH
        days = np.concatenate([[np.nan], today - self._days])[last]
        amount = np.concatenate([[np.nan], self._amounts])[last]
        return (
            count.astype(np.float64),
            days,
            np.log1p(self._raised[first + count] - self._raised[first]),
            np.log1p(amount),
        )
