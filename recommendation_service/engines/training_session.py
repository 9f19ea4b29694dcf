"""How a training is carried out, as opposed to what is trained, and who hears of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch

from recommendation_service.engines.training_history import EpochRecord


class TrainingObserver(Protocol):
    """Hears how a training goes."""

    def run_started(self, *, name: str, epochs: int, epochs_done: int) -> None:
        """A run begins (`search` or `refit`), of at most `epochs`, some of which a checkpoint may have done."""

    def step_done(self, step: int, steps: int, pairs: int) -> None:
        """A step of the current epoch is done; it had this many labelled pairs."""

    def epoch_done(self, record: EpochRecord) -> None:
        """An epoch is done."""


class SilentObserver:
    """Nobody listens."""

    def run_started(self, *, name: str, epochs: int, epochs_done: int) -> None:
        """Ignore it."""

    def step_done(self, step: int, steps: int, pairs: int) -> None:
        """Ignore it."""

    def epoch_done(self, record: EpochRecord) -> None:
        """Ignore it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSession:
    """How a training is carried out, as opposed to what is trained.

    Attributes:
        device: Where it is computed.
        checkpoints: Folder for the best and the last epoch; None keeps none on disk.
        resume: Go on from the checkpoints, if any, instead of starting over.
        inputs: Folder in which the inputs of profile towers lie as memory-mapped files; None keeps them in memory.
        observer: Hears of every step and epoch.
    """

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    checkpoints: Path | None = None
    resume: bool = False
    inputs: Path | None = None
    observer: TrainingObserver = field(default_factory=SilentObserver)
