"""What the manifest of a version says about its training."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.training_config import OptimizerConfig, TowerConfig, fast
from recommendation_service.engines.training_session import TrainingSession
from recommendation_service.engines.types import TrainingData
from recommendation_service.services.model_training import train_version

TOWER = TowerConfig(hidden=(16,), dropout=(0.1,))
CONFIG = replace(
    fast(),
    user_tower=TOWER,
    startup_tower=TOWER,
    embedding=8,
    epochs=2,
    batch_size=64,
    optimizer=OptimizerConfig(max_skipped_steps=2),
)
SPLIT = TemporalSplit(validation_from=datetime(2025, 3, 15, tzinfo=UTC), train_until=datetime(2025, 4, 1, tzinfo=UTC))


def with_a_broken_row(data: TrainingData) -> TrainingData:
    """Its first row, which search and refit both learn from, ends one step of every epoch in infinity."""
    weight = data.interactions.weight.copy()
    weight[0] = np.inf
    return replace(data, interactions=replace(data.interactions, weight=weight))


def test_skipped_steps_of_search_and_refit_are_both_counted(platform: TrainingData, tmp_path: Path) -> None:
    version = train_version(
        with_a_broken_row(platform),
        replace(CONFIG, refit=True),
        SPLIT,
        ModelRegistry(tmp_path),
        session=TrainingSession(),
        judging=EvaluationConfig(resamples=100),
    )
    summary, refit = version.manifest.training, version.model.refit
    assert [record.skipped_steps for record in refit.epochs] == list(range(1, summary["refit_epochs"] + 1))
    assert summary["skipped_steps"] == summary["epochs"] + summary["refit_epochs"]
