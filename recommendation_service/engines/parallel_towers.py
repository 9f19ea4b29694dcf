"""Several towers encoding the rows of one training step together, their rows shared out among threads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from recommendation_service.engines.shared_work import share_out, threads_that_share
from recommendation_service.engines.tower_pass import TowerPass

Part = list[tuple[int, slice]]
"""Which rows of which tower."""


class ParallelTowers:
    """Towers on a CPU in training.

    Dropout repeats under torch's global seed for the same number of threads.
    """

    def __init__(self, towers: Sequence[nn.Sequential]) -> None:
        """Take over the layers of each tower; the one with most to do comes first."""
        self._passes = [TowerPass(layers) for layers in towers]
        self._parameters = [parameter for tower in self._passes for parameter in tower.parameters]
        self._steps = 0

    def encode(self, features: Sequence[Tensor], rows: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Unit vectors [R, D] of some rows (int64 [R]) of each tower's features [U, F].

        Going backward through them is possible until the next call, which takes their memory.
        """
        vectors: tuple[Tensor, ...] = _Step.apply(self, features, rows, *self._parameters)  # type: ignore[no-untyped-call]
        return vectors

    def forward(self, features: Sequence[Tensor], rows: Sequence[Tensor]) -> tuple[int, tuple[Tensor, ...]]:
        """The number of this step, and its vectors."""
        self._steps += 1
        vectors = tuple(one.begin(*of) for one, *of in zip(self._passes, features, rows, strict=True))
        self._parts = _split([len(of) for of in rows], threads_that_share())
        seeds = torch.randint(2**62, (len(self._parts),)).tolist()
        share_out([partial(self._forward, part, seed) for part, seed in zip(self._parts, seeds, strict=True)])
        return self._steps, vectors

    def backward(self, step: int, gradients: Sequence[Tensor]) -> list[Tensor]:
        """Gradients of all parameters, from those of the vectors of a step.

        Raises:
            RuntimeError: If it was not the last step.
        """
        if step != self._steps:
            raise RuntimeError(f"the memory of step {step} was taken by step {self._steps}; go backward before it")
        share_out([partial(self._backward, part, gradients) for part in self._parts])
        layers = [partial(tower.weight_gradient, place) for tower in self._passes for place in tower.layers]
        return [gradient for layer in share_out(layers) for gradient in layer]

    def _forward(self, part: Part, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        for tower, block in part:
            self._passes[tower].forward(block, generator)

    def _backward(self, part: Part, gradients: Sequence[Tensor]) -> None:
        for tower, block in part:
            self._passes[tower].backward(block, gradients[tower])


class _Step(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, towers: ParallelTowers, features: Sequence[Tensor], rows: Sequence[Tensor], *_parameters: Tensor
    ) -> tuple[Tensor, ...]:
        ctx.towers = towers
        ctx.step, vectors = towers.forward(features, rows)
        return vectors

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        return None, None, None, *ctx.towers.backward(ctx.step, gradients)


def _split(counts: Sequence[int], parts: int) -> list[Part]:
    """All rows of all towers, one tower after the other, in parts of equal length."""
    total = sum(counts)
    bounds = [total * part // parts for part in range(parts + 1)]
    starts = [0, *accumulate(counts)]
    return [
        [
            (tower, slice(max(first - start, 0), min(last - start, count)))
            for tower, (start, count) in enumerate(zip(starts, counts, strict=False))
            if first < start + count and start < last
        ]
        for first, last in pairwise(bounds)
    ]
