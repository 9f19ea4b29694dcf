"""Batches of shuffled labelled pairs; each distinct user and startup of a batch appears once."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from recommendation_service.engines.batch_source import TrainingBatch
from recommendation_service.engines.known_positives import KnownPositives
from recommendation_service.engines.training_pairs import TrainingPairs


class PairBatches:
    """Every pair once per epoch, `batch_size` at a time."""

    def __init__(self, pairs: TrainingPairs, *, batch_size: int, users: int, startups: int) -> None:
        """Take over the pairs.

        Args:
            pairs: Labelled pairs on the device of the training.
            batch_size: Pairs per step.
            users: How many rows of user inputs `pairs.user` may point to.
            startups: How many rows of startup inputs `pairs.startup` may point to.
        """
        self._pairs = pairs
        self._batch_size = batch_size
        liked = pairs.positives
        self._known = KnownPositives.of(pairs.user[liked], pairs.startup[liked], users=users, startups=startups)
        self._log_q = _log_probability(pairs.startup[liked], startups)

    @property
    def steps(self) -> int:
        """Batches of an epoch."""
        return self._pairs.batch_count(self._batch_size)

    def batches(self, generator: torch.Generator) -> Iterator[TrainingBatch]:
        """Every pair once, in an order drawn from a CPU generator."""
        for rows in self._pairs.batches(self._batch_size, generator):
            yield self._batch(rows)

    def _batch(self, rows: Tensor) -> TrainingBatch:
        pairs = self._pairs
        users, row = torch.unique(pairs.user[rows], return_inverse=True)
        startups, column = torch.unique(pairs.startup[rows], return_inverse=True)
        return TrainingBatch(
            users=users,
            startups=startups,
            row=row,
            column=column,
            label=pairs.label[rows],
            weight=pairs.weight[rows],
            known=self._known.mask(users, startups),
            log_q=self._log_q[startups],
        )


def _log_probability(liked: Tensor, startups: int) -> Tensor:
    """float32 [N]: log of each startup's share of the positives."""
    counts = torch.bincount(liked, minlength=startups)
    return torch.log(counts.clamp(min=1) / counts.sum())
