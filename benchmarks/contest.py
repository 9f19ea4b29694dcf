"""A contest of engines on one data set: the same rows to learn from, the same question to answer, the same judge.

Settings are chosen on the validation window by engines that saw only what lies before it; then everything is learned
anew from all that lies before the judged window, which is opened once, for the table.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any, Literal

import numpy as np

from recommendation_service.engines.evaluation import mean_metrics, rank_all
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_judging import judge
from recommendation_service.engines.evaluation_task import EvaluationTask, build_task, new_startup_task
from recommendation_service.engines.metrics import Values
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.timeline import TimeWindow, data_before
from recommendation_service.engines.types import TrainingData

Settings = Mapping[str, Any]
Fit = Callable[[TrainingData, Settings, int], Recommender]
"""Learns from data with settings under a seed."""

CHOSEN_BY = "ndcg@10"


@dataclass(frozen=True, kw_only=True, eq=False)
class Contest:
    """One data set with its cuts of time.

    Attributes:
        name: Prefix of the rows, e.g. `cb2013`.
        data: All records and rows.
        split: Its validation window chooses, its test window is judged.
        config: How to judge.
        seeds: What is random is learned once for each.
    """

    name: str
    data: TrainingData
    split: TemporalSplit
    config: EvaluationConfig
    seeds: Sequence[int]
    started: float = field(default_factory=time.monotonic)

    @property
    def validation_window(self) -> TimeWindow:
        """Where settings are chosen."""
        window = self.split.validation_window
        if window is None:
            raise ValueError(f"the split of {self.name} has no validation window; give it validation_from")
        return window

    @cached_property
    def known_before_validation(self) -> TrainingData:
        """What a candidate may learn from."""
        return data_before(self.data, self.validation_window.start)

    @cached_property
    def known_before_test(self) -> TrainingData:
        """What a contestant may learn from."""
        return data_before(self.data, self.split.train_until)

    @cached_property
    def validation_task(self) -> EvaluationTask:
        """The question by which settings are chosen."""
        return build_task(
            self.known_before_test,
            self.validation_window,
            label_above=self.config.label_above,
            policy=self.config.policy,
        )

    @cached_property
    def task(self) -> EvaluationTask:
        """The question of the table."""
        return build_task(
            self.data, self.split.test_window, label_above=self.config.label_above, policy=self.config.policy
        )

    @cached_property
    def new_startup_task(self) -> EvaluationTask | None:
        """The same over startups nobody had acted on before, ranked among themselves."""
        return new_startup_task(self.task)

    def validate(self, engine: Recommender) -> float:
        """NDCG@10 on the validation window."""
        return mean_metrics(engine, self.validation_task, self.config)[CHOSEN_BY]

    def say(self, text: str) -> None:
        """A line of progress."""
        print(f"{self.name} {time.monotonic() - self.started:6.0f} s  {text}", flush=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """A contestant that has learned.

    Attributes:
        name: In rows and tables.
        engines: One per seed; one where nothing is random.
        chosen: Its settings.
        chosen_by: How they were chosen, as JSON data; empty where there was no choice.
        kind: The product's own, a peer it is measured against, or a limit that nobody can pass.
    """

    name: str
    engines: Sequence[Recommender]
    chosen: Settings
    chosen_by: Settings = field(default_factory=dict)
    kind: Literal["product", "peer", "limit"] = "peer"

    def values(self, task: EvaluationTask, config: EvaluationConfig) -> list[Values]:
        """Every metric of every user, float64 [U, M], for each seed."""
        return [judge(rank_all(engine, task, config), task, config) for engine in self.engines]


def grid(**choices: Iterable[Any]) -> list[Settings]:
    """Every combination of the choices, the last name varying fastest."""
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


def enter(contest: Contest, name: str, fit: Fit, candidates: Sequence[Settings], *, seeded: bool = False) -> Entry:
    """A peer: choose the candidate that ranks the validation window best, then learn from all before the test window.

    Args:
        contest: Where it competes.
        name: The contestant's.
        fit: Learns.
        candidates: What to choose from; a single one is taken as it is.
        seeded: Whether to learn once for each seed; the choice is made under the first.
    """
    figures = _validate_all(contest, fit, candidates) if len(candidates) > 1 else []
    best = int(np.argmax(figures)) if figures else 0
    chosen = candidates[best]
    seeds = contest.seeds if seeded else contest.seeds[:1]
    engines = [fit(contest.known_before_test, chosen, seed) for seed in seeds]
    chosen_by = {"candidates": len(figures), f"validation_{CHOSEN_BY}": round(figures[best], 5)} if figures else {}
    contest.say(f"{name}: {dict(chosen)} {chosen_by or ''}")
    return Entry(name=name, engines=engines, chosen=chosen, chosen_by=chosen_by)


def _validate_all(contest: Contest, fit: Fit, candidates: Sequence[Settings]) -> list[float]:
    known, seed = contest.known_before_validation, contest.seeds[0]
    return [contest.validate(fit(known, candidate, seed)) for candidate in candidates]
