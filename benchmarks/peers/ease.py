"""EASE (Steck 2019): the linear auto-encoder with an empty diagonal, in closed form."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.linalg import inv

from peers.item_item import ItemItemPeer
from recommendation_service.engines.types import FloatArray


class EasePeer(ItemItemPeer):
    """Ridge regression of every startup on all the others.

    The dense inverse costs the cube of the number of startups; `least_acts` keeps it feasible where most have one act.
    """

    name: ClassVar[str] = "ease"

    def __init__(self, *, regularization: float, least_acts: int = 1) -> None:
        super().__init__(least_acts=least_acts)
        self.regularization = regularization

    def item_weights(self, acts: Any) -> FloatArray:
        """B = I - P / diag(P) with P = (X'X + regularization I)^-1: float32 [S, S]."""
        gram = np.asarray((acts.T @ acts).todense(), dtype=np.float32)
        gram[np.diag_indices_from(gram)] += self.regularization
        precision = inv(gram, overwrite_a=True, check_finite=False)
        weights: FloatArray = -precision / np.diag(precision)
        np.fill_diagonal(weights, 0.0)
        return weights
