"""The learning-rate range test: raise the rate step by step and watch where the loss stops falling (Smith 2017).

The rate grows by one factor per step from `LOWEST` to `HIGHEST`; the test ends early where the loss blows up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.optimization import GuardedOptimizer
from recommendation_service.engines.tower_presets import prepare_towers
from recommendation_service.engines.training_config import OptimizerConfig, TrainingConfig
from recommendation_service.engines.types import TrainingData

LOWEST, HIGHEST, STEPS = 1e-6, 1.0, 200
_HALF_WIDTH = 8
"""Steps on either side that the smoothed loss is a mean over: the loss jumps from batch to batch."""
_BLOWN_UP = 4.0
"""Times the lowest smoothed loss."""
_FALLEN = 0.95
"""Share of its fall that the loss has made at the suggested rate."""
_FEWEST_STEPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSweep:
    """What the loss did as the rate grew.

    Attributes:
        rates: The rate of each step, ascending.
        losses: The loss of each step, before the step was taken.
    """

    rates: Sequence[float]
    losses: Sequence[float]

    @property
    def smoothed(self) -> npt.NDArray[np.float64]:
        """float64 [S]: centred means of the losses, over fewer steps at either end."""
        kernel = np.ones(2 * _HALF_WIDTH + 1)
        sums = np.convolve(self.losses, kernel)[_HALF_WIDTH:-_HALF_WIDTH]
        counts = np.convolve(np.ones(len(self.losses)), kernel)[_HALF_WIDTH:-_HALF_WIDTH]
        return np.asarray(sums / counts, dtype=np.float64)

    @property
    def suggestion(self) -> float:
        """The rate by which the smoothed loss has made most of its fall: beyond it, it slows, jumps or rises.

        That is Smith's upper bound, from which the cosine annealing then comes down.

        Raises:
            TrainingError: If the loss never fell.
        """
        smoothed = self.smoothed
        lowest = int(smoothed.argmin())
        if len(smoothed) < _FEWEST_STEPS or lowest < 1:
            raise TrainingError(
                f"the loss did not fall at any rate from {LOWEST:g} on ({len(smoothed)} steps); "
                "check the dataset's labels and weights"
            )
        highest = float(smoothed[: lowest + 1].max())
        enough = highest - _FALLEN * (highest - float(smoothed[lowest]))
        after = int(smoothed[: lowest + 1].argmax())
        return float(self.rates[after + int((smoothed[after:] <= enough).argmax())])


class _SweepEndedError(Exception):
    """Leaves the epoch in which a sweep ends; a fitter knows whole epochs only."""


class SweepingOptimizer(GuardedOptimizer):
    """Takes steps at growing rates, whatever the progress of the training, and remembers the losses."""

    def __init__(self, network: nn.Module, config: OptimizerConfig, *, steps: int) -> None:
        super().__init__(network, replace(config, max_skipped_steps=steps))
        self.rates = np.geomspace(LOWEST, HIGHEST, steps).tolist()
        self.losses: list[float] = []

    def anneal(self, progress: float) -> None:  # noqa: ARG002 - the sweep has its own progress
        """Set the next rate of the sweep."""
        for group in self._adamw.param_groups:
            group["lr"] = self.rates[len(self.losses)]

    def step(self, loss: Tensor) -> Tensor:
        """Take the step; ends the sweep at its last rate, or when the loss is not finite or has blown up."""
        value = float(loss.detach())
        if not math.isfinite(value):
            raise _SweepEndedError
        taken = super().step(loss)
        self.losses.append(value)
        smoothed = self.sweep.smoothed
        if len(self.losses) == len(self.rates) or smoothed[-1] > _BLOWN_UP * smoothed.min():
            raise _SweepEndedError
        return taken

    @property
    def sweep(self) -> RateSweep:
        """What was seen so far."""
        return RateSweep(rates=self.rates[: len(self.losses)], losses=tuple(self.losses))


def find_learning_rate(
    data: TrainingData, config: TrainingConfig, *, device: torch.device, steps: int = STEPS
) -> RateSweep:
    """Train fresh towers at growing rates; nothing of them is kept.

    Args:
        data: Records and the rows to train on.
        config: What to train; its learning rate plays no part.
        device: Where to compute.
        steps: Rates to try, at least 10.

    Raises:
        TrainingError: If the rows cannot train the towers.
    """
    fitter = prepare_towers(config, data, device=device).fitter
    fitter.optimizer = optimizer = SweepingOptimizer(fitter.network, config.optimizer, steps=steps)
    try:
        for epoch in count():
            fitter.run_epoch(epoch)
    except _SweepEndedError:
        return optimizer.sweep
    raise AssertionError("an endless sweep")
