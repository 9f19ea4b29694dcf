"""NDCG of a network in training, over the full catalogue of the validation window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np

from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_judging import judge
from recommendation_service.engines.evaluation_task import EvaluationTask
from recommendation_service.engines.metrics import metric_names
from recommendation_service.engines.recommender import top_k
from recommendation_service.engines.tower_training import Rows
from recommendation_service.engines.types import FloatArray, Ranking

_USERS_AT_ONCE = 512


ScoreRuns = Callable[[Rows, Rows, datetime], Callable[[slice], FloatArray]]
"""From rows of users [U] and of startups [N], and a moment, to what scores a run of the users, [B, N], as of then."""


class RankingValidator:
    """Ranks what was open in the window for everybody who then acted, as the network stands at the time of asking."""

    def __init__(self, task: EvaluationTask, score_runs: ScoreRuns, *, k: int) -> None:
        """Take the question.

        Args:
            task: The validation window as a question.
            score_runs: How the network in training scores rows of `task.data`.
            k: Cut-off of NDCG.
        """
        self._task = task
        self._config = EvaluationConfig(ks=(k,))
        self._score_runs = score_runs
        self._judged = task.has_history if task.has_history.any() else np.ones(len(task.users), dtype=np.bool_)

    def ndcg(self) -> float:
        """Mean NDCG@k over the people with history (over all, when nobody has any)."""
        task = self._task
        scores = self._score_runs(task.users, task.startup_rows, task.window.start)
        values = judge(self._rank(scores), task, self._config)
        column = metric_names(self._config.ks).index(f"ndcg@{self._config.ks[0]}")
        return float(values[self._judged, column].mean())

    def _rank(self, scores: Callable[[slice], FloatArray]) -> Ranking:
        parts = []
        for start in range(0, len(self._task.users), _USERS_AT_ONCE):
            run = slice(start, min(start + _USERS_AT_ONCE, len(self._task.users)))
            allowed = ~self._task.known.mask(run, len(self._task.catalogue))
            parts.append(top_k(scores(run), self._config.ks[0], allowed))
        return Ranking(
            columns=np.concatenate([part.columns for part in parts]),
            scores=np.concatenate([part.scores for part in parts]),
        )
