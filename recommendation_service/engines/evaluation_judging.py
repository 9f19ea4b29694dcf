"""From lists to figures: each user's values on every metric, and what all lists together do to the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.sparse import csr_matrix

from recommendation_service.engines.beyond_accuracy import (
    Counts,
    diversity,
    exposure,
    exposure_share,
    gini,
    most_popular,
    novelty,
    self_information,
)
from recommendation_service.engines.evaluation_answers import Answers, batches
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_task import EvaluationTask
from recommendation_service.engines.list_features import list_features
from recommendation_service.engines.metrics import JudgedRankings, Values, metric_names, per_user_values
from recommendation_service.engines.timeline import before, done_by_people
from recommendation_service.engines.types import Ranking
from recommendation_service.engines.user_columns import UserColumns


class Question(Protocol):
    """What lists are judged by."""

    @property
    def relevant(self) -> UserColumns:
        """What proved relevant to each user."""

    @property
    def width(self) -> int:
        """Columns that could be ranked."""


def judge(ranking: Ranking, question: Question, config: EvaluationConfig) -> Values:
    """float64 [U, M]: every ranking metric of every user, columns as in `metric_names(config.ks)`."""
    gains = np.zeros(ranking.columns.shape)
    for batch in batches(len(gains), config.batch_size):
        columns = ranking.columns[batch]
        labels = np.take_along_axis(question.relevant.dense(batch, question.width), np.maximum(columns, 0), axis=1)
        gains[batch] = np.where(columns >= 0, labels, 0.0)
    judged = JudgedRankings(
        gains=gains, relevant=question.relevant.counts, ideal=question.relevant.best_values(ranking.columns.shape[1])
    )
    return per_user_values(judged, config.ks)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CatalogueFacts:
    """What lists are held against beyond being right.

    Attributes:
        actors: int64 [N], people who acted on each startup before the window (dislikes do not count).
        information: float64 [N], how surprising each startup is, in bits.
        features: [N, V], rows of length 1: what each startup says of itself.
    """

    actors: Counts
    information: Values
    features: csr_matrix

    @classmethod
    def of(cls, task: EvaluationTask) -> CatalogueFacts:
        """The facts of a task's catalogue as the window began."""
        earlier = before(task.data.interactions, task.window.start)
        earlier = earlier.take(done_by_people(earlier) & (earlier.label > 0))
        actors = np.bincount(earlier.startup, minlength=len(task.data.startups))[task.startup_rows]
        return cls(
            actors=actors,
            information=self_information(actors, len(np.unique(earlier.user))),
            features=list_features(task.catalogue.startups),
        )


def value_names(ks: tuple[int, ...]) -> tuple[str, ...]:
    """Names of everything that has a value per user, in the column order of `user_values`."""
    return (*metric_names(ks), "auc", *(f"{name}@{k}" for name in ("novelty", "diversity") for k in ks))


def user_values(answers: Answers, task: EvaluationTask, facts: CatalogueFacts, config: EvaluationConfig) -> Values:
    """float64 [U, M], columns as in `value_names(config.ks)`."""
    columns = answers.ranking.columns
    beyond = [
        *(novelty(columns, facts.information, k) for k in config.ks),
        *(diversity(columns, facts.features, k) for k in config.ks),
    ]
    return np.column_stack([judge(answers.ranking, task, config), answers.auc, *beyond])


def exposure_figures(
    ranking: Ranking, task: EvaluationTask, facts: CatalogueFacts, config: EvaluationConfig
) -> dict[str, float]:
    """How the lists of the people with history share out attention, at every cut-off.

    `gini@10`: inequality over the catalogue. `popular_share@10`: share of the places held by the 1 % of the catalogue
    that most people had acted on. `new_share@10`: share held by startups on which nobody had acted.
    """
    columns, popular, new = ranking.columns[task.has_history], most_popular(facts.actors), facts.actors == 0
    figures: dict[str, float] = {}
    for k in config.ks:
        shown = exposure(columns, task.width, k)
        figures[f"gini@{k}"] = gini(shown)
        figures[f"popular_share@{k}"] = exposure_share(shown, popular)
        figures[f"new_share@{k}"] = exposure_share(shown, new)
    return figures


def judge_all(
    answers: Mapping[str, Answers], task: EvaluationTask, facts: CatalogueFacts, config: EvaluationConfig
) -> dict[str, Values]:
    """`user_values` of every engine."""
    return {name: user_values(found, task, facts, config) for name, found in answers.items()}
