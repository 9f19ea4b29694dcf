"""Batches for the ranking losses: what people did, against startups shared by the whole batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from recommendation_service.engines.batch_source import TrainingBatch
from recommendation_service.engines.hard_negatives import HardNegatives
from recommendation_service.engines.known_positives import KnownPositives
from recommendation_service.engines.negative_sampling import Drawn, StartupSampler
from recommendation_service.engines.startup_lifetimes import StartupLifetimes
from recommendation_service.engines.training_config import NegativesConfig
from recommendation_service.engines.training_pairs import TrainingPairs


class RankingBatches:
    """Every act once per epoch; the columns are the startups of the batch's acts and the negatives drawn for it.

    Nobody gets as a negative what they are known to like, or what was not there at all their acts of the batch.
    """

    def __init__(
        self,
        pairs: TrainingPairs,
        lifetimes: StartupLifetimes,
        config: NegativesConfig,
        *,
        batch_size: int,
        users: int,
        startups: int,
        hard_negatives: Callable[[], HardNegatives],
    ) -> None:
        """Take over the acts.

        Args:
            pairs: What people did, dislikes among it, on the device of the training.
            lifetimes: Of the startups.
            config: What is drawn.
            batch_size: Acts per step.
            users: How many rows of user inputs `pairs.user` may point to.
            startups: How many rows of startup inputs `pairs.startup` may point to.
            hard_negatives: From the model as it is when an epoch begins; asked for where `config` has hard negatives.
        """
        liked = pairs.positives
        counts = torch.bincount(pairs.startup, minlength=startups)
        self._pairs = pairs
        self._lifetimes = lifetimes
        self._config = config
        self._batch_size = batch_size
        self._hard_negatives = hard_negatives
        self._known = KnownPositives.of(pairs.user[liked], pairs.startup[liked], users=users, startups=startups)
        self._own = StartupSampler(counts)
        self._uniform = StartupSampler.uniform(startups, counts.device)
        self._popular = StartupSampler.popularity(counts, config.popularity_power)
        self._everything = torch.arange(startups, device=counts.device)

    @property
    def steps(self) -> int:
        """Batches of an epoch."""
        return self._pairs.batch_count(self._batch_size)

    def batches(self, generator: torch.Generator) -> Iterator[TrainingBatch]:
        """Every act once; order and negatives are drawn from a CPU generator."""
        hard = self._hard_negatives() if self._config.hard else None
        for rows in self._pairs.batches(self._batch_size, generator):
            yield self._batch(rows, hard, generator)

    def _batch(self, rows: Tensor, hard: HardNegatives | None, generator: torch.Generator) -> TrainingBatch:
        pairs = self._pairs
        users, row = torch.unique(pairs.user[rows], return_inverse=True)
        drawn = self._shared(pairs.startup[rows], generator)
        if hard is not None:
            is_liked = pairs.positives[rows]
            drawn |= hard.draw(
                users,
                excluded=self._no_negatives(users, self._everything, row, pairs.time[rows]),
                row=row[is_liked],
                liked=pairs.startup[rows][is_liked],
                generator=generator,
            )
        startups, place = torch.unique(drawn.startups, return_inverse=True)
        return TrainingBatch(
            users=users,
            startups=startups,
            row=row,
            column=place[: len(rows)],
            label=pairs.label[rows],
            weight=pairs.weight[rows],
            known=self._no_negatives(users, startups, row, pairs.time[rows]),
            log_q=drawn.log_inclusion[startups],
        )

    def _shared(self, own: Tensor, generator: torch.Generator) -> Drawn:
        """The batch's own startups, first and in their order, with uniform and popular ones."""
        drawn = self._own.given(own) | self._uniform.draw(self._config.uniform, generator)
        return drawn | self._popular.draw(self._config.popular, generator)

    def _no_negatives(self, users: Tensor, startups: Tensor, row: Tensor, time: Tensor) -> Tensor:
        """bool [B, N]: known positives, and what was not there at the person's acts (`row`, `time`: [P])."""
        some = time.new_zeros(len(users))
        earliest = some.scatter_reduce(0, row, time, "amin", include_self=False)
        latest = some.scatter_reduce(0, row, time, "amax", include_self=False)
        absent = self._lifetimes.absent(startups, earliest=earliest, latest=latest)
        return self._known.mask(users, startups) | absent
