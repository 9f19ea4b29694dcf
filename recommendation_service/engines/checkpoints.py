"""Checkpoints of a training: the last epoch, to go on from, and the best one, to come back to.

Each file is whole or not there, holds tensors and plain data only, and never weights that are not finite.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError  # nosec B403 - only to name the error of a foreign file
from typing import Any

import torch

from recommendation_service.engines.atomic_files import atomic_path
from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.model_manifest import non_finite_tensors


class CheckpointFolder:
    """The checkpoints of one training, in one folder.

    Attributes:
        fingerprint: Hash of everything that decides the outcome; a checkpoint of another fingerprint is refused.
    """

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self.folder = folder
        self.fingerprint = fingerprint

    def save(self, name: str, state: Mapping[str, Any]) -> None:
        """Write a checkpoint, replacing the one of that name.

        Raises:
            TrainingError: If a weight of its `network` is not finite, or it cannot be written.
        """
        broken = non_finite_tensors(state.get("network", {}))
        if broken:
            raise TrainingError(
                f"training did not stay finite: {broken[0]} holds NaN or infinity; lower optimizer.learning_rate"
            )
        path = self._path(name)
        try:
            with atomic_path(path) as temporary:
                torch.save({"fingerprint": self.fingerprint, "state": dict(state)}, temporary)
        except (OSError, RuntimeError) as error:
            raise TrainingError(f"cannot write the checkpoint {str(path)!r}: {error}; free some disk space") from error

    def load(self, name: str, device: torch.device) -> dict[str, Any] | None:
        """The state of that name, or None when there is none.

        Raises:
            TrainingError: If the file is damaged or belongs to another training.
        """
        path = self._path(name)
        if not path.exists():
            return None
        try:
            content = torch.load(path, map_location=device, weights_only=True)
            fingerprint, state = content["fingerprint"], content["state"]
        except (OSError, RuntimeError, EOFError, UnpicklingError, KeyError, TypeError) as error:
            raise TrainingError(f"the checkpoint {str(path)!r} is damaged; train without --resume") from error
        if fingerprint != self.fingerprint:
            raise TrainingError(
                f"the checkpoint {str(path)!r} belongs to another dataset, split or configuration; "
                "repeat that training's options, or train without --resume"
            )
        return dict(state)

    def clear(self) -> None:
        """Remove all checkpoints, and what was being written when a process was killed, for a new training."""
        for path in (*self.folder.glob("*.checkpoint.pth"), *self.folder.glob(".*.checkpoint.pth.*.tmp")):
            path.unlink()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.checkpoint.pth"
