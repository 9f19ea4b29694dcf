"""NDCG of a network in training, over the full catalogue of the validation window."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_judging import judge
from recommendation_service.engines.evaluation_task import EvaluationTask
from recommendation_service.engines.metrics import metric_names
from recommendation_service.engines.recommender import top_k
from recommendation_service.engines.tower_network import TwoTowerNetwork
from recommendation_service.engines.two_tower import encode_rows
from recommendation_service.engines.types import FloatArray, Ranking

_USERS_AT_ONCE = 512


class RankingValidator:
    """Ranks what was open in the window for everybody who then acted, from features encoded once."""

    def __init__(self, task: EvaluationTask, *, user_features: Tensor, startup_features: Tensor, k: int) -> None:
        """Take the features of the people and startups that the task asks about.

        Args:
            task: The validation window as a question.
            user_features: float32 [U, F], a row per user of `task.data`.
            startup_features: float32 [N, F'], a row per startup of `task.data`.
            k: Cut-off of NDCG.
        """
        self._task = task
        self._config = EvaluationConfig(ks=(k,))
        self._user_features = user_features[torch.from_numpy(task.users)]
        self._startup_features = startup_features[torch.from_numpy(task.startup_rows)]
        self._judged = task.has_history if task.has_history.any() else np.ones(len(task.users), dtype=np.bool_)

    def ndcg(self, network: TwoTowerNetwork) -> float:
        """Mean NDCG@k over the people with history (over all, when nobody has any)."""
        users = encode_rows(network.user_tower, self._user_features)
        startups = encode_rows(network.startup_tower, self._startup_features)
        values = judge(self._rank(users, startups), self._task, self._config)
        column = metric_names(self._config.ks).index(f"ndcg@{self._config.ks[0]}")
        return float(values[self._judged, column].mean())

    def _rank(self, users: FloatArray, startups: FloatArray) -> Ranking:
        parts = []
        for start in range(0, len(users), _USERS_AT_ONCE):
            run = slice(start, min(start + _USERS_AT_ONCE, len(users)))
            allowed = ~self._task.known.mask(run, len(startups))
            parts.append(top_k(users[run] @ startups.T, self._config.ks[0], allowed))
        return Ranking(
            columns=np.concatenate([part.columns for part in parts]),
            scores=np.concatenate([part.scores for part in parts]),
        )
