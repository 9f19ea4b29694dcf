"""LambdaMART (Burges 2010; LightGBM) over point-in-time columns: what a good data team would build by hand.

It learns from rolling windows: people and the open catalogue as of the start of each, engines fitted on what lies
before it, and what people then did. Candidates are the best of each engine; it orders them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Self

import lightgbm
import numpy as np

from peers.point_in_time import PointInTimeTable, Rows
from recommendation_service.engines.errors import NotFittedError
from recommendation_service.engines.evaluation_task import EvaluationTask, build_task
from recommendation_service.engines.recommender import Recommender, Scorer, top_k
from recommendation_service.engines.timeline import TimeWindow, data_before, from_microseconds
from recommendation_service.engines.types import BoolArray, Catalogue, FloatArray, TrainingData, UserState

_PEOPLE_AT_ONCE = 128


@dataclass(frozen=True, kw_only=True)
class LambdaMartConfig:
    """How it learns.

    Attributes:
        windows: How many rolling windows, back to back, end where the data ends.
        window_days: Length of each.
        policy: Name of the catalogue policy.
        candidates: How many of each engine's best are ordered.
        negatives: Candidates per person that are learned from; the rest would repeat them.
        trees: Boosting rounds.
        leaves: Of each tree.
        learning_rate: Of boosting.
        seed: Of the sampling of negatives and columns.
    """

    windows: int = 4
    window_days: float = 182.5
    policy: str | None = None
    candidates: int = 300
    negatives: int = 150
    trees: int = 300
    leaves: int = 31
    learning_rate: float = 0.05
    seed: int = 0


class LambdaMartScorer(Scorer):
    """The trees over the columns of one catalogue."""

    def __init__(self, catalogue: Catalogue, table: PointInTimeTable, trees: lightgbm.Booster, candidates: int) -> None:
        super().__init__(catalogue)
        self._table = table
        self._trees = trees
        self._candidates = candidates

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N]; NaN for a startup that is no candidate."""
        found = np.full((len(users), len(self.catalogue)), np.nan, dtype=np.float32)
        for start in range(0, len(users), _PEOPLE_AT_ONCE):
            batch = users[start : start + _PEOPLE_AT_ONCE]
            scores = self._table.scores(batch)
            rows, columns = np.nonzero(best_of_each(scores, self._candidates))
            table = self._table.rows(batch, scores, rows, columns)
            found[start + rows, columns] = self._trees.predict(table)
        return found


class LambdaMartPeer(Recommender):
    """Learns which of its engines' candidates people then chose."""

    name: ClassVar[str] = "lambdamart"
    serves_cold_users: ClassVar[bool] = False

    def __init__(self, engines: Callable[[], Mapping[str, Recommender]], config: LambdaMartConfig) -> None:
        """Fit nothing yet.

        Args:
            engines: Makes fresh engines, to be fitted as of each window.
            config: How to learn.
        """
        self._make_engines = engines
        self.config = config
        self._data: TrainingData | None = None
        self._engines: Mapping[str, Recommender] = {}
        self._trees: lightgbm.Booster | None = None

    def fit(self, data: TrainingData) -> Self:
        """Boost trees on the rolling windows, then fit the engines on everything."""
        rng = np.random.default_rng(self.config.seed)
        parts = [self._examples(data, window, rng) for window in rolling_windows(data, self.config)]
        dataset = lightgbm.Dataset(
            np.concatenate([part.table for part in parts]),
            label=np.concatenate([part.gains for part in parts]),
            group=np.concatenate([part.group_sizes for part in parts]),
        )
        self._trees = lightgbm.train(self._parameters(), dataset, num_boost_round=self.config.trees)
        self._engines = {name: engine.fit(data) for name, engine in self._make_engines().items()}
        self._data = data
        return self

    def bind(self, catalogue: Catalogue) -> LambdaMartScorer:
        """Bind the engines and compute the startups' columns as of the catalogue's moment."""
        if self._data is None or self._trees is None:
            raise NotFittedError(f"{self.name} has not learned yet; call fit(data) first")
        table = PointInTimeTable(self._data, catalogue, _bound(self._engines, catalogue))
        return LambdaMartScorer(catalogue, table, self._trees, self.config.candidates)

    def _examples(self, data: TrainingData, window: TimeWindow, rng: np.random.Generator) -> _Examples:
        """Positives and sampled candidates of everybody with history who did something in the window."""
        known = data_before(data, window.start)
        task = build_task(data, window, policy=self.config.policy)
        engines = {name: engine.fit(known) for name, engine in self._make_engines().items()}
        table = PointInTimeTable(known, task.catalogue, _bound(engines, task.catalogue))
        tables, gains, sizes = [], [], []
        for batch in _batches(task):
            users, gain = task.states(batch), task.relevant.dense(batch, len(task.catalogue))
            scores = table.scores(users)
            pool = best_of_each(scores, self.config.candidates) & ~task.known.mask(batch, len(task.catalogue))
            chosen = sample_rows(pool & (gain == 0), self.config.negatives, rng) | (gain > 0)
            chosen &= task.has_history[batch][:, None]
            rows, columns = np.nonzero(chosen)
            tables.append(table.rows(users, scores, rows, columns))
            gains.append(np.round(10 * gain[rows, columns]))
            sizes.append(chosen.sum(axis=1)[chosen.any(axis=1)])
        return _Examples(table=np.concatenate(tables), gains=np.concatenate(gains), group_sizes=np.concatenate(sizes))

    def _parameters(self) -> dict[str, object]:
        config = self.config
        return {
            "objective": "lambdarank",
            "lambdarank_truncation_level": 20,
            "label_gain": list(range(11)),
            "num_leaves": config.leaves,
            "learning_rate": config.learning_rate,
            "min_data_in_leaf": 50,
            "feature_fraction": 0.7,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "seed": config.seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbose": -1,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class _Examples:
    """Rows [P, F] with gains [P], grouped by person [G]."""

    table: FloatArray
    gains: FloatArray
    group_sizes: Rows


def rolling_windows(data: TrainingData, config: LambdaMartConfig) -> list[TimeWindow]:
    """Windows back to back, the last of which ends just after the last act; oldest first."""
    end = from_microseconds(int(data.interactions.time.max()) + 1)
    length = timedelta(days=config.window_days)
    return [TimeWindow(start=end - (n + 1) * length, end=end - n * length) for n in reversed(range(config.windows))]


def best_of_each(scores: Mapping[str, FloatArray], count: int) -> BoolArray:
    """bool [B, N]: whether any engine has the startup among the person's best `count`."""
    first = next(iter(scores.values()))
    chosen = np.zeros(first.shape, dtype=np.bool_)
    for table in scores.values():
        columns = top_k(table, min(count, table.shape[1])).columns
        rows = np.repeat(np.arange(len(table)), columns.shape[1]).reshape(columns.shape)
        chosen[rows[columns >= 0], columns[columns >= 0]] = True
    return chosen


def sample_rows(pool: BoolArray, count: int, rng: np.random.Generator) -> BoolArray:
    """bool [B, N]: `count` of each row's True entries (all where there are fewer), drawn uniformly."""
    draws = np.where(pool, rng.random(pool.shape, dtype=np.float32), np.inf)
    bar = np.partition(draws, min(count, pool.shape[1]) - 1, axis=1)[:, min(count, pool.shape[1]) - 1]
    chosen: BoolArray = pool & (draws <= bar[:, None])
    return chosen


def _bound(engines: Mapping[str, Recommender], catalogue: Catalogue) -> dict[str, Scorer]:
    return {name: engine.bind(catalogue) for name, engine in engines.items()}


def _batches(task: EvaluationTask) -> Iterator[slice]:
    people = len(task.users)
    return (slice(start, min(start + _PEOPLE_AT_ONCE, people)) for start in range(0, people, _PEOPLE_AT_ONCE))
