"""Windows of the past in which a re-ranker learns: what engines knew before, and what people then did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from recommendation_service.engines.config_checks import require
from recommendation_service.engines.errors import DatasetError
from recommendation_service.engines.evaluation_task import EvaluationTask, build_task
from recommendation_service.engines.reranking.bound_members import BoundMembers
from recommendation_service.engines.reranking.ranking_rows import RankingRows
from recommendation_service.engines.timeline import TimeWindow, from_microseconds
from recommendation_service.engines.types import BoolArray, Interactions, TrainingData

_PEOPLE_AT_ONCE = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowsConfig:
    """Which windows, and which of their candidates.

    Attributes:
        count: How many windows, one after the other, the last ending with the data.
        share: Share of all likes that fall into one window: windows are as long as the platform is busy.
        negatives: How many candidates that did not prove relevant are kept of each person, at random.
        policy: Catalogue policy; None chooses by the data.
    """

    count: int = 8
    share: float = 0.08
    negatives: int = 100
    policy: str | None = None

    def __post_init__(self) -> None:
        require(self.count >= 1, f"count must be at least 1, got {self.count}")
        require(0 < self.share < 1, f"share must lie in (0, 1), got {self.share}")
        require(self.negatives >= 1, f"negatives must be at least 1, got {self.negatives}")


def training_windows(interactions: Interactions, config: WindowsConfig) -> list[TimeWindow]:
    """The windows in order of time; fewer than asked for where the data does not reach back so far."""
    times = np.sort(interactions.time[interactions.label > 0])
    if not len(times):
        return []
    shares = 1.0 - config.share * np.arange(config.count, 0, -1)
    starts = np.unique(times[(shares[shares > 0] * len(times)).astype(np.int64)])
    edges = [from_microseconds(time) for time in [*starts[starts > times[0]].tolist(), int(times[-1]) + 1]]
    return [TimeWindow(start=start, end=end) for start, end in pairwise(edges)]


def find_task(data: TrainingData, window: TimeWindow, policy: str | None) -> EvaluationTask | None:
    """The question of a window; None where nothing relevant happened in it."""
    try:
        return build_task(data, window, policy=policy)
    except DatasetError:
        return None


def window_rows(
    task: EvaluationTask, members: BoundMembers, negatives: int, generator: np.random.Generator
) -> RankingRows | None:
    """The candidates of everybody with history to whom at least one of them proved relevant; None if there is nobody.

    Args:
        task: The question of the window.
        members: Engines that know only what lies before the window, bound to the catalogue of the task.
        negatives: How many other candidates of each person are kept.
        generator: Draws them.
    """
    parts = [
        part
        for people in _batches(len(task.users))
        if (part := _batch_rows(task, people, members, negatives, generator)).people
    ]
    return RankingRows.concatenate(parts) if parts else None


def _batch_rows(
    task: EvaluationTask, people: slice, members: BoundMembers, negatives: int, generator: np.random.Generator
) -> RankingRows:
    width = len(task.catalogue)
    users = task.states(people)
    allowed = ~task.known.mask(people, width) & task.has_history[people, None]
    candidates = members.candidates(members.scores(users), allowed)
    labels = task.relevant.dense(people, width)[candidates.pairs.user, candidates.pairs.column]
    kept = _sample(candidates.pairs.user, labels > 0, negatives, generator)
    candidates, labels = candidates.take(kept), labels[kept]
    counts = candidates.pairs.counts
    return RankingRows(features=members.features(users, candidates), label=labels, group_sizes=counts[counts > 0])


def _sample(
    user: np.ndarray[tuple[int], np.dtype[np.int64]],
    relevant: BoolArray,
    negatives: int,
    generator: np.random.Generator,
) -> BoolArray:
    """bool [P]: all relevant rows and up to `negatives` others of each user who has a relevant row."""
    chance = np.where(relevant, -1.0, generator.random(len(user)))
    order = np.lexsort((chance, user))
    place = np.arange(len(user)) - np.searchsorted(user, user)
    positives = np.bincount(user[relevant], minlength=int(user.max(initial=-1)) + 1)
    kept = np.zeros(len(user), dtype=np.bool_)
    kept[order] = (place < (positives + negatives)[user]) & (positives[user] > 0)
    return kept


def _batches(people: int) -> Iterator[slice]:
    return (slice(start, min(start + _PEOPLE_AT_ONCE, people)) for start in range(0, people, _PEOPLE_AT_ONCE))
