from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import torch

from recommendation_service.engines.evaluation import mean_metrics
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.evaluation_task import build_task
from recommendation_service.engines.profile_training import ProfileTraining
from recommendation_service.engines.timeline import TimeWindow, data_before
from recommendation_service.engines.training_config import fast
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import TrainingData
from recommendation_service.engines.validation import RankingValidator

CUT = datetime(2025, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize("k", [1, 10])
def test_the_shortcut_equals_the_evaluation(platform: TrainingData, k: int) -> None:
    """Features encoded once must give the very figure that the evaluation computes from records."""
    config = replace(fast(), epochs=3)
    learned = data_before(platform, CUT)
    training = ProfileTraining(config, learned, torch.device("cpu"))
    training.fitter.run_epoch(0)
    task = build_task(platform, TimeWindow(start=CUT))
    found = RankingValidator(task, training.score_runs, k=k).ndcg()
    recommender = TwoTowerRecommender.assemble(config, training.model())
    expected = mean_metrics(recommender, task, EvaluationConfig(ks=(k,)))[f"ndcg@{k}"]
    assert found == pytest.approx(expected, abs=1e-9)


def test_when_nobody_has_history_everybody_counts(platform: TrainingData) -> None:
    everything = platform.interactions.time.min()
    start = datetime.fromtimestamp(everything / 1e6 - 1, tz=UTC)
    task = build_task(platform, TimeWindow(start=start))
    training = ProfileTraining(fast(), platform, torch.device("cpu"))
    training.fitter.run_epoch(0)
    assert RankingValidator(task, training.score_runs, k=10).ndcg() > 0.0
