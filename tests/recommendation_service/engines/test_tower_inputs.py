from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from recommendation_service.engines import tower_inputs
from recommendation_service.engines.feature_config import FeatureConfig
from recommendation_service.engines.feature_engineering import FeatureEncoder
from recommendation_service.engines.profile_training import ProfileTraining
from recommendation_service.engines.tower_inputs import encode_all
from recommendation_service.engines.training_config import TowerConfig, TrainingConfig, fast
from recommendation_service.engines.types import TrainingData


@pytest.fixture
def encoder(platform: TrainingData) -> FeatureEncoder:
    return FeatureEncoder.fit(FeatureConfig(), platform.users, platform.startups)


@pytest.fixture
def config() -> TrainingConfig:
    tower = TowerConfig(hidden=(8,), dropout=(0.1,))
    return replace(fast(), user_tower=tower, startup_tower=tower, embedding=4, epochs=1)


def test_chunks_on_disk_and_in_memory_are_the_arrays_of_the_encoder(
    encoder: FeatureEncoder, platform: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tower_inputs, "_ROWS_AT_ONCE", 7)
    users = [*platform.users[:20], replace(platform.users[20], embedding=None)]
    expected = encoder.users.encode(users)
    for folder in (None, tmp_path / "inputs"):
        found = encode_all(encoder.users, users, folder=folder)
        np.testing.assert_array_equal(found.features.numpy(), expected.features)
        assert found.unusable_embeddings == expected.missing_embeddings + expected.invalid_embeddings
        assert found.unusable_embeddings >= 1


def test_a_mapped_file_leaves_nothing_behind(encoder: FeatureEncoder, platform: TrainingData, tmp_path: Path) -> None:
    found = encode_all(encoder.users, platform.users, folder=tmp_path / "inputs")
    assert list((tmp_path / "inputs").iterdir()) == []
    assert torch.isfinite(found.features).all()


def test_nobody_is_an_empty_table(encoder: FeatureEncoder, tmp_path: Path) -> None:
    assert encode_all(encoder.users, [], folder=tmp_path).features.shape == (0, 512)


def test_training_from_disk_is_training_from_memory(
    config: TrainingConfig, platform: TrainingData, tmp_path: Path
) -> None:
    losses = [
        ProfileTraining(config, platform, torch.device("cpu"), inputs_folder=folder).fitter.run_epoch(0)
        for folder in (None, tmp_path)
    ]
    assert losses[0] == losses[1]
