"""The labelled pairs of a training, in memory once and handed out as shuffled batches of indices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import Tensor

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.timeline import done_by_people
from recommendation_service.engines.types import Interactions


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingPairs:
    """Parallel tensors of length P on one device.

    Attributes:
        user: int64 [P].
        startup: int64 [P].
        label: float32 [P].
        weight: float32 [P].
        time: int64 [P], microseconds since 1970 UTC.
        group: int64 [P], on the CPU; a positive and the negatives drawn for it share one number and stay in one batch,
            so that their user is encoded once.
    """

    user: Tensor
    startup: Tensor
    label: Tensor
    weight: Tensor
    time: Tensor
    group: Tensor

    @classmethod
    def of(cls, interactions: Interactions, *, with_negatives: bool, device: torch.device) -> Self:
        """Take over the rows that a loss learns from.

        Args:
            interactions: Rows of the training window.
            with_negatives: Whether rows that nobody did, sampled negatives, stay; dislikes always do.
            device: Where batches are computed.

        Raises:
            TrainingError: If no positive row is there, or negatives are wanted and none is there.
        """
        _require_rows(interactions, with_negatives=with_negatives)
        rows = interactions if with_negatives else interactions.take(done_by_people(interactions))
        return cls(
            user=torch.from_numpy(rows.user.astype(np.int64)).to(device),
            startup=torch.from_numpy(rows.startup.astype(np.int64)).to(device),
            label=torch.from_numpy(rows.label).to(device),
            weight=torch.from_numpy(rows.weight).to(device),
            time=torch.from_numpy(rows.time).to(device),
            group=torch.from_numpy(_groups(rows)),
        )

    def __len__(self) -> int:
        return len(self.user)

    @property
    def positives(self) -> Tensor:
        """bool [P]: rows with a label above 0."""
        return self.label > 0

    def batch_count(self, batch_size: int) -> int:
        """How many batches `batches` yields."""
        return -(-len(self) // batch_size)

    def batches(self, batch_size: int, generator: torch.Generator) -> Iterator[Tensor]:
        """Every row once, as indices int64 [<= batch_size], in an order drawn from a CPU generator."""
        place = torch.randperm(int(self.group.max()) + 1, generator=generator)
        order = torch.argsort(place[self.group], stable=True).to(self.user.device)
        for start in range(0, len(order), batch_size):
            yield order[start : start + batch_size]


def _groups(rows: Interactions) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Number [P] of each row's (user, moment)."""
    order = np.lexsort((rows.time, rows.user))
    user, time = rows.user[order], rows.time[order]
    is_new = np.r_[False, (user[1:] != user[:-1]) | (time[1:] != time[:-1])]
    group = np.empty(len(rows), dtype=np.int64)
    group[order] = np.cumsum(is_new)
    return group


def _require_rows(interactions: Interactions, *, with_negatives: bool) -> None:
    positives = int((interactions.label > 0).sum())
    if not positives:
        raise TrainingError(
            f"none of the {len(interactions)} training rows has a label above 0; "
            "export a dataset with more interactions, or train until a later moment"
        )
    if with_negatives and positives == len(interactions):
        raise TrainingError(
            f"all {positives} training rows are positive and this loss needs negatives; "
            "export the dataset with --negative-samples 2, or use a loss without them, like softmax"
        )
