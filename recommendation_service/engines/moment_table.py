"""What many startups are at many moments, as columns of a vocabulary: `moment_facets`, for arrays."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import accumulate
from typing import Self

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.facet_vocabulary import FacetVocabulary
from recommendation_service.engines.moment_facets import AGE_DAYS, MANY_ROUNDS, RAISED_USD, SINCE_ROUND_DAYS
from recommendation_service.engines.timeline import to_microseconds
from recommendation_service.engines.types import FundingRound, StartupRecord
from recommendation_service.engines.vocabulary import normalise

Rows = npt.NDArray[np.int64]
_DAY = 86_400_000_000
_FIRST_DAY = date(1970, 1, 1).toordinal()
_DAY_BITS = 22
"""The last day of the calendar fits, and with it as many rows as an int64 has room for above."""
_NEVER = np.iinfo(np.int64).max
_ABSENT = -1
_KINDS = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MomentTable:
    """S startups with Q funding rounds in all, each startup's in order of date.

    Attributes:
        opened: int64 [S], microseconds since 1970 UTC.
        founded: int64 [S], likewise; the largest there is where nothing is known.
        starts: int64 [S + 1]: the rounds of startup s are those from `starts[s]` to `starts[s + 1]`.
        keys: int64 [Q], ascending: each round's startup and, in the lowest bits, its ordinal day.
        kinds: int64 [Q], column of its kind, -1 where it has none.
        raised: int64 [Q], column of what was raised by then and with it, -1 likewise.
        counted: int64 [6], column of each number of rounds; `since` int64 [6] of each bucket of days since the last
            one, `aged` int64 [10] of each bucket of days of age, likewise.
    """

    opened: Rows
    founded: Rows
    starts: Rows
    keys: Rows
    kinds: Rows
    raised: Rows
    counted: Rows
    since: Rows
    aged: Rows

    @classmethod
    def of(cls, records: Sequence[StartupRecord], vocabulary: FacetVocabulary) -> Self:
        """Read some startups."""
        rounds = [sorted(record.rounds, key=_announced) for record in records]
        owned = [(row, funding) for row, theirs in enumerate(rounds) for funding in theirs]
        amounts = [accumulate(funding.amount_usd or 0.0 for funding in theirs) for theirs in rounds]
        buckets = [str(bisect_right(RAISED_USD, amount)) for theirs in amounts for amount in theirs]
        return cls(
            opened=_array([to_microseconds(record.opened_at) for record in records]),
            founded=_array([_founded(record) for record in records]),
            starts=np.cumsum([0, *map(len, rounds)], dtype=np.int64),
            keys=_array([(row << _DAY_BITS) + funding.announced_on.toordinal() for row, funding in owned]),
            kinds=_columns(vocabulary, "last_round", [normalise(funding.kind) for _, funding in owned]),
            raised=_columns(vocabulary, "raised", buckets),
            counted=_columns(vocabulary, "rounds", map(str, range(MANY_ROUNDS + 1))),
            since=_columns(vocabulary, "since_round", map(str, range(len(SINCE_ROUND_DAYS) + 1))),
            aged=_columns(vocabulary, "age", map(str, range(len(AGE_DAYS) + 1))),
        )

    def extended(self, other: MomentTable) -> MomentTable:
        """These startups and others behind them, of the same vocabulary."""
        return MomentTable(
            opened=np.concatenate([self.opened, other.opened]),
            founded=np.concatenate([self.founded, other.founded]),
            starts=np.concatenate([self.starts, self.starts[-1] + other.starts[1:]]),
            keys=np.concatenate([self.keys, (len(self.opened) << _DAY_BITS) + other.keys]),
            kinds=np.concatenate([self.kinds, other.kinds]),
            raised=np.concatenate([self.raised, other.raised]),
            counted=self.counted,
            since=self.since,
            aged=self.aged,
        )

    def entries(self, rows: Rows, times: Rows) -> tuple[Rows, Rows]:
        """Place in `rows` and column of every facet that startups had, each as of a time in microseconds since 1970."""
        columns = np.full((_KINDS, len(rows)), _ABSENT, dtype=np.int64)
        rounds = self._rounds_before(rows, times)
        columns[0] = self.counted[np.minimum(rounds, MANY_ROUNDS)]
        funded = np.flatnonzero(rounds)
        last = self.starts[rows[funded]] + rounds[funded] - 1
        quiet = times[funded] // _DAY + _FIRST_DAY - self.keys[last] % (1 << _DAY_BITS)
        columns[1, funded] = self.kinds[last]
        columns[2, funded] = self.since[np.searchsorted(SINCE_ROUND_DAYS, quiet, side="right")]
        columns[3, funded] = self.raised[last]
        ages = times - self._born(rows, times)
        there = np.flatnonzero(ages >= 0)
        columns[4, there] = self.aged[np.searchsorted(AGE_DAYS, ages[there] / _DAY, side="right")]
        kind, place = np.nonzero(columns != _ABSENT)
        return place, columns[kind, place]

    def _rounds_before(self, rows: Rows, times: Rows) -> Rows:
        """int64 [E]: how many rounds were announced strictly before; a round happens as its day begins."""
        last_day = (times - 1) // _DAY + _FIRST_DAY
        before: Rows = np.searchsorted(self.keys, (rows << _DAY_BITS) + last_day, side="right") - self.starts[rows]
        return before

    def _born(self, rows: Rows, times: Rows) -> Rows:
        """int64 [E]: when they were founded, or opened where no founding is known yet; either may lie ahead."""
        founded = self.founded[rows]
        return np.where(founded <= times, founded, self.opened[rows])


def _array(values: Sequence[int]) -> Rows:
    return np.array(values, dtype=np.int64)


def _announced(funding: FundingRound) -> date:
    return funding.announced_on


def _founded(record: StartupRecord) -> int:
    if record.founded_on is None:
        return _NEVER
    return to_microseconds(datetime.combine(record.founded_on, time(), tzinfo=UTC))


def _columns(vocabulary: FacetVocabulary, kind: str, values: Sequence[str] | map[str]) -> Rows:
    """Column of each value of a kind, -1 where it has none."""
    return _array([vocabulary.column_of.get((kind, value), _ABSENT) for value in values])
