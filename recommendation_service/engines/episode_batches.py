"""Batches of people of one episode, each scored against the whole catalogue of that episode.

Their `users` stay on the host, where the inputs of a batch are put together: nothing is read back from the device.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch

from recommendation_service.engines.batch_source import TrainingBatch
from recommendation_service.engines.device_copies import on_device
from recommendation_service.engines.episodes import Episode

Rows = npt.NDArray[np.int64]


class EpisodeBatches:
    """Everybody of every episode once per epoch; `moment` is the number of the episode."""

    def __init__(self, episodes: Sequence[Episode], *, batch_size: int, newcomers: bool, device: torch.device) -> None:
        """Take over the episodes.

        Args:
            episodes: Questions with answers.
            batch_size: People per step, at most.
            newcomers: Whether people without history take part.
            device: Of the training.
        """
        self._episodes = episodes
        self._people = [np.flatnonzero(episode.task.has_history | newcomers) for episode in episodes]
        self._batch_size = batch_size
        self._device = device

    @property
    def steps(self) -> int:
        """Batches of an epoch."""
        return sum(-(-len(people) // self._batch_size) for people in self._people)

    def batches(self, generator: torch.Generator) -> Iterator[TrainingBatch]:
        """Every person once, in an order of people and of batches drawn from a CPU generator."""
        parts = [
            (number, people[order.numpy()])
            for number, people in enumerate(self._people)
            for order in torch.split(torch.randperm(len(people), generator=generator), self._batch_size)
        ]
        for place in torch.randperm(len(parts), generator=generator).tolist():
            yield self._batch(*parts[place])

    def _batch(self, number: int, people: Rows) -> TrainingBatch:
        episode = self._episodes[number]
        startups = len(episode.task.catalogue)
        row, column, label = episode.task.relevant.of(people)
        disliked_row, disliked_column, weight = episode.disliked.of(people)
        return TrainingBatch(
            users=torch.from_numpy(people),
            startups=torch.arange(startups, device=self._device),
            row=self._tensor(np.concatenate([row, disliked_row])),
            column=self._tensor(np.concatenate([column, disliked_column])),
            label=self._tensor(np.concatenate([label, np.zeros(len(weight))]).astype(np.float32)),
            weight=self._tensor(np.concatenate([np.ones(len(label)), weight]).astype(np.float32)),
            known=self._tensor(episode.task.known.mask_of(people, startups)),
            log_q=torch.zeros(startups, device=self._device),
            moment=number,
        )

    def _tensor(self, values: npt.NDArray[np.generic]) -> torch.Tensor:
        return on_device(values, self._device)
