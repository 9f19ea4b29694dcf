"""ReLU followed by dropout: as a layer, and in place for a pass by hand, with random numbers that cost little.

torch draws one Bernoulli number after the other, which on a CPU takes longer than the matrix product before it. In
place, each 64-bit draw decides over eight units, the units that are kept are left to the next product to scale, and the
backward pass needs the output alone.

Source: Srivastava et al. 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting".
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_LEVELS = 1 << 8
"""A unit is kept in place with a probability that is a multiple of 1 / 256."""


class ReluDropout(nn.Module):
    """`max(x, 0)`, in training with a share `rate` of the units set to 0 and the others divided by 1 - rate.

    Args:
        rate: In [0, 1).
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        return F.dropout(F.relu(x), self.rate, self.training)


def kept_share(rate: float) -> float:
    """The share of units that `relu_dropout_` keeps."""
    return 1 - _dropped_levels(rate) / _LEVELS


def relu_dropout_(x: Tensor, rate: float, generator: torch.Generator, *, scratch: Tensor) -> None:
    """Put 0 where `x` is negative and, at random, in a share `rate` of the units. The others are not scaled.

    Args:
        x: float32, contiguous.
        rate: In [0, 1).
        generator: On the CPU.
        scratch: Of the shape of `x`, to be written over.
    """
    x.clamp_min_(0)
    dropped = _dropped_levels(rate)
    if dropped:
        count = x.numel()
        draws = torch.empty(-(-count // 8), dtype=torch.int64).random_(-(2**63), None, generator=generator)
        scratch.copy_(draws.view(torch.int8)[:count].view(x.shape))
        _zero_up_to_(x, scratch, dropped - _LEVELS // 2 - 1)


def relu_dropout_backward_(gradient: Tensor, output: Tensor) -> None:
    """Put 0 into the gradient of an output that was not scaled, where the unit was dropped or negative."""
    _zero_up_to_(gradient, output, 0)


def _dropped_levels(rate: float) -> int:
    return min(round(rate * _LEVELS), _LEVELS - 1)


def _zero_up_to_(x: Tensor, judged: Tensor, limit: int) -> None:
    """0 where `judged` is not above the limit: the one operation that needs no mask of another type."""
    torch.ops.aten.threshold_backward.grad_input(x, judged, limit, grad_input=x)
