"""Batches of people with all that they did, against every startup there is: a ranking loss without sampling noise."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from recommendation_service.engines.batch_source import TrainingBatch
from recommendation_service.engines.known_positives import KnownPositives
from recommendation_service.engines.training_pairs import TrainingPairs


class WholeCatalogueBatches:
    """Everybody who did something once per epoch, `batch_size` people at a time."""

    def __init__(self, pairs: TrainingPairs, *, batch_size: int, users: int, startups: int) -> None:
        """Take over the pairs.

        Args:
            pairs: What people did, on the device of the training.
            batch_size: People per step.
            users: How many rows of users `pairs.user` may point to.
            startups: How many rows of startups `pairs.startup` may point to.
        """
        liked = pairs.positives
        by_user = torch.argsort(pairs.user, stable=True)
        self._batch_size = batch_size
        self._startup, self._label, self._weight = (
            column[by_user] for column in (pairs.startup, pairs.label, pairs.weight)
        )
        self._acts = torch.bincount(pairs.user, minlength=users)
        self._starts = self._acts.cumsum(0) - self._acts
        self._active = torch.nonzero(self._acts)[:, 0]
        self._known = KnownPositives.of(pairs.user[liked], pairs.startup[liked], users=users, startups=startups)
        self._everything = torch.arange(startups, device=pairs.user.device)
        self._in_every_batch = torch.zeros(startups, device=pairs.user.device)

    @property
    def steps(self) -> int:
        """Batches of an epoch."""
        return -(-len(self._active) // self._batch_size)

    def batches(self, generator: torch.Generator) -> Iterator[TrainingBatch]:
        """Every person once, in an order drawn from a CPU generator."""
        order = torch.randperm(len(self._active), generator=generator).to(self._active.device)
        for start in range(0, len(order), self._batch_size):
            yield self._batch(self._active[order[start : start + self._batch_size]])

    def _batch(self, users: Tensor) -> TrainingBatch:
        acts = self._acts[users]
        row = torch.repeat_interleave(torch.arange(len(users), device=users.device), acts)
        within = torch.arange(len(row), device=users.device) - (acts.cumsum(0) - acts)[row]
        pairs = self._starts[users][row] + within
        return TrainingBatch(
            users=users,
            startups=self._everything,
            row=row,
            column=self._startup[pairs],
            label=self._label[pairs],
            weight=self._weight[pairs],
            known=self._known.mask(users, self._everything),
            log_q=self._in_every_batch,
        )
