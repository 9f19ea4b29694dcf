"""ReLU followed by dropout in one step, with random numbers that do not cost more than the layer they follow.

torch draws one Bernoulli number after the other, which on a CPU takes longer than the matrix product before it. Here
each 64-bit draw decides over four units, and the backward pass needs the output alone.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

_LEVELS = 1 << 16
"""A unit is kept with a probability that is a multiple of 1 / 65,536."""


class ReluDropout(nn.Module):
    """`max(x, 0)`, in training with a share `rate` of the units set to 0 and the others scaled by 1 / (1 - rate).

    Source: Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting".

    Args:
        rate: In [0, 1); on a CPU it counts to the nearest 1 / 65,536.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        if not self.training or self.rate == 0:
            return F.relu(x)
        if x.device.type != "cpu":
            return F.dropout(F.relu(x), self.rate)
        dropped = round(self.rate * _LEVELS)
        output: Tensor = _ReluDropout.apply(x, dropped)  # type: ignore[no-untyped-call]
        return output


class _ReluDropout(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, dropped: int) -> Tensor:
        """A unit passes its gradient exactly where its output is above 0, so the output is all that is kept."""
        ctx.scale = _LEVELS / (_LEVELS - dropped)
        scaled = F.relu(x).mul_(ctx.scale)
        # 0 where a draw is not above the level: the one operation that needs no mask of another type.
        output: Tensor = torch.ops.aten.threshold_backward(scaled, _draws(x.shape), dropped - _LEVELS // 2 - 1)
        ctx.save_for_backward(output)
        return output

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        """Scaled where the unit was kept and positive."""
        (output,) = ctx.saved_tensors
        return torch.ops.aten.threshold_backward(gradient, output, 0).mul_(ctx.scale), None


def _draws(shape: torch.Size) -> Tensor:
    """float32 of this shape: whole numbers, each of -32,768..32,767 alike, from torch's global generator."""
    count = shape.numel()
    draws = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(2**63), None)
    return draws.view(torch.int16)[:count].view(shape).to(torch.float32)
