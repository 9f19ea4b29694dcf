"""The probabilities that engines gave to what people then did, and whether they were right to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np

from recommendation_service.engines.calibration import Reliability, reliability
from recommendation_service.engines.evaluation_answers import batches
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_task import EvaluationTask
from recommendation_service.engines.recommender import Scorer
from recommendation_service.engines.timeline import within
from recommendation_service.engines.types import FloatArray, Interactions


@runtime_checkable
class ProbabilityScorer(Protocol):
    """A scorer whose scores can be read as the probability that a person likes a startup."""

    def probability(self, scores: FloatArray) -> FloatArray:
        """Probabilities of scores, same shape."""


def window_reliability(
    scorers: Mapping[str, Scorer], task: EvaluationTask, config: EvaluationConfig
) -> dict[str, Reliability]:
    """Engine name -> reliability on the window's rows, for the engines that give probabilities.

    Empty where all rows carry the same label: then there is nothing to be calibrated about.
    """
    if len(np.unique(_judged_rows(task).label)) < 2:
        return {}
    found = {name: window_probabilities(scorer, task, config) for name, scorer in scorers.items()}
    return {name: reliability(*pairs) for name, pairs in found.items() if pairs is not None}


def window_probabilities(
    scorer: Scorer, task: EvaluationTask, config: EvaluationConfig
) -> tuple[FloatArray, FloatArray] | None:
    """(probability [P], label [P]) of the window's rows, or None for an engine that gives no probabilities.

    The rows are acts, dislikes and the data set's sampled negatives of open startups: the mixture that a probability
    is trained on. People are as they were when the window began.

    Args:
        scorer: An engine bound to `task.catalogue`.
        task: Whose window is judged.
        config: Sets the size of a batch.
    """
    if not isinstance(scorer, ProbabilityScorer):
        return None
    rows = _judged_rows(task)
    column_of = np.full(len(task.data.startups), -1, dtype=np.int64)
    column_of[task.startup_rows] = np.arange(task.width)
    people, person = np.unique(rows.user, return_inverse=True)
    given = np.zeros(len(rows), dtype=np.float32)
    for batch in batches(len(people), config.batch_size):
        states = [task.histories.state(int(row), task.window.start) for row in people[batch]]
        chosen = np.flatnonzero((person >= batch.start) & (person < batch.stop))
        probability = scorer.probability(scorer.score(states))
        given[chosen] = probability[person[chosen] - batch.start, column_of[rows.startup[chosen]]]
    return given, rows.label


def _judged_rows(task: EvaluationTask) -> Interactions:
    rows = within(task.data.interactions, task.window)
    return rows.take(np.isin(rows.startup, task.startup_rows))
