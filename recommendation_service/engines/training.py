"""Training of the two-tower model: search for the best epoch on the validation window, then hand over a checked model.

An interrupted training resumes from its last finished epoch and ends in the same model.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from recommendation_service.engines.checkpoints import CheckpointFolder
from recommendation_service.engines.config_json import to_dict
from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.evaluation_task import build_task
from recommendation_service.engines.feature_engineering import FeatureEncoder
from recommendation_service.engines.model_checks import refuse_degenerate
from recommendation_service.engines.splitting import TemporalSplit
from recommendation_service.engines.timeline import data_before
from recommendation_service.engines.tower_fitter import TowerFitter
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.training_history import EpochRecord, TrainingHistory
from recommendation_service.engines.two_tower import TwoTowerRecommender, encode_rows, fit_encoder
from recommendation_service.engines.types import TrainingData
from recommendation_service.engines.validation import RankingValidator


class TrainingObserver(Protocol):
    """Hears how a training goes."""

    def run_started(self, *, name: str, epochs: int, epochs_done: int) -> None:
        """A run begins (`search` or `refit`), of at most `epochs`, some of which a checkpoint may have done."""

    def step_done(self, step: int, steps: int) -> None:
        """A step of the current epoch is done."""

    def epoch_done(self, record: EpochRecord) -> None:
        """An epoch is done."""


class SilentObserver:
    """Nobody listens."""

    def run_started(self, *, name: str, epochs: int, epochs_done: int) -> None:
        """Ignore it."""

    def step_done(self, step: int, steps: int) -> None:
        """Ignore it."""

    def epoch_done(self, record: EpochRecord) -> None:
        """Ignore it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSession:
    """How a training is carried out, as opposed to what is trained.

    Attributes:
        device: Where it is computed.
        checkpoints: Folder for the best and the last epoch; None keeps none on disk.
        resume: Go on from the checkpoints, if any, instead of starting over.
        observer: Hears of every step and epoch.
    """

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    checkpoints: Path | None = None
    resume: bool = False
    observer: TrainingObserver = field(default_factory=SilentObserver)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainedModel:
    """A model fit for use.

    Attributes:
        recommender: The engine.
        search: Epochs trained with the validation window held out.
        refit: Epochs of the second training on everything before `train_until`; empty without `config.refit`.
        missing_user_embeddings: People of the dataset whose text embedding is missing or unusable.
        missing_startup_embeddings: Startups likewise.
    """

    recommender: TwoTowerRecommender
    search: TrainingHistory
    refit: TrainingHistory
    missing_user_embeddings: int
    missing_startup_embeddings: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Features:
    """Tower inputs of all records of a dataset."""

    encoder: FeatureEncoder
    users: Tensor
    startups: Tensor
    missing_users: int
    missing_startups: int


def train(
    data: TrainingData, config: TrainingConfig, split: TemporalSplit, session: TrainingSession | None = None
) -> TrainedModel:
    """Train on what lies before the split's test window.

    Args:
        data: Records and rows; rows from `split.train_until` on are never looked at.
        config: What to train.
        split: Cuts of time; its validation window stops the training at its best epoch.
        session: How to carry it out.

    Raises:
        TrainingError: If the split has no validation window, the rows cannot train this loss, training does not stay
            finite, a checkpoint does not fit, or the model that comes out cannot rank.
        DatasetError: If nothing happened in the validation window.
    """
    session = session or TrainingSession()
    window = split.validation_window
    if window is None:
        raise TrainingError(
            "there is no validation window to stop by; give --validation-from a moment before the end of training"
        )
    known = data_before(data, split.train_until)
    task = build_task(known, window)
    checkpoints = _open_checkpoints(data, config, split, session)
    learned = data_before(data, window.start)
    features = _encode(config, learned, session.device)
    validator = RankingValidator(
        task, user_features=features.users, startup_features=features.startups, k=config.validation_k
    )
    search = _Run("search", config, learned, features, session, checkpoints, validator)
    search.go(config.epochs)
    refit = None
    if config.refit:
        features = _encode(config, known, session.device)
        refit = _Run("refit", config, known, features, session, checkpoints, None)
        refit.go(search.history.best.epoch + 1)
    return _finish(config, features, search, refit)


class _Run:
    """Epochs in order over one set of rows, each followed by validation (if any) and checkpoints (if any)."""

    def __init__(
        self,
        name: str,
        config: TrainingConfig,
        data: TrainingData,
        features: _Features,
        session: TrainingSession,
        checkpoints: CheckpointFolder | None,
        validator: RankingValidator | None,
    ) -> None:
        self._name = name
        self._config = config
        self._session = session
        self._checkpoints = checkpoints
        self._validator = validator
        self.history = TrainingHistory()
        self.fitter = TowerFitter(
            config, data.interactions, user_features=features.users, startup_features=features.startups
        )
        self._best = self._weights()

    def go(self, epochs: int) -> None:
        """Train until `epochs` are done or patience is at an end; the network then is the best (or last) one."""
        self._resume()
        self._session.observer.run_started(name=self._name, epochs=epochs, epochs_done=len(self.history))
        while len(self.history) < epochs and not self._is_done():
            self._run_epoch(len(self.history))
        if self._validator is not None:
            self.fitter.network.load_state_dict(self._best)

    def _is_done(self) -> bool:
        return self._validator is not None and self.history.out_of_patience(self._config.patience)

    def _run_epoch(self, epoch: int) -> None:
        started = time.perf_counter()
        loss = self.fitter.run_epoch(epoch, self._session.observer.step_done)
        optimizer = self.fitter.optimizer
        record = EpochRecord(
            epoch=epoch,
            loss=loss,
            validation=None if self._validator is None else self._validator.ndcg(self.fitter.network),
            learning_rate=optimizer.learning_rate,
            skipped_steps=optimizer.skipped_steps,
            seconds=time.perf_counter() - started,
        )
        self.history = self.history.with_epoch(record)
        self._keep(record)
        self._session.observer.epoch_done(record)

    def _keep(self, record: EpochRecord) -> None:
        """Remember the best weights; on disk the best goes first, so that the last never names a best that is not."""
        is_best = self._validator is not None and self.history.best == record
        if is_best:
            self._best = self._weights()
        if self._checkpoints is None:
            return
        if is_best:
            self._checkpoints.save(f"{self._name}-best", {"epoch": record.epoch, "network": self._best})
        self._checkpoints.save(
            f"{self._name}-last",
            {
                "network": self._weights(),
                "optimizer": self.fitter.optimizer.state_dict(),
                "history": self.history.to_list(),
            },
        )

    def _resume(self) -> None:
        if self._checkpoints is None or not self._session.resume:
            return
        last = self._checkpoints.load(f"{self._name}-last", self._session.device)
        if last is None:
            return
        self.fitter.network.load_state_dict(last["network"])
        self.fitter.optimizer.load_state_dict(last["optimizer"])
        self.history = TrainingHistory.from_list(last["history"])
        best = self._checkpoints.load(f"{self._name}-best", self._session.device)
        if best is not None:
            self._best = best["network"]

    def _weights(self) -> dict[str, Tensor]:
        return {name: tensor.detach().clone() for name, tensor in self.fitter.network.state_dict().items()}


def _encode(config: TrainingConfig, data: TrainingData, device: torch.device) -> _Features:
    encoder = fit_encoder(config, data)
    users = encoder.users.encode(data.users)
    startups = encoder.startups.encode(data.startups)
    return _Features(
        encoder=encoder,
        users=torch.from_numpy(users.features).to(device),
        startups=torch.from_numpy(startups.features).to(device),
        missing_users=users.missing_embeddings + users.invalid_embeddings,
        missing_startups=startups.missing_embeddings + startups.invalid_embeddings,
    )


def _open_checkpoints(
    data: TrainingData, config: TrainingConfig, split: TemporalSplit, session: TrainingSession
) -> CheckpointFolder | None:
    if session.checkpoints is None:
        return None
    decisive = {
        "config": to_dict(config),
        "split": split.to_dict(),
        "data": {name: value for name, value in data.provenance.items() if name != "path"},
        "rows": len(data.interactions),
    }
    fingerprint = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
    folder = CheckpointFolder(session.checkpoints, fingerprint)
    if not session.resume:
        folder.clear()
    return folder


def _finish(config: TrainingConfig, features: _Features, search: _Run, refit: _Run | None) -> TrainedModel:
    network = (refit or search).fitter.network
    refuse_degenerate(encode_rows(network.user_tower, features.users), of="users")
    refuse_degenerate(encode_rows(network.startup_tower, features.startups), of="startups")
    return TrainedModel(
        recommender=TwoTowerRecommender.assemble(config, features.encoder, network),
        search=search.history,
        refit=refit.history if refit else TrainingHistory(),
        missing_user_embeddings=features.missing_users,
        missing_startup_embeddings=features.missing_startups,
    )
