"""A trained tower for one row at a time: what a framework adds to each call costs more than the tower itself."""

from __future__ import annotations

import numpy as np
from torch import nn

from recommendation_service.engines.tower_network import Tower
from recommendation_service.engines.types import FloatArray

_SHORTEST = np.float32(1e-12)
"""Vectors shorter than this are divided by it, as torch does."""


class SingleRowTower:
    """The layers of a tower as arrays that share memory with it; without dropout."""

    def __init__(self, tower: Tower) -> None:
        """Take over the layers of a tower on the CPU, without gradients."""
        linear = [layer for layer in tower.layers if isinstance(layer, nn.Linear)]
        self._layers = [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in linear]

    def __call__(self, features: FloatArray) -> FloatArray:
        """Unit vector float32 [D] of a tower input [F]."""
        *hidden, (weight, bias) = self._layers
        row = features
        for wide, offset in hidden:
            row = wide @ row
            row += offset
            np.maximum(row, 0, out=row)
        row = weight @ row
        row += bias
        row /= max(np.sqrt(row @ row), _SHORTEST)
        return row
