"""A trained tower for one row at a time: what a framework adds to each call costs more than the tower itself."""

from __future__ import annotations

import math

import numpy as np
from torch import nn

from recommendation_service.engines.entity_encoding import SparseRow
from recommendation_service.engines.tower_network import Tower
from recommendation_service.engines.types import FloatArray

_SHORTEST = 1e-12
"""Vectors shorter than this are divided by it, as torch does."""


class SingleRowTower:
    """The layers of a tower as arrays, without dropout.

    Most of a profile is zeros: the first layer is a product with the text, and the rows of what is not zero. Later
    layers share memory with the tower.
    """

    def __init__(self, tower: Tower, text_width: int) -> None:
        """Take over the layers of a tower on the CPU, without gradients, whose input begins with a text that wide."""
        linear = [layer for layer in tower.layers if isinstance(layer, nn.Linear)]
        (first, bias), *self._later = [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in linear]
        self._of_text = np.ascontiguousarray(first[:, :text_width])
        # The bias is the row of a last column, which everybody has.
        self._of_profile = np.ascontiguousarray(np.concatenate([first[:, text_width:].T, bias[None, :]]))

    def __call__(self, features: SparseRow) -> FloatArray:
        """Unit vector float32 [D] of a tower input."""
        columns, values = [*features.columns, len(self._of_profile) - 1], [*features.values, 1.0]
        row: FloatArray = np.array(values, dtype=np.float32).dot(self._of_profile.take(columns, axis=0))
        if features.text is not None:
            row += self._of_text.dot(features.text)
        for weight, bias in self._later:
            np.maximum(row, 0, out=row)
            row = weight.dot(row)
            row += bias
        row /= max(math.sqrt(row.dot(row)), _SHORTEST)
        return row
