"""Epochs in order, each validated and kept; stops when patience is at an end."""

from __future__ import annotations

import time

from torch import Tensor

from recommendation_service.engines.checkpoints import CheckpointFolder
from recommendation_service.engines.tower_training import TowerTraining
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.training_history import EpochRecord, TrainingHistory
from recommendation_service.engines.training_session import TrainingSession
from recommendation_service.engines.validation import RankingValidator


class TrainingRun:
    """Epochs in order over one set of rows, each followed by validation (if any) and checkpoints (if any)."""

    def __init__(
        self,
        name: str,
        config: TrainingConfig,
        training: TowerTraining,
        session: TrainingSession,
        checkpoints: CheckpointFolder | None,
        validator: RankingValidator | None,
    ) -> None:
        """Take fresh towers.

        Args:
            name: `search` or `refit`; also names the checkpoints.
            config: What to train.
            training: The fresh towers with what they learn from.
            session: How to carry it out.
            checkpoints: Where the best and the last epoch are kept; None for nowhere.
            validator: Finds the best epoch; without it the last one counts.
        """
        self._name = name
        self._config = config
        self._session = session
        self._checkpoints = checkpoints
        self._validator = validator
        self.training = training
        self.fitter = training.fitter
        self.history = TrainingHistory()
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
            validation=None if self._validator is None else self._validator.ndcg(),
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
