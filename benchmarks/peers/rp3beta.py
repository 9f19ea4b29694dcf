"""RP3beta (Paudel et al. 2017): a walk of three steps from a person over startups and people, popular ends damped."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.sparse import diags

from peers.item_item import ItemItemPeer, keep_largest


class Rp3BetaPeer(ItemItemPeer):
    """Transition probabilities to the power `alpha`; the end of the walk divided by its degree to the power `beta`."""

    name: ClassVar[str] = "rp3beta"

    def __init__(self, *, alpha: float, beta: float, neighbours: int) -> None:
        super().__init__()
        self.alpha = alpha
        self.beta = beta
        self.neighbours = neighbours

    def item_weights(self, acts: Any) -> Any:
        """Two steps of the walk, startup -> person -> startup: float32 [S, S]; the history is the first one."""
        to_user = _row_stochastic(acts.T).power(self.alpha)
        to_startup = _row_stochastic(acts).power(self.alpha)
        degree = np.asarray(acts.sum(axis=0)).ravel()
        walk = (to_user @ to_startup @ diags(degree**-self.beta)).tocsr()
        walk.setdiag(0.0)
        walk.eliminate_zeros()
        return keep_largest(walk.astype(np.float32), self.neighbours)


def _row_stochastic(matrix: Any) -> Any:
    totals = np.asarray(matrix.sum(axis=1)).ravel()
    return (diags(1.0 / totals) @ matrix).tocsr()
