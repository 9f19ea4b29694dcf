"""Training batches as every network and loss sees them, wherever they come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Protocol

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingBatch:
    """Distinct users to be scored against distinct startups, and the labelled pairs among them.

    Attributes:
        users: int64 [B], rows of the towers' user inputs.
        startups: int64 [N], rows of the towers' startup inputs.
        row: int64 [P], user of each pair, into B.
        column: int64 [P], startup of each pair, into N.
        label: float32 [P] in [0, 1].
        weight: float32 [P].
        known: bool [B, N], pairs that must not be taught as negatives.
        log_q: float32 [N], log of the probability that this startup is drawn into a batch.
        moment: Which of the source's moments all inputs are as of; 0 where inputs do not change with time.
    """

    users: Tensor
    startups: Tensor
    row: Tensor
    column: Tensor
    label: Tensor
    weight: Tensor
    known: Tensor
    log_q: Tensor
    moment: int = 0

    def __len__(self) -> int:
        return len(self.row)

    def to(self, device: torch.device) -> TrainingBatch:
        """The same batch on a device; the host does not wait for the copies."""
        if self.row.device == device:
            return self
        tensors = {
            field.name: getattr(self, field.name).to(device, non_blocking=True)
            for field in fields(self)
            if field.name != "moment"
        }
        return replace(self, **tensors)


class BatchSource(Protocol):
    """Hands out the batches of an epoch; it draws from the given generator alone, so that an epoch can be repeated."""

    @property
    def steps(self) -> int:
        """How many batches an epoch has."""

    def batches(self, generator: torch.Generator) -> Iterator[TrainingBatch]:
        """The batches of one epoch, in an order drawn from a CPU generator."""
