"""Matrix factorisation by the `implicit` library: weighted ALS (Hu et al. 2008) and BPR (Rendle et al. 2009)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.cpu.bpr import BayesianPersonalizedRanking
from threadpoolctl import threadpool_limits

from peers.acts_matrix import ActsMatrix
from recommendation_service.engines.errors import NotFittedError
from recommendation_service.engines.recommender import Recommender, Scorer
from recommendation_service.engines.types import Catalogue, FloatArray, TrainingData, UserState


class FactorScorer(Scorer):
    """Factors bound to one catalogue."""

    def __init__(self, catalogue: Catalogue, acts: ActsMatrix, model: Any) -> None:
        super().__init__(catalogue)
        columns = acts.columns_of(catalogue)
        self._users = acts.users
        self._user_factors: FloatArray = model.user_factors
        self._factors: FloatArray = np.where(columns[:, None] < 0, np.nan, model.item_factors[np.maximum(columns, 0)])

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, N]; NaN for a person or a startup that the training did not know."""
        rows = np.array([self._users.get(user.record.id, -1) for user in users], dtype=np.int64)
        known = self._user_factors[np.maximum(rows, 0)]
        scores: FloatArray = np.where(rows[:, None] < 0, np.nan, known @ self._factors.T).astype(np.float32)
        return scores


class FactorPeer(Recommender):
    """Fits a model of the library; a subclass says which."""

    serves_cold_users: ClassVar[bool] = False

    def __init__(self) -> None:
        self._acts: ActsMatrix | None = None
        self._model: Any = None

    @abstractmethod
    def model(self) -> Any:
        """A fresh model of the library."""

    def fit(self, data: TrainingData) -> Self:
        """Factorise the matrix of acts."""
        self._acts = ActsMatrix(data)
        # The library runs threads of its own; BLAS threads inside them would fight over the same cores.
        with threadpool_limits(limits=1, user_api="blas"):
            self._model = self.model()
            self._model.fit(self._acts.values, show_progress=False)
        return self

    def bind(self, catalogue: Catalogue) -> FactorScorer:
        """Pick the catalogue's factors."""
        if self._acts is None:
            raise NotFittedError(f"{self.name} has not learned yet; call fit(data) first")
        return FactorScorer(catalogue, self._acts, self._model)


class AlsPeer(FactorPeer):
    """`alpha` times the label is the confidence in a pair over that in all that nobody did."""

    name: ClassVar[str] = "als"

    def __init__(self, *, factors: int, regularization: float, alpha: float, iterations: int = 15, seed: int) -> None:
        super().__init__()
        self.factors = factors
        self.regularization = regularization
        self.alpha = alpha
        self.iterations = iterations
        self.seed = seed

    def model(self) -> AlternatingLeastSquares:
        """The library's ALS."""
        return AlternatingLeastSquares(
            factors=self.factors,
            regularization=self.regularization,
            alpha=self.alpha,
            iterations=self.iterations,
            random_state=self.seed,
        )


class BprPeer(FactorPeer):
    """Learns that what somebody liked comes before what they did not, pair by pair."""

    name: ClassVar[str] = "bpr"

    def __init__(
        self, *, factors: int, regularization: float, learning_rate: float, iterations: int, seed: int
    ) -> None:
        super().__init__()
        self.factors = factors
        self.regularization = regularization
        self.learning_rate = learning_rate
        self.iterations = iterations
        self.seed = seed

    def model(self) -> BayesianPersonalizedRanking:
        """The library's BPR, on one thread: only then does a seed decide everything."""
        return BayesianPersonalizedRanking(
            factors=self.factors,
            regularization=self.regularization,
            learning_rate=self.learning_rate,
            iterations=self.iterations,
            random_state=self.seed,
            num_threads=1,
        )
