"""AdamW with cosine annealing, gradient clipping, and steps that are left out when a gradient is not finite."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.fused_adamw import FusedAdamW
from recommendation_service.engines.training_config import OptimizerConfig

_STEPS_BETWEEN_CHECKS = 50
"""On a GPU, where asking how many steps were skipped makes the host wait."""


class GuardedOptimizer:
    """Takes steps that keep a network finite.

    Whether a step may be taken is decided where the gradients are: on a GPU the host does not wait for the answer.
    """

    def __init__(self, network: nn.Module, config: OptimizerConfig) -> None:
        self._config = config
        self._parameters = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._adamw = FusedAdamW(
            _decay_only_matrices(self._parameters, config.weight_decay), lr=config.learning_rate, fused=True
        )
        device = self._parameters[0].device
        self._skipped = torch.zeros((), dtype=torch.int64, device=device)
        self._steps_between_checks = 1 if device.type == "cpu" else _STEPS_BETWEEN_CHECKS
        self._steps = 0

    @property
    def skipped_steps(self) -> int:
        """Steps left out so far because the loss or its gradient was not finite."""
        return int(self._skipped)

    @property
    def learning_rate(self) -> float:
        """The rate of the next step."""
        return float(self._adamw.param_groups[0]["lr"])

    def anneal(self, progress: float) -> None:
        """Set the rate for this share of the training, in [0, 1] (Loshchilov & Hutter 2017, without restarts)."""
        rate = self._config.learning_rate * 0.5 * (1.0 + math.cos(math.pi * progress))
        for group in self._adamw.param_groups:
            group["lr"] = rate

    def step(self, loss: Tensor) -> Tensor:
        """Go one step down the gradient of `loss`, clipped.

        Returns:
            A bool scalar on the device of the loss: False when the step was skipped.

        Raises:
            TrainingError: After more skipped steps than the configuration allows; on a GPU some steps later.
        """
        for parameter in self._parameters:
            parameter.grad = None
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.get_total_norm([p.grad for p in self._parameters if p.grad is not None])
        taken = torch.isfinite(norm) & torch.isfinite(loss.detach())
        # The fused step divides the gradients by one number and leaves everything as it is by another: clipping and
        # skipping cost no pass over the weights of their own. A norm that is not finite must not become that divisor.
        divisor = torch.where(taken, (norm / self._config.clip_norm).clamp(min=1.0), 1.0)
        self._adamw.update(divisor=divisor, left_out=(~taken).float())
        self._count(taken)
        return taken

    def state_dict(self) -> dict[str, Any]:
        """Tensors and plain data from which `load_state_dict` continues."""
        return {"adamw": self._adamw.state_dict(), "skipped_steps": self.skipped_steps}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a saved state."""
        self._adamw.load_state_dict(state["adamw"])
        self._skipped.fill_(int(state["skipped_steps"]))

    def require_finite(self) -> None:
        """Refuse to go on after too many skipped steps.

        Raises:
            TrainingError: With what to change.
        """
        skipped, allowed = self.skipped_steps, self._config.max_skipped_steps
        if skipped > allowed:
            raise TrainingError(
                f"{skipped} steps had a loss or gradient that is not finite ({allowed} are allowed); "
                f"lower optimizer.learning_rate ({self._config.learning_rate}) or check the dataset's weights"
            )

    def _count(self, taken: Tensor) -> None:
        self._skipped += ~taken
        self._steps += 1
        if self._steps % self._steps_between_checks == 0:
            self.require_finite()


def _decay_only_matrices(parameters: list[nn.Parameter], weight_decay: float) -> list[dict[str, Any]]:
    """Weights decay; biases, scale and bias of the sigmoid do not."""
    matrices = [parameter for parameter in parameters if parameter.ndim >= 2]
    others = [parameter for parameter in parameters if parameter.ndim < 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]
