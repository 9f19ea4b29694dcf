"""Implicit-feedback matrix factorisation by alternating least squares, with people folded in from their history.

Source: Hu, Koren & Volinsky 2008 ("Collaborative Filtering for Implicit Feedback Datasets"). The startups' vectors are
learned by the `implicit` library; a person is solved for when asked about, so the engine serves people it never saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits
from torch import Tensor

from recommendation_service.engines.collaborative import CollaborativeRecommender
from recommendation_service.engines.config_checks import require, require_positive
from recommendation_service.engines.errors import ModelFileError
from recommendation_service.engines.liked_startups import liked_histories
from recommendation_service.engines.recommender import Scorer
from recommendation_service.engines.types import Catalogue, FloatArray, UserState


@dataclass(frozen=True, slots=True, kw_only=True)
class AlsConfig:
    """The factorisation.

    Attributes:
        factors: Width of a vector.
        regularization: Weight of the squared norms.
        alpha: A startup liked with label r has confidence 1 + alpha * r; all others have 1.
        iterations: Alternations.
        half_life_days: After this many days an act of the history counts half when a person is solved for; None counts
            all alike.
        seed: Of the first vectors.
    """

    factors: int = 128
    regularization: float = 10.0
    alpha: float = 30.0
    iterations: int = 15
    half_life_days: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        require(self.factors >= 1, f"factors must be at least 1, got {self.factors}")
        require(self.iterations >= 1, f"iterations must be at least 1, got {self.iterations}")
        require_positive("regularization", self.regularization)
        require_positive("alpha", self.alpha)
        require(
            self.half_life_days is None or self.half_life_days > 0,
            f"half_life_days must be above 0 or None, got {self.half_life_days}",
        )


class AlsRecommender(CollaborativeRecommender):
    """People and startups as vectors, whose dot product is the score."""

    name: ClassVar[str] = "als"
    called: ClassVar[str] = "ALS"
    config: AlsConfig

    def __init__(self, config: AlsConfig | None = None) -> None:
        super().__init__(config or AlsConfig())
        self._factors: FloatArray = np.zeros((0, self.config.factors), dtype=np.float32)

    def bind(self, catalogue: Catalogue) -> AlsScorer:
        """Pick the vectors of the catalogue's startups."""
        return AlsScorer(catalogue, self._rows(), self._factors, self.config)

    def _learn(self, liked: csr_matrix) -> None:
        """Factorise, on one thread so that the same data gives the same vectors."""
        people = np.flatnonzero(np.diff(liked.indptr))
        self._factors = _startup_factors(liked[people], self.config)

    def _learned(self) -> dict[str, Tensor]:
        return {"factors": torch.from_numpy(self._factors.copy())}

    def _take(self, tensors: Mapping[str, Tensor]) -> None:
        self._factors = tensors["factors"].numpy()
        if self._factors.shape != (len(self._rows()), self.config.factors):
            raise ModelFileError(
                f"the ALS engine has factors of shape {self._factors.shape} for {len(self._rows())} "
                f"startups and {self.config.factors} factors; the file was altered"
            )


class AlsScorer(Scorer):
    """Dot products of folded-in people and the startups of a catalogue."""

    def __init__(self, catalogue: Catalogue, row_of: Mapping[str, int], factors: FloatArray, config: AlsConfig) -> None:
        super().__init__(catalogue)
        self._row_of = row_of
        self._factors = factors
        self._config = config
        ridge = config.regularization * np.eye(factors.shape[1])
        self._gram = factors.T.astype(np.float64) @ factors + ridge
        self._vectors = np.full((len(catalogue), factors.shape[1]), np.nan, dtype=np.float32)
        for column, startup in enumerate(catalogue.startups):
            if startup.id in row_of:
                self._vectors[column] = factors[row_of[startup.id]]

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N]; NaN for startups nobody liked, and for people who liked none that is known."""
        liked = liked_histories(users, self._row_of, half_life_days=self._config.half_life_days)
        scores: FloatArray = self.fold_in(liked) @ self._vectors.T
        scores[np.diff(liked.indptr) == 0] = np.nan
        return scores

    def fold_in(self, liked: csr_matrix) -> FloatArray:
        """float32 [B, F]: the least-squares vector of each row of likes [B, S], given the startups' vectors."""
        vectors = np.zeros((liked.shape[0], self._factors.shape[1]), dtype=np.float32)
        for place in range(liked.shape[0]):
            entries = slice(liked.indptr[place], liked.indptr[place + 1])
            startups = self._factors[liked.indices[entries]].astype(np.float64)
            extra = self._config.alpha * liked.data[entries].astype(np.float64)
            normal = self._gram + (startups.T * extra) @ startups
            vectors[place] = np.linalg.solve(normal, (1.0 + extra) @ startups)
        return vectors


def _startup_factors(liked: csr_matrix, config: AlsConfig) -> FloatArray:
    """float32 [S, F]: the vectors of the columns of `liked` [U, S]."""
    # Here, as only what learns needs it: a process that serves does not carry the library.
    from implicit.cpu.als import AlternatingLeastSquares

    if not liked.nnz:
        return np.zeros((0, config.factors), dtype=np.float32)
    confidence = liked.copy()
    confidence.data = 1.0 + config.alpha * confidence.data
    with threadpool_limits(limits=1, user_api="blas"):
        model = AlternatingLeastSquares(
            factors=config.factors,
            regularization=config.regularization,
            iterations=config.iterations,
            num_threads=1,
            random_state=config.seed,
        )
        model.fit(confidence, show_progress=False)
    factors: FloatArray = model.item_factors.astype(np.float32)
    return factors
