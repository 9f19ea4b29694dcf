"""AdamW by torch's fused kernel, its tensors shared out among threads.

Source: Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from recommendation_service.engines.shared_work import share_out, threads_that_share

_WORTH_A_THREAD = 1 << 14
"""Numbers to learn; fewer are done sooner than shared out."""


class FusedAdamW(torch.optim.AdamW):
    """Clips, and leaves out a step, inside its kernel: that saves passes over the weights."""

    def update(self, *, divisor: Tensor, left_out: Tensor) -> None:
        """Take one step with the gradients divided by a number.

        Args:
            divisor: float32 scalar.
            left_out: float32 scalar; 1 leaves everything as it is.
        """
        pieces = [
            partial(self._update, part, group, divisor, left_out)
            for group in sorted(self.param_groups, key=_length)  # a helper comes late: it gets a long one
            for part in _parts(group["params"], threads_that_share())
        ]
        share_out(pieces)

    @torch.no_grad()
    def _update(self, part: list[Tensor], group: dict[str, Any], divisor: Tensor, left_out: Tensor) -> None:
        state = [self._state_of(one) for one in part]
        steps = [one["step"] for one in state]
        torch._foreach_add_(steps, 1 - left_out)
        torch._fused_adamw_(
            part,
            _gradients(part),
            [one["exp_avg"] for one in state],
            [one["exp_avg_sq"] for one in state],
            [],
            steps,
            lr=group["lr"],
            beta1=group["betas"][0],
            beta2=group["betas"][1],
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            amsgrad=False,
            maximize=False,
            grad_scale=divisor,
            found_inf=left_out,
        )

    def _state_of(self, parameter: Tensor) -> dict[str, Tensor]:
        state: dict[str, Tensor] = self.state[parameter]
        if not state:
            state["step"] = torch.zeros((), device=parameter.device)
            state["exp_avg"] = torch.zeros_like(parameter)
            state["exp_avg_sq"] = torch.zeros_like(parameter)
        return state


def _parts(parameters: Sequence[Tensor], threads: int) -> list[list[Tensor]]:
    """All that have a gradient, in parts of about the same length, the largest given out first."""
    largest_first = sorted((one for one in parameters if one.grad is not None), key=torch.numel, reverse=True)
    worth = sum(map(torch.numel, largest_first)) // _WORTH_A_THREAD
    parts: list[list[Tensor]] = [[] for _ in range(max(1, min(threads, worth)))]
    lengths = [0] * len(parts)
    for parameter in largest_first:
        shortest = lengths.index(min(lengths))
        parts[shortest].append(parameter)
        lengths[shortest] += parameter.numel()
    return [part for part in parts if part]


def _length(group: dict[str, Any]) -> int:
    return sum(map(torch.numel, group["params"]))


def _gradients(parameters: Sequence[Tensor]) -> list[Tensor]:
    return [one.grad for one in parameters if one.grad is not None]
