"""What a table of a person and a startup can say as of a moment: the columns a boosted-tree ranker learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from peers.blend import standardised
from recommendation_service.engines.content_facets import preferred_facets, startup_facets
from recommendation_service.engines.recommender import Scorer
from recommendation_service.engines.timeline import done_by_people, to_microseconds
from recommendation_service.engines.types import Catalogue, FloatArray, StartupRecord, TrainingData, UserState

Rows = npt.NDArray[np.int64]
KINDS = ("category", "country", "state", "region", "city", "tag", "field")
TREND_KINDS = ("category", "region", "city")
TREND_DAYS = (90, 365)
_DAY = 86_400_000_000


class PointInTimeTable:
    """Columns for pairs of people and the startups of one catalogue, from nothing later than its moment.

    Engines: their score and how far it lies above the person's average. Startups: likes of all time and lately, trends
    of their category and place, age, funding so far. People: how much and how lately they acted. Pairs: how much of the
    person's history and wishes shares each kind of facet.
    """

    def __init__(self, data: TrainingData, catalogue: Catalogue, scorers: Mapping[str, Scorer]) -> None:
        """Compute what does not depend on the person.

        Args:
            data: Records, and rows from before the moment only.
            catalogue: Its `as_of` is the moment.
            scorers: Engines bound to the catalogue, fitted on the same rows.

        Raises:
            ValueError: If the catalogue has no moment.
        """
        if catalogue.as_of is None:
            raise ValueError("point-in-time columns need the moment: give the catalogue an as_of")
        self._as_of = catalogue.as_of
        self._catalogue = catalogue
        self._scorers = scorers
        self._row_of = {startup.id: row for row, startup in enumerate(data.startups)}
        self._columns = np.array([self._row_of[startup.id] for startup in catalogue.startups], dtype=np.int64)
        self._facets = {kind: _FacetKind(kind, data.startups) for kind in KINDS}
        self._startup_table = self._startups(data)

    def scores(self, users: Sequence[UserState]) -> dict[str, FloatArray]:
        """Engine name -> float32 [B, N], nothing to say being the person's average."""
        return {name: scorer.score(users) for name, scorer in self._scorers.items()}

    def rows(
        self, users: Sequence[UserState], scores: Mapping[str, FloatArray], rows: Rows, columns: Rows
    ) -> FloatArray:
        """float32 [P, F] of the pairs (users[rows[i]], startup of column columns[i])."""
        blocks = [np.nan_to_num(table[rows, columns], nan=0.0) for table in scores.values()]
        blocks += [standardised(table)[rows, columns] for table in scores.values()]
        history = self._histories(users)
        for facets in self._facets.values():
            blocks.append(facets.agreement(facets.of_history(history), rows, self._columns[columns]))
            blocks.append(facets.agreement(facets.of_wishes(users), rows, self._columns[columns]))
        stacked = np.stack(blocks, axis=1).astype(np.float32)
        table: FloatArray = np.concatenate(
            [stacked, self._people(users)[rows], self._startup_table[columns]], axis=1, dtype=np.float32
        )
        return table

    def _histories(self, users: Sequence[UserState]) -> Any:
        entries = [
            (row, self._row_of[item.startup_id], item.label)
            for row, user in enumerate(users)
            for item in user.history
            if item.label > 0
        ]
        rows, columns, labels = np.array(entries, dtype=np.float64).reshape(-1, 3).T
        return csr_matrix((labels, (rows.astype(int), columns.astype(int))), shape=(len(users), len(self._row_of)))

    def _people(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, 3]: acts, acts of the last year, days since the last one."""
        year_ago = self._as_of - timedelta(days=365)
        found = [
            (
                np.log1p(len(user.history)),
                np.log1p(sum(item.time >= year_ago for item in user.history)),
                (self._as_of - user.history[-1].time).days if user.history else -1,
            )
            for user in users
        ]
        return np.array(found, dtype=np.float32).reshape(-1, 3)

    def _startups(self, data: TrainingData) -> FloatArray:
        """float32 [N, F]: what is known of each startup of the catalogue."""
        acts = data.interactions.take(done_by_people(data.interactions) & (data.interactions.label > 0))
        age_days = (to_microseconds(self._as_of) - acts.time) / _DAY
        blocks = [_counts(acts.startup, len(data.startups))]
        for days in TREND_DAYS:
            lately = _counts(acts.startup[age_days <= days], len(data.startups))
            blocks.append(lately)
            blocks += [self._facets[kind].trend(lately) for kind in TREND_KINDS]
        table = np.log1p(np.stack(blocks, axis=1))[self._columns]
        own = np.array([_own(startup, self._as_of) for startup in self._catalogue.startups], dtype=np.float32)
        return np.concatenate([table, own], axis=1, dtype=np.float32)


class _FacetKind:
    """One kind of facet over all startups."""

    def __init__(self, kind: str, startups: Sequence[StartupRecord]) -> None:
        self._kind = kind
        found = [[value for name, value in startup_facets(startup) if name == kind] for startup in startups]
        self._index = {value: place for place, value in enumerate(dict.fromkeys(v for row in found for v in row))}
        self._startups = _indicator([[self._index[value] for value in row] for row in found], len(self._index))

    def of_history(self, histories: Any) -> FloatArray:
        """float32 [B, V]: the share of each value among what people liked."""
        return _shares(histories @ self._startups)

    def of_wishes(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, V]: the share of each value among what people say they look for."""
        found = [[value for name, value in preferred_facets(user.record) if name == self._kind] for user in users]
        places = [[self._index[value] for value in row if value in self._index] for row in found]
        return _shares(_indicator(places, len(self._index)))

    def agreement(self, profiles: FloatArray, rows: Rows, startups: Rows) -> FloatArray:
        """float32 [P]: how much of a person's profile is a startup's values."""
        startup_rows = self._startups[startups]
        pairs = np.repeat(np.arange(len(rows)), np.diff(startup_rows.indptr))
        shares = profiles[rows[pairs], startup_rows.indices]
        return np.bincount(pairs, weights=shares, minlength=len(rows)).astype(np.float32)

    def trend(self, counts: FloatArray) -> FloatArray:
        """float32 [S]: likes of all startups with the same value, the mean over a startup's values."""
        per_value = self._startups.T @ counts
        values = np.maximum(np.diff(self._startups.indptr), 1)
        trend: FloatArray = (self._startups @ per_value) / values
        return trend


def _own(startup: StartupRecord, as_of: datetime) -> tuple[float, ...]:
    """Age in years since founded and since opened, rounds so far, money so far, days since the last round; -1: none."""
    rounds = [r for r in startup.rounds if datetime.combine(r.announced_on, time(), tzinfo=UTC) < as_of]
    founded = startup.founded_on if startup.founded_on and startup.founded_on <= as_of.date() else None
    return (
        (as_of.date() - founded).days / 365.25 if founded else -1.0,
        (as_of - startup.opened_at).days / 365.25 if startup.opened_at < as_of else -1.0,
        float(len(rounds)),
        float(np.log1p(sum(r.amount_usd or 0.0 for r in rounds))),
        float((as_of.date() - rounds[-1].announced_on).days) if rounds else -1.0,
    )


def _counts(startups: npt.NDArray[np.int32], size: int) -> FloatArray:
    return np.bincount(startups, minlength=size).astype(np.float32)


def _indicator(rows: Sequence[Sequence[int]], width: int) -> Any:
    starts = np.cumsum([0, *map(len, rows)])
    columns = np.array([place for row in rows for place in row], dtype=np.int64)
    return csr_matrix((np.ones(len(columns), dtype=np.float32), columns, starts), shape=(len(rows), width))


def _shares(counts: Any) -> FloatArray:
    dense = np.asarray(counts.todense(), dtype=np.float32)
    shares: FloatArray = dense / np.maximum(dense.sum(axis=1, keepdims=True), 1e-9)
    return shares
