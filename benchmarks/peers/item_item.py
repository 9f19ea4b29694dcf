"""Peers that know startups by who else liked them: one matrix of item-item weights, scores are histories times it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from peers.acts_matrix import ActsMatrix
from recommendation_service.engines.errors import NotFittedError
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState


class ItemItemScorer(Scorer):
    """Item-item weights bound to one catalogue."""

    def __init__(self, catalogue: Catalogue, acts: ActsMatrix, weights: Any) -> None:
        super().__init__(catalogue)
        self._acts = acts
        self._columns = acts.columns_of(catalogue)
        self._weights = weights[:, np.maximum(self._columns, 0)]

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N]; NaN for a startup that too few had liked."""
        scores = self._acts.histories(users) @ self._weights
        dense: FloatArray = np.asarray(scores.todense() if hasattr(scores, "todense") else scores, dtype=np.float32)
        dense[:, self._columns < 0] = np.nan
        return dense


class ItemItemPeer(Recommender):
    """Fits the matrix of acts; a subclass says how startups weigh on each other.

    A startup that fewer than `least_acts` people liked takes no part.
    """

    serves_cold_users: ClassVar[bool] = False

    def __init__(self, *, least_acts: int = 1) -> None:
        self.least_acts = least_acts
        self._acts: ActsMatrix | None = None
        self._weights: Any = None

    @abstractmethod
    def item_weights(self, acts: Any) -> Any:
        """What having liked a startup (row) says about another (column).

        Args:
            acts: Sparse float32 [U, S], labels.

        Returns:
            float32 [S, S], sparse or dense, with an empty diagonal.
        """

    def fit(self, data: TrainingData) -> Self:
        """Compute the weights."""
        self._acts = ActsMatrix(data, least_acts=self.least_acts)
        self._weights = self.item_weights(self._acts.values)
        return self

    def bind(self, catalogue: Catalogue) -> ItemItemScorer:
        """Pick the catalogue's columns."""
        if self._acts is None:
            raise NotFittedError(f"{self.name} has not learned yet; call fit(data) first")
        return ItemItemScorer(catalogue, self._acts, self._weights)


def keep_largest(weights: Any, count: int) -> Any:
    """The `count` largest entries of each column of a sparse [S, S] matrix; on a tie the higher rows stay."""
    by_column = weights.tocsc()
    kept = np.concatenate(
        [
            start + np.sort(np.argsort(by_column.data[start:end], kind="stable")[-count:])
            for start, end in zip(by_column.indptr[:-1], by_column.indptr[1:], strict=True)
        ]
    ).astype(np.int64)
    entries = by_column.tocoo()
    return type(by_column)((entries.data[kept], (entries.row[kept], entries.col[kept])), shape=weights.shape).tocsr()
