from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from recommendation_service.engines.errors import DatasetError, TrainingError
from recommendation_service.engines.parallel_towers import ParallelTowers
from recommendation_service.engines.profile_training import ProfileTraining
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.training import TrainedModel, train
from recommendation_service.engines.training_config import OptimizerConfig, fast, preset
from recommendation_service.engines.training_history import EpochRecord
from recommendation_service.engines.training_plots import plot_history
from recommendation_service.engines.training_session import SilentObserver, TrainingSession
from recommendation_service.engines.types import TrainingData
from recommendation_service.engines.validation import RankingValidator

SPLIT = TemporalSplit(validation_from=datetime(2025, 3, 15, tzinfo=UTC), train_until=datetime(2025, 4, 1, tzinfo=UTC))
CONFIG = replace(fast(), epochs=4, batch_size=256)


class Power(SilentObserver):
    """Cuts the power after some epochs, as kill -9 would."""

    def __init__(self, epochs: int) -> None:
        self.left = epochs

    def epoch_done(self, record: EpochRecord) -> None:
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def tensors(model: TrainedModel) -> dict[str, torch.Tensor]:
    return model.recommender.to_state()[0]


def losses(model: TrainedModel) -> list[float]:
    return [record.loss for record in (*model.search.epochs, *model.refit.epochs)]


def test_it_learns_and_keeps_the_best_epoch(platform: TrainingData) -> None:
    model = train(platform, replace(CONFIG, epochs=8, patience=2), SPLIT)
    first, best = model.search.epochs[0], model.search.best
    assert best.loss < first.loss
    assert best.validation is not None
    assert best.validation >= max(record.validation or 0.0 for record in model.search.epochs)
    assert len(model.search) <= 8
    assert model.missing_user_embeddings == sum(user.embedding is None for user in platform.users)


def test_the_model_is_that_of_the_best_epoch(
    platform: TrainingData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With scores that fall from the second epoch on, patience 2 stops after four and hands over the second."""
    scores = iter([0.2, 0.5, 0.4, 0.3, 0.9])
    monkeypatch.setattr(RankingValidator, "ndcg", lambda self: next(scores))
    model = train(platform, replace(CONFIG, epochs=5, patience=2), SPLIT, TrainingSession(checkpoints=tmp_path))
    assert [record.validation for record in model.search.epochs] == [0.2, 0.5, 0.4, 0.3]
    best, last = (
        torch.load(tmp_path / f"search-{name}.checkpoint.pth", weights_only=True)["state"] for name in ("best", "last")
    )
    assert best["epoch"] == 1
    assert all(torch.equal(tensor, best["network"][name]) for name, tensor in tensors(model).items())
    assert any(not torch.equal(tensor, last["network"][name]) for name, tensor in tensors(model).items())


def test_patience_counts_epochs_that_are_not_better(platform: TrainingData, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RankingValidator, "ndcg", lambda self: 0.1)
    assert len(train(platform, replace(CONFIG, epochs=5, patience=1), SPLIT).search) == 2


def test_the_refit_takes_as_many_epochs_as_were_best(platform: TrainingData, monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter([0.2, 0.5, 0.4, 0.3])
    monkeypatch.setattr(RankingValidator, "ndcg", lambda self: next(scores))
    model = train(platform, replace(CONFIG, refit=True), SPLIT)
    assert (len(model.search), len(model.refit)) == (4, 2)


def test_the_future_is_never_looked_at(platform: TrainingData) -> None:
    """Whatever happens after the training must not change the model by a bit."""
    later = platform.interactions.time >= int(SPLIT.train_until.timestamp() * 1e6)
    shuffled = replace(platform.interactions, startup=platform.interactions.startup.copy())
    shuffled.startup[later] = np.roll(shuffled.startup[later], 7)
    one, other = (
        train(replace(platform, interactions=rows), CONFIG, SPLIT) for rows in (platform.interactions, shuffled)
    )
    assert all(torch.equal(tensors(one)[name], tensor) for name, tensor in tensors(other).items())


def test_refit_learns_from_the_validation_window_too(platform: TrainingData) -> None:
    model = train(platform, replace(CONFIG, refit=True), SPLIT)
    assert len(model.refit) == model.search.best.epoch + 1
    assert all(record.validation is None for record in model.refit.epochs)
    plain = train(platform, CONFIG, SPLIT)
    assert losses(plain) == [record.loss for record in model.search.epochs]
    assert any(not torch.equal(tensors(plain)[name], tensor) for name, tensor in tensors(model).items())


@pytest.mark.parametrize("epochs_before", [1, 3, 5], ids=["after the first", "in the search", "in the refit"])
def test_resuming_ends_in_the_same_model(platform: TrainingData, tmp_path: Path, epochs_before: int) -> None:
    config = replace(CONFIG, refit=True)
    whole = train(platform, config, SPLIT)
    with pytest.raises(KeyboardInterrupt):
        train(platform, config, SPLIT, TrainingSession(checkpoints=tmp_path, observer=Power(epochs_before)))
    resumed = train(platform, config, SPLIT, TrainingSession(checkpoints=tmp_path, resume=True))
    np.testing.assert_allclose(losses(resumed), losses(whole), rtol=1e-5)
    for name, tensor in tensors(whole).items():
        torch.testing.assert_close(tensors(resumed)[name], tensor, rtol=1e-4, atol=1e-5)


def test_the_searched_engine_has_not_seen_the_validation_window(platform: TrainingData) -> None:
    """With refit it is the engine that a training without refit hands over."""
    plain, refitted = train(platform, CONFIG, SPLIT), train(platform, replace(CONFIG, refit=True), SPLIT)
    assert plain.searched is plain.recommender
    searched = refitted.searched.to_state()[0]
    assert all(torch.equal(searched[name], tensor) for name, tensor in tensors(plain).items())


def test_resuming_a_finished_training_trains_nothing(platform: TrainingData, tmp_path: Path) -> None:
    first = train(platform, CONFIG, SPLIT, TrainingSession(checkpoints=tmp_path))
    again = train(platform, CONFIG, SPLIT, TrainingSession(checkpoints=tmp_path, resume=True, observer=Power(1)))
    assert all(torch.equal(tensors(first)[name], tensor) for name, tensor in tensors(again).items())


def test_resuming_without_checkpoints_starts_from_the_start(platform: TrainingData, tmp_path: Path) -> None:
    model = train(platform, CONFIG, SPLIT, TrainingSession(checkpoints=tmp_path, resume=True))
    assert len(model.search) == 4


def test_resuming_another_training_is_refused(platform: TrainingData, tmp_path: Path) -> None:
    train(platform, CONFIG, SPLIT, TrainingSession(checkpoints=tmp_path))
    with pytest.raises(TrainingError, match="belongs to another dataset, split or configuration"):
        train(platform, replace(CONFIG, seed=1), SPLIT, TrainingSession(checkpoints=tmp_path, resume=True))


def test_not_resuming_forgets_the_old_checkpoints(platform: TrainingData, tmp_path: Path) -> None:
    train(platform, replace(CONFIG, refit=True), SPLIT, TrainingSession(checkpoints=tmp_path))
    assert {file.name.split(".")[0] for file in tmp_path.iterdir()} == {"search-best", "search-last", "refit-last"}
    train(platform, replace(CONFIG, seed=1), SPLIT, TrainingSession(checkpoints=tmp_path))
    assert {file.name.split(".")[0] for file in tmp_path.iterdir()} == {"search-best", "search-last"}


def test_no_validation_window(platform: TrainingData) -> None:
    with pytest.raises(TrainingError, match="no validation window to stop by; give --validation-from"):
        train(platform, CONFIG, TemporalSplit(train_until=SPLIT.train_until))


def test_an_empty_validation_window(platform: TrainingData) -> None:
    late = datetime(2031, 1, 1, tzinfo=UTC)
    with pytest.raises(DatasetError, match=r"nothing to judge .* choose an earlier split"):
        train(platform, CONFIG, TemporalSplit(validation_from=late, train_until=datetime(2032, 1, 1, tzinfo=UTC)))


def test_nothing_to_train_on(platform: TrainingData) -> None:
    early = replace(SPLIT, validation_from=datetime(2024, 1, 1, tzinfo=UTC))
    with pytest.raises(TrainingError, match="none of the 0 training rows"):
        train(platform, CONFIG, early)


def test_weights_that_are_not_finite_stop_training_and_save_nothing(platform: TrainingData, tmp_path: Path) -> None:
    broken = replace(platform.interactions, weight=np.full_like(platform.interactions.weight, np.nan))
    with pytest.raises(TrainingError, match="no step of epoch 1 had a finite loss"):
        train(replace(platform, interactions=broken), CONFIG, SPLIT, TrainingSession(checkpoints=tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["fast", "history", "ids"])
def test_a_rate_far_too_high_is_named_as_the_cause(name: str, platform: TrainingData) -> None:
    optimizer = replace(preset(name).optimizer, learning_rate=1e30)
    with pytest.raises(TrainingError, match=r"lower optimizer\.learning_rate"):
        train(platform, replace(preset(name), optimizer=optimizer), SPLIT)


def test_a_few_broken_rows_are_skipped_and_counted(platform: TrainingData) -> None:
    weight = platform.interactions.weight.copy()
    weight[0] = np.inf
    config = replace(CONFIG, epochs=2, batch_size=64, optimizer=OptimizerConfig(max_skipped_steps=2))
    model = train(replace(platform, interactions=replace(platform.interactions, weight=weight)), config, SPLIT)
    assert [record.skipped_steps for record in model.search.epochs] == [1, 2]
    assert all(np.isfinite(record.loss) for record in model.search.epochs)


def test_people_without_any_features_are_named_as_a_collapse(platform: TrainingData) -> None:
    alike = [replace(platform.users[0], id=user.id) for user in platform.users]
    collapsed = train(replace(platform, users=alike), CONFIG, SPLIT).collapsed
    assert collapsed is not None
    assert "all 60 users have the same embedding" in collapsed


def test_each_entity_of_a_batch_is_encoded_once(platform: TrainingData, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[list[int]] = []
    encode = ParallelTowers.encode

    def recording(towers: ParallelTowers, features: Sequence[Tensor], rows: Sequence[Tensor]) -> tuple[Tensor, ...]:
        encoded.extend(of.tolist() for of in rows)
        return encode(towers, features, rows)

    monkeypatch.setattr(ParallelTowers, "encode", recording)
    ProfileTraining(replace(CONFIG, batch_size=10_000), platform, torch.device("cpu")).fitter.run_epoch(0)
    startups, users = np.unique(platform.interactions.startup), np.unique(platform.interactions.user)
    assert encoded == [startups.tolist(), users.tolist()]


def test_the_history_becomes_a_picture(platform: TrainingData, tmp_path: Path) -> None:
    model = train(platform, CONFIG, SPLIT)
    plot_history(model.search, tmp_path / "curves.png", validation_k=10)
    assert (tmp_path / "curves.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(json.loads(model.search.to_json())) == len(model.search)
