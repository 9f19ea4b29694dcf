"""Item-based nearest neighbours: what is liked by the same people as what a person liked.

Sources: Sarwar et al. 2001 ("Item-based Collaborative Filtering Recommendation Algorithms"); shrinkage after Bell &
Koren 2007; dividing a person's acts by a power of their number after Christoffel et al. 2015 (random walks, RP3beta).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.sparse import csr_matrix, diags
from torch import Tensor

from recommendation_service.engines.collaborative import CollaborativeRecommender
from recommendation_service.engines.config_checks import require
from recommendation_service.engines.liked_startups import liked_histories
from recommendation_service.engines.recommender import Scorer
from recommendation_service.engines.sparse_state import sparse_from_tensors, sparse_to_tensors
from recommendation_service.engines.types import Catalogue, FloatArray, UserState


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKnnConfig:
    """How alike two startups are, and how far back a history reaches.

    Attributes:
        neighbours: How many most alike startups each startup keeps.
        shrinkage: Added to the product of the norms: likeness that rests on few people is damped.
        user_power: A person's acts are divided by their number to this power, so that the busy do not decide; 0 is the
            plain cosine.
        half_life_days: After this many days an act of the history counts half; None counts all alike.
    """

    neighbours: int = 500
    shrinkage: float = 0.0
    user_power: float = 0.5
    half_life_days: float | None = None

    def __post_init__(self) -> None:
        require(self.neighbours >= 1, f"neighbours must be at least 1, got {self.neighbours}")
        require(self.shrinkage >= 0, f"shrinkage must be at least 0, got {self.shrinkage}")
        require(0 <= self.user_power <= 1, f"user_power must lie in [0, 1], got {self.user_power}")
        require(
            self.half_life_days is None or self.half_life_days > 0,
            f"half_life_days must be above 0 or None, got {self.half_life_days}",
        )


class ItemKnnRecommender(CollaborativeRecommender):
    """Startups beside those that are most alike, by who liked both."""

    name: ClassVar[str] = "item_knn"
    called: ClassVar[str] = "item-kNN"
    config: ItemKnnConfig

    def __init__(self, config: ItemKnnConfig | None = None) -> None:
        super().__init__(config or ItemKnnConfig())
        self._likeness = csr_matrix((0, 0), dtype=np.float32)

    def bind(self, catalogue: Catalogue) -> ItemKnnScorer:
        """Pick the columns of the catalogue's startups."""
        return ItemKnnScorer(catalogue, self._rows(), self._likeness, self.config)

    def _learn(self, liked: csr_matrix) -> None:
        self._likeness = nearest_neighbours(liked, self.config)

    def _learned(self) -> dict[str, Tensor]:
        return sparse_to_tensors("likeness", self._likeness)

    def _take(self, tensors: Mapping[str, Tensor]) -> None:
        self._likeness = sparse_from_tensors("likeness", tensors)


class ItemKnnScorer(Scorer):
    """The likeness of each startup of a catalogue to what people liked, added up."""

    def __init__(
        self, catalogue: Catalogue, row_of: Mapping[str, int], likeness: csr_matrix, config: ItemKnnConfig
    ) -> None:
        super().__init__(catalogue)
        self._row_of = row_of
        self._half_life_days = config.half_life_days
        known = [column for column, startup in enumerate(catalogue.startups) if startup.id in row_of]
        self._known = np.array(known, dtype=np.int64)
        self._likeness = likeness[:, [row_of[catalogue.startups[column].id] for column in known]]

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N]; NaN for startups nobody liked, and for people who liked none that is known."""
        liked = liked_histories(users, self._row_of, half_life_days=self._half_life_days)
        scores = np.full((len(users), len(self.catalogue)), np.nan, dtype=np.float32)
        scores[:, self._known] = (liked @ self._likeness).toarray()
        scores[np.diff(liked.indptr) == 0] = np.nan
        return scores


def nearest_neighbours(liked: csr_matrix, config: ItemKnnConfig) -> csr_matrix:
    """float32 [S, S]: the shrunk cosine of the columns of `liked` [U, S], the highest `neighbours` of each column.

    A startup is no neighbour of itself.
    """
    acts = np.maximum(np.diff(liked.indptr), 1).astype(np.float32)
    weighted = diags(acts**-config.user_power, dtype=np.float32) @ liked
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=0), dtype=np.float32)).ravel()
    together = (weighted.T @ weighted).tocoo()
    others = together.row != together.col
    rows, columns, shared = together.row[others], together.col[others], together.data[others]
    likeness = shared / (norms[rows] * norms[columns] + config.shrinkage)
    kept = _highest_per_column(rows, columns, likeness, config.neighbours)
    shape = (liked.shape[1], liked.shape[1])
    return csr_matrix((likeness[kept].astype(np.float32), (rows[kept], columns[kept])), shape=shape)


def _highest_per_column(
    rows: np.ndarray[Any, Any], columns: np.ndarray[Any, Any], values: FloatArray, count: int
) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Which entries are among the `count` highest of their column; ties go to the lower row."""
    order = np.lexsort((rows, -values, columns))
    ordered = columns[order]
    place = np.arange(len(order)) - np.searchsorted(ordered, ordered, side="left")
    kept: np.ndarray[Any, np.dtype[np.intp]] = order[place < count]
    return kept
