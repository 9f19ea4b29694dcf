"""A version's card and pictures, from a real training."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.evaluation_config import EvaluationConfig
from recommendation_service.engines.model_registry import ModelRegistry
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.training_config import (
    LossConfig,
    TowerConfig,
    TrainingConfig,
    fast,
    history,
    ids,
    read_config,
)
from recommendation_service.engines.training_session import TrainingSession
from recommendation_service.engines.types import TrainingData
from recommendation_service.services.model_files import FILES, write_model_files
from recommendation_service.services.model_training import TrainedVersion, train_version

TOWER = TowerConfig(hidden=(16,), dropout=(0.1,))
CONFIG = replace(fast(), user_tower=TOWER, startup_tower=TOWER, embedding=8, epochs=2)
SPLIT = TemporalSplit(validation_from=datetime(2025, 3, 15, tzinfo=UTC), train_until=datetime(2025, 4, 1, tzinfo=UTC))


def trained(data: TrainingData, folder: Path, config: TrainingConfig = CONFIG) -> TrainedVersion:
    judging = EvaluationConfig(resamples=100)
    return train_version(data, config, SPLIT, ModelRegistry(folder), session=TrainingSession(), judging=judging)


def card(folder: Path) -> str:
    return (folder / "two_tower_v1.card.md").read_text()


def test_the_card_states_what_the_manifest_and_the_reports_say(platform: TrainingData, tmp_path: Path) -> None:
    version = trained(platform, tmp_path)
    text = card(tmp_path)
    assert version.manifest.sha256 in text
    assert version.evaluation is not None
    for report in (version.evaluation.report, version.validation.report):
        figures = report.segments[0].engines["two_tower"]["ndcg@10"]
        assert f"{figures.mean:.4f} ({figures.low:.4f} .. {figures.high:.4f})" in text
    for engine in version.evaluation.report.segments[0].engines:
        assert f"| {engine} |" in text
    assert all(f"`two_tower_v1.{end}`" in text and (tmp_path / f"two_tower_v1.{end}").exists() for end in FILES)
    headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert headings[:3] == ["Model details", "Intended use", "Factors and metrics"]
    assert {"Training data", "Evaluation", "Calibration", "Caveats and recommendations"} < set(headings)


def test_the_stated_configuration_trains_the_same_model(platform: TrainingData, tmp_path: Path) -> None:
    first = trained(platform, tmp_path / "first")
    config = read_config(tmp_path / "first" / "two_tower_v1.config.json")
    assert trained(platform, tmp_path / "again", config).manifest.tensors == first.manifest.tensors
    one, other = (ModelRegistry(tmp_path / name).load("two_tower_v1").state.tensors for name in ("first", "again"))
    assert all(np.array_equal(one[name].numpy(), tensor.numpy()) for name, tensor in other.items())


@pytest.mark.parametrize(
    ("config", "origin"),
    [
        (CONFIG, "`weighted_bce` learns probabilities"),
        (replace(CONFIG, loss=LossConfig(name="softmax")), "`softmax` learns an order, no probabilities"),
        (replace(history(), epochs=1), "a curve fitted to the last episode of the training makes probabilities"),
        (replace(ids(), embedding=8, epochs=1), "`softmax` learns an order, no probabilities"),
    ],
    ids=["weighted_bce", "softmax", "history", "ids"],
)
def test_probabilities_that_were_judged_are_drawn_and_the_card_says_where_they_come_from(
    platform: TrainingData, tmp_path: Path, config: TrainingConfig, origin: str
) -> None:
    calibration = trained(platform, tmp_path, config).validation.report.calibration["two_tower"]
    assert (tmp_path / "two_tower_v1.reliability.png").exists()
    assert origin in card(tmp_path)
    assert f"expected calibration error {calibration.ece:.4f}" in card(tmp_path)


def test_probabilities_that_could_not_be_judged_are_not_drawn(platform: TrainingData, tmp_path: Path) -> None:
    version = trained(platform, tmp_path / "trained")
    report = replace(version.validation.report, calibration={})
    write_model_files(
        tmp_path,
        version.manifest,
        version.model,
        verdict=version.verdict,
        validation=replace(version.validation, report=report),
        test=version.evaluation,
        config=CONFIG,
    )
    assert not (tmp_path / "two_tower_v1.reliability.png").exists()
    assert "reliability.png" not in card(tmp_path)
    assert "probabilities cannot be judged" in card(tmp_path)


def test_a_collapsed_model_is_saved_as_refused_and_cannot_be_activated(platform: TrainingData, tmp_path: Path) -> None:
    alike = replace(platform, users=[replace(platform.users[0], id=user.id) for user in platform.users])
    version = trained(alike, tmp_path)
    assert version.manifest.refused is not None
    assert "all 60 users have the same embedding" in version.manifest.refused
    assert "State: refused: all 60 users" in card(tmp_path)
    with pytest.raises(ModelFileError, match="two_tower_v1 is refused: all 60 users"):
        ModelRegistry(tmp_path).activate("two_tower_v1")
