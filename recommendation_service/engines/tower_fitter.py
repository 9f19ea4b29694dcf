"""One epoch of two-tower training: batches of indices in, gradient steps out.

Features lie in memory once and are gathered by index; each distinct user and startup of a batch is encoded once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.known_positives import KnownPositives
from recommendation_service.engines.losses import ScoredBatch, find_loss
from recommendation_service.engines.optimization import GuardedOptimizer
from recommendation_service.engines.tower_network import TwoTowerNetwork
from recommendation_service.engines.training_config import TrainingConfig
from recommendation_service.engines.training_pairs import TrainingPairs
from recommendation_service.engines.types import Interactions

OnStep = Callable[[int, int], None]
"""Called after each step with the steps done and the steps of the epoch."""


class TowerFitter:
    """A network in training, with its optimiser and its data on one device.

    Every epoch draws its randomness from (seed, epoch) alone, so a resumed training takes the same steps.
    """

    def __init__(
        self,
        config: TrainingConfig,
        interactions: Interactions,
        *,
        user_features: Tensor,
        startup_features: Tensor,
    ) -> None:
        """Build a fresh network.

        Args:
            config: The training.
            interactions: Rows of the training window.
            user_features: float32 [U, F], a row per user that `interactions` points to.
            startup_features: float32 [N, F'], a row per startup that `interactions` points to.

        Raises:
            TrainingError: If the rows cannot train this loss.
            ConfigError: If the loss is unknown.
        """
        self.config = config
        self.device = user_features.device
        self._loss = find_loss(config.loss.name)
        self._user_features = user_features
        self._startup_features = startup_features
        self._pairs = TrainingPairs.of(interactions, with_negatives=self._loss.uses_negatives, device=self.device)
        self._known = self._known_positives()
        self._log_q = self._startup_log_probability()
        with self._seeded(epoch=-1):
            self.network = TwoTowerNetwork(config).to(self.device)
        self.optimizer = GuardedOptimizer(self.network, config.optimizer)

    def run_epoch(self, epoch: int, on_step: OnStep | None = None) -> float:
        """Train on every row once and return the mean loss of the steps that were taken.

        Raises:
            TrainingError: After too many steps that are not finite, or when no step of the epoch was.
        """
        self.network.train()
        generator = torch.Generator().manual_seed(self._epoch_seed(epoch))
        steps = self._pairs.batch_count(self.config.batch_size)
        total, rows_used = 0.0, 0
        with self._seeded(epoch):
            for step, rows in enumerate(self._pairs.batches(self.config.batch_size, generator)):
                self.optimizer.anneal((epoch + step / steps) / self.config.epochs)
                loss = self._loss.compute(self._score(rows), self.config.loss)
                if self.optimizer.step(loss):
                    total += loss.item() * len(rows)
                    rows_used += len(rows)
                if on_step is not None:
                    on_step(step + 1, steps)
        if not rows_used:
            raise TrainingError(
                f"no step of epoch {epoch + 1} had a finite loss; check the dataset's weights and labels"
            )
        return total / rows_used

    def _score(self, rows: Tensor) -> ScoredBatch:
        pairs, network = self._pairs, self.network
        users, row = torch.unique(pairs.user[rows], return_inverse=True)
        startups, column = torch.unique(pairs.startup[rows], return_inverse=True)
        user_vectors = network.user_tower(self._user_features[users])
        startup_vectors = network.startup_tower(self._startup_features[startups])
        return ScoredBatch(
            scores=user_vectors @ startup_vectors.T,
            row=row,
            column=column,
            label=pairs.label[rows],
            weight=pairs.weight[rows],
            known=self._known.mask(users, startups),
            log_q=self._log_q[startups],
            scale=network.scale,
            bias=network.bias,
        )

    def _known_positives(self) -> KnownPositives:
        positive = self._pairs.positives
        return KnownPositives.of(
            self._pairs.user[positive],
            self._pairs.startup[positive],
            users=len(self._user_features),
            startups=len(self._startup_features),
        )

    def _startup_log_probability(self) -> Tensor:
        counts = torch.bincount(self._pairs.startup[self._pairs.positives], minlength=len(self._startup_features))
        return torch.log(counts.clamp(min=1) / counts.sum())

    def _epoch_seed(self, epoch: int) -> int:
        return (self.config.seed << 20) + epoch + 1

    @contextmanager
    def _seeded(self, epoch: int) -> Iterator[None]:
        """Weights and dropout draw from torch's global generators: seed them, and give them back as they were."""
        with torch.random.fork_rng(devices=[self.device] if self.device.type == "cuda" else []):
            torch.manual_seed(self._epoch_seed(epoch))
            yield
