"""Searches for a configuration, real ones on tiny towers: resumed, cut off, and never looking past the validation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.search_space import Choice, Dimension, Range, values_of
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.training_config import TowerConfig, TrainingConfig, fast
from recommendation_service.engines.training_history import EpochRecord
from recommendation_service.engines.training_session import SilentObserver, TrainingObserver
from recommendation_service.engines.types import TrainingData
from recommendation_service.services.trial_result import TrialResult
from recommendation_service.services.tuning import TunedConfig, tune

TOWER = TowerConfig(hidden=(8,), dropout=(0.0,))
CONFIG = replace(fast(), user_tower=TOWER, startup_tower=TOWER, embedding=4, epochs=2, refit=True)
SPLIT = TemporalSplit(validation_from=datetime(2025, 3, 15, tzinfo=UTC), train_until=datetime(2025, 4, 1, tzinfo=UTC))
SPACE = (
    Dimension(keys=("optimizer.learning_rate",), values=Range(low=1e-4, high=1e-1, log=True)),
    Dimension(keys=("user_tower.hidden", "startup_tower.hidden"), values=Choice(options=([4], [8]))),
)


def search(
    data: TrainingData,
    folder: Path,
    trials: int,
    *,
    config: TrainingConfig = CONFIG,
    observer: TrainingObserver | None = None,
) -> tuple[TunedConfig, list[TrialResult]]:
    told: list[TrialResult] = []
    tuned = tune(
        data,
        config,
        SPLIT,
        space=SPACE,
        trials=trials,
        file=folder / "tuning.sqlite3",
        device=torch.device("cpu"),
        observer=observer or SilentObserver(),
        on_trial=told.append,
    )
    return tuned, told


class Power(SilentObserver):
    """Cuts the power after some epochs: no trial is told that it ended."""

    def __init__(self, epochs: int) -> None:
        self.left = epochs

    def epoch_done(self, record: EpochRecord) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def test_an_interrupted_search_takes_the_same_way(platform: TrainingData, tmp_path: Path) -> None:
    whole, _ = search(platform, tmp_path / "whole", 4)
    with pytest.raises(KeyboardInterrupt):
        search(platform, tmp_path / "cut", 4, observer=Power(3))
    resumed, told = search(platform, tmp_path / "cut", 4)
    assert resumed == whole
    assert [result.number for result in told] == [1, 2, 3, 4]


def test_the_first_trial_is_the_configuration_as_given(platform: TrainingData, tmp_path: Path) -> None:
    tuned, _ = search(platform, tmp_path, 2)
    assert tuned.trials[0].values == values_of(CONFIG, SPACE)
    assert tuned.best.validation == max(result.validation or 0.0 for result in tuned.trials)
    assert tuned.config.refit
    assert values_of(tuned.config, SPACE) == tuned.best.values


def test_enough_trials_train_nothing_more(platform: TrainingData, tmp_path: Path) -> None:
    first, _ = search(platform, tmp_path, 2)
    again, told = search(platform, tmp_path, 2, observer=Power(1))
    assert again == first
    assert told == list(first.trials)


def test_the_test_window_is_never_looked_at(platform: TrainingData, tmp_path: Path) -> None:
    later = platform.interactions.time >= int(SPLIT.train_until.timestamp() * 1e6)
    changed = replace(platform.interactions, startup=platform.interactions.startup.copy())
    changed.startup[later] = np.roll(changed.startup[later], 7)
    one, _ = search(platform, tmp_path / "one", 2)
    other, _ = search(replace(platform, interactions=changed), tmp_path / "other", 2)
    assert one == other


def test_the_highest_seed_has_trials_after_the_first(platform: TrainingData, tmp_path: Path) -> None:
    highest = replace(CONFIG, seed=2**32 - 1, epochs=1)
    tuned, _ = search(platform, tmp_path, 2, config=highest)
    assert [result.number for result in tuned.trials] == [1, 2]


def test_another_configuration_is_another_study(platform: TrainingData, tmp_path: Path) -> None:
    search(platform, tmp_path, 1)
    _, told = search(platform, tmp_path, 1, config=replace(CONFIG, epochs=1))
    assert told[0].epochs == 1


def test_trials_that_cannot_train_are_told_and_counted(platform: TrainingData, tmp_path: Path) -> None:
    broken = replace(platform.interactions, weight=np.full_like(platform.interactions.weight, np.nan))
    with pytest.raises(TrainingError, match="none of the 2 trials ended in a model: no step of epoch 1"):
        search(replace(platform, interactions=broken), tmp_path, 2)
