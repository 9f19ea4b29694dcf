"""Item-kNN (Sarwar et al. 2001): the cosine of who liked two startups, shrunk where few did."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from scipy.sparse import csr_matrix, diags

from peers.item_item import ItemItemPeer, keep_largest


class ItemKnnPeer(ItemItemPeer):
    """Each startup keeps its `neighbours` closest; `shrinkage` is added to the product of the two lengths."""

    name: ClassVar[str] = "item_knn"

    def __init__(self, *, neighbours: int, shrinkage: float) -> None:
        super().__init__()
        self.neighbours = neighbours
        self.shrinkage = shrinkage

    def item_weights(self, acts: Any) -> Any:
        """Shrunk cosine float32 [S, S]."""
        together = (acts.T @ acts).tocoo()
        lengths = np.sqrt(together.tocsr().diagonal())
        cosine = together.data / (lengths[together.row] * lengths[together.col] + self.shrinkage)
        weights = csr_matrix((cosine, (together.row, together.col)), shape=together.shape)
        others = (weights - diags(weights.diagonal())).tocsr()
        others.eliminate_zeros()
        return keep_largest(others, self.neighbours)
