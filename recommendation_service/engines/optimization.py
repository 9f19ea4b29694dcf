"""AdamW with cosine annealing, gradient clipping, and steps that are left out when a gradient is not finite."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.training_config import OptimizerConfig


class GuardedOptimizer:
    """Takes steps that keep a network finite.

    Attributes:
        skipped_steps: Steps left out so far because the loss or its gradient was not finite.
    """

    def __init__(self, network: nn.Module, config: OptimizerConfig) -> None:
        self._config = config
        self._parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._adamw = torch.optim.AdamW(
            _decay_only_matrices(self._parameters, config.weight_decay), lr=config.learning_rate, fused=True
        )
        self.skipped_steps = 0

    @property
    def learning_rate(self) -> float:
        """The rate of the next step."""
        return float(self._adamw.param_groups[0]["lr"])

    def anneal(self, progress: float) -> None:
        """Set the rate for this share of the training, in [0, 1] (Loshchilov & Hutter 2017, without restarts)."""
        rate = self._config.learning_rate * 0.5 * (1.0 + math.cos(math.pi * progress))
        for group in self._adamw.param_groups:
            group["lr"] = rate

    def step(self, loss: Tensor) -> bool:
        """Go one step down the gradient of `loss`; False when the step was skipped.

        Raises:
            TrainingError: After more skipped steps than the configuration allows.
        """
        self._adamw.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self._parameters, self._config.clip_norm)
        if not (math.isfinite(norm) and math.isfinite(loss.detach())):
            self._skip()
            return False
        self._adamw.step()
        return True

    def state_dict(self) -> dict[str, Any]:
        """Tensors and plain data from which `load_state_dict` continues."""
        return {"adamw": self._adamw.state_dict(), "skipped_steps": self.skipped_steps}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a saved state."""
        self._adamw.load_state_dict(state["adamw"])
        self.skipped_steps = int(state["skipped_steps"])

    def _skip(self) -> None:
        self.skipped_steps += 1
        allowed = self._config.max_skipped_steps
        if self.skipped_steps > allowed:
            raise TrainingError(
                f"{self.skipped_steps} steps had a loss or gradient that is not finite ({allowed} are allowed); "
                f"lower optimizer.learning_rate ({self._config.learning_rate}) or check the dataset's weights"
            )


def _decay_only_matrices(parameters: list[nn.Parameter], weight_decay: float) -> list[dict[str, Any]]:
    """Weights decay; biases, scale and bias of the sigmoid do not."""
    matrices = [parameter for parameter in parameters if parameter.ndim >= 2]
    others = [parameter for parameter in parameters if parameter.ndim < 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
