"""Batches of shuffled labelled pairs for pointwise losses; each distinct user and startup of a batch appears once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import torch
from torch import Tensor

from recommendation_service.engines.batch_source import TrainingBatch
from recommendation_service.engines.training_pairs import TrainingPairs

_AT_ONCE = 32
"""Batches put together one after the other: in between two steps, which leave the caches to others, each costs more."""


class PairBatches:
    """Every pair once per epoch, `batch_size` at a time. What is not labelled is taught to nobody."""

    def __init__(self, pairs: TrainingPairs, *, batch_size: int, device: torch.device) -> None:
        """Take over the pairs.

        Args:
            pairs: Labelled pairs, on the CPU: putting a batch together there keeps a GPU from waiting for its answers.
            batch_size: Pairs per step.
            device: Where batches are needed.
        """
        self._pairs = pairs
        self._batch_size = batch_size
        self._device = device

    @property
    def steps(self) -> int:
        """Batches of an epoch."""
        return self._pairs.batch_count(self._batch_size)

    def batches(self, generator: torch.Generator) -> Iterator[TrainingBatch]:
        """Every pair once, in an order drawn from a CPU generator."""
        order = self._pairs.batches(self._batch_size, generator)
        while some := [self._batch(rows) for rows in islice(order, _AT_ONCE)]:
            for batch in some:
                yield batch.to(self._device)

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
            known=torch.zeros((), dtype=torch.bool).expand(len(users), len(startups)),
            log_q=torch.zeros(len(startups)),
        )
