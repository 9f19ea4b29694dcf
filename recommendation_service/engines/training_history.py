"""What happened epoch by epoch, and what it says about stopping."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from recommendation_service.engines.errors import TrainingError


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRecord:
    """One finished epoch.

    Attributes:
        epoch: 0 is the first.
        loss: Mean training loss.
        validation: Validation NDCG, or None where nothing is held out.
        learning_rate: Of the last step.
        skipped_steps: Steps left out so far.
        seconds: Wall time, validation included.
    """

    epoch: int
    loss: float
    validation: float | None
    learning_rate: float
    skipped_steps: int
    seconds: float


@dataclass(frozen=True, slots=True)
class TrainingHistory:
    """The epochs of one run, in order."""

    epochs: tuple[EpochRecord, ...] = ()

    def __len__(self) -> int:
        return len(self.epochs)

    def with_epoch(self, record: EpochRecord) -> TrainingHistory:
        """This history and one more epoch."""
        return TrainingHistory((*self.epochs, record))

    @property
    def best(self) -> EpochRecord:
        """The epoch with the highest validation NDCG; of equals, the first.

        Raises:
            TrainingError: If no epoch was validated.
        """
        validated = [record for record in self.epochs if record.validation is not None]
        if not validated:
            raise TrainingError("no epoch was validated yet, so none is the best")
        return max(validated, key=lambda record: (record.validation or 0.0, -record.epoch))

    def out_of_patience(self, patience: int) -> bool:
        """Whether the last `patience` epochs all failed to beat the best one before them."""
        return len(self) > 0 and self.epochs[-1].epoch - self.best.epoch >= patience

    def to_list(self) -> list[dict[str, Any]]:
        """Plain data for JSON."""
        return [asdict(record) for record in self.epochs]

    @classmethod
    def from_list(cls, records: Sequence[dict[str, Any]]) -> Self:
        """The history that `to_list` described."""
        return cls(tuple(EpochRecord(**record) for record in records))

    def to_json(self) -> str:
        """`to_list` as text."""
        return json.dumps(self.to_list(), indent=1)
