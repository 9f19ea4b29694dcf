"""One epoch of two-tower training: batches in, gradient steps out, whatever the batches and the towers are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Generic, TypeVar

import torch
from torch import Tensor

from recommendation_service.engines.batch_source import BatchSource, TrainingBatch
from recommendation_service.engines.device_precision import tensor_cores
from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.losses import ScoredBatch, find_loss
from recommendation_service.engines.optimization import GuardedOptimizer
from recommendation_service.engines.shared_work import sharing
from recommendation_service.engines.tower_network import TowerNetwork
from recommendation_service.engines.training_config import TrainingConfig

NetworkT = TypeVar("NetworkT", bound=TowerNetwork)
Score = Callable[[NetworkT, TrainingBatch], Tensor]
"""From a batch to the scores float32 [B, N] of its users and startups, or [P] of its pairs where they suffice."""
OnStep = Callable[[int, int, int], None]
"""Called after each step with the steps done, the steps of the epoch, and how many labelled pairs this step had."""


class TowerFitter(Generic[NetworkT]):
    """A network in training, with its optimiser and its data on one device.

    Every epoch draws its randomness from (seed, epoch) alone, so a resumed training takes the same steps.
    """

    def __init__(
        self,
        config: TrainingConfig,
        *,
        build: Callable[[TrainingConfig], NetworkT],
        score: Score[NetworkT],
        source: BatchSource,
        device: torch.device,
        shares_work: bool = False,
    ) -> None:
        """Build a fresh network.

        Args:
            config: The training.
            build: Makes the network, with weights drawn from torch's global generator.
            score: How the network scores a batch.
            source: Where the batches come from, on the device.
            device: Where it is computed.
            shares_work: Whether the network shares out by itself most of what is computed, so that torch's own
                threads are better not called together for the rest.

        Raises:
            ConfigError: If the loss is unknown.
        """
        self.config = config
        self.device = device
        self._loss = find_loss(config.loss.name)
        self._score_batch = score
        self._source = source
        self._threads = sharing if shares_work else nullcontext
        with self._seeded(epoch=-1):
            self.network = build(config).to(device)
        self.optimizer = GuardedOptimizer(self.network, config.optimizer)

    def run_epoch(self, epoch: int, on_step: OnStep | None = None) -> float:
        """Train on every batch once and return the mean loss of the steps that were taken.

        Raises:
            TrainingError: After too many steps that are not finite, or when no step of the epoch was.
        """
        self.network.train()
        generator = torch.Generator().manual_seed(self._epoch_seed(epoch))
        steps = self._source.steps
        total = torch.zeros((), dtype=torch.float64, device=self.device)
        rows_used = torch.zeros((), dtype=torch.int64, device=self.device)
        with self._seeded(epoch), tensor_cores(self.device), self._threads():
            for step, batch in enumerate(self._source.batches(generator)):
                self.optimizer.anneal((epoch + step / steps) / self.config.epochs)
                loss = self._loss.compute(self._score(batch), self.config.loss)
                taken = self.optimizer.step(loss)
                total += torch.where(taken, loss.detach(), 0.0).double() * len(batch)
                rows_used += taken * len(batch)
                if on_step is not None:
                    on_step(step + 1, steps, len(batch))
        self.optimizer.require_finite()
        if not rows_used:
            raise TrainingError(
                f"no step of epoch {epoch + 1} had a finite loss; lower optimizer.learning_rate "
                f"({self.config.optimizer.learning_rate}) or check the dataset's weights and labels"
            )
        return float(total / rows_used)

    def _score(self, batch: TrainingBatch) -> ScoredBatch:
        return ScoredBatch(
            scores=self._score_batch(self.network, batch),
            row=batch.row,
            column=batch.column,
            label=batch.label,
            weight=batch.weight,
            known=batch.known,
            log_q=batch.log_q,
            scale=self.network.scale,
            bias=self.network.bias,
        )

    def _epoch_seed(self, epoch: int) -> int:
        return (self.config.seed << 20) + epoch + 1

    @contextmanager
    def _seeded(self, epoch: int) -> Iterator[None]:
        """Weights and dropout draw from torch's global generators: seed them, and give them back as they were."""
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(self._epoch_seed(epoch))
            yield
