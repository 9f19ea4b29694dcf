"""A tower's way through one training step, forward and backward by hand, in memory that is kept from step to step.

Towers are small: on a CPU their matrix products take less time than all that torch puts between them, which is new
memory for every result, several passes over it, and a call to all threads for each. Here rows are worked on in place,
apart from each other, so that threads can share them out; only the gradients of weights look at all rows.

Shapes: R rows of a step, F inputs, D dimensions of a vector.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from recommendation_service.engines.relu_dropout import (
    ReluDropout,
    kept_share,
    relu_dropout_,
    relu_dropout_backward_,
)

_SHORTEST = 1e-12
"""Vectors shorter than this are divided by it, as torch does."""


class TowerPass:
    """Outputs of all layers and their gradients, a row for each row of the step.

    Units that dropout keeps are not scaled where it happens: the next layer's products do it.
    """

    def __init__(self, layers: nn.Sequential) -> None:
        """Take over a tower's layers, `Linear` and `ReluDropout` by turns."""
        self._linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
        self._rates = [layer.rate for layer in layers if isinstance(layer, ReluDropout)]
        self._scales = [1.0, *(1 / kept_share(rate) for rate in self._rates)]
        self._capacity = -1

    @property
    def parameters(self) -> list[nn.Parameter]:
        """Weight and bias of each layer."""
        return [parameter for layer in self._linear for parameter in layer.parameters()]

    @property
    def layers(self) -> range:
        """Places of the linear layers."""
        return range(len(self._linear))

    def begin(self, features: Tensor, rows: Tensor) -> Tensor:
        """Start a step over some rows (int64 [R]) of features [U, F].

        Returns:
            [R, D], to which `forward` writes unit vectors.
        """
        self._features, self._rows = features, rows
        self._reserve(len(rows))
        self._vectors = torch.empty(len(rows), self._linear[-1].out_features)
        return self._vectors

    @torch.no_grad()
    def forward(self, block: slice, generator: torch.Generator) -> None:
        """Encode some of the step's rows, with dropout drawn from a CPU generator."""
        output = torch.index_select(self._features, 0, self._rows[block], out=self._outputs[0][block])
        for place, layer in enumerate(self._linear):
            below, output = output, self._outputs[place + 1][block]
            torch.addmm(layer.bias, below, layer.weight.T, alpha=self._scales[place], out=output)
            if place < len(self._rates):
                relu_dropout_(output, self._rates[place], generator, scratch=self._gradients[place + 1][block])
        length = torch.linalg.vector_norm(output, dim=1, keepdim=True, out=self._lengths[block]).clamp_min_(_SHORTEST)
        torch.div(output, length, out=self._vectors[block])

    @torch.no_grad()
    def backward(self, block: slice, gradient: Tensor) -> None:
        """Carry the gradient [R, D] of the vectors through all layers, for some of the rows."""
        given, vectors, above = gradient[block], self._vectors[block], self._gradients[-1][block]
        along = torch.mul(given, vectors, out=above).sum(dim=1, keepdim=True)
        torch.addcmul(given, vectors, along, value=-1, out=above).div_(self._lengths[block])
        for place in reversed(self.layers[1:]):
            below = self._gradients[place][block]
            torch.addmm(below, above, self._linear[place].weight, beta=0, alpha=self._scales[place], out=below)
            relu_dropout_backward_(below, self._outputs[place][block])
            above = below

    @torch.no_grad()
    def weight_gradient(self, place: int) -> tuple[Tensor, Tensor]:
        """Gradients of a layer's weight and bias, once `backward` has seen all rows."""
        rows = slice(len(self._rows))
        above, below = self._gradients[place + 1][rows], self._outputs[place][rows]
        weight = torch.empty_like(self._linear[place].weight)
        torch.addmm(weight, above.T, below, beta=0, alpha=self._scales[place], out=weight)
        return weight, above.sum(dim=0)

    def _reserve(self, rows: int) -> None:
        if rows > self._capacity:
            widths = [self._linear[0].in_features, *(layer.out_features for layer in self._linear)]
            self._outputs = [torch.empty(rows, width) for width in widths]
            self._gradients = [torch.empty(0), *(torch.empty(rows, width) for width in widths[1:])]
            self._lengths = torch.empty(rows, 1)
            self._capacity = rows
