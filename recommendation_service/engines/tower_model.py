"""Trained towers of any preset: what binding, saving and loading ask of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from torch import Tensor

from recommendation_service.engines.people_parts import PeopleParts, StartupParts
from recommendation_service.engines.recommender import top_k
from recommendation_service.engines.retrieval.scans import products
from recommendation_service.engines.tower_network import TowerNetwork
from recommendation_service.engines.types import BoolArray, Catalogue, FloatArray, Ranking, UserState


class BoundTowers(ABC):
    """Trained towers with the startups of one catalogue encoded; safe to share between threads."""

    scores_are_products: ClassVar[bool] = True
    """Whether `score` is the product of both sides' vectors and nothing else, so that an index may rank."""

    @property
    @abstractmethod
    def startup_vectors(self) -> FloatArray:
        """float32 [N, D], as of the catalogue's moment."""

    @abstractmethod
    def user_vectors(self, users: Sequence[UserState]) -> FloatArray:
        """float32 [B, D]."""

    def score(self, users: Sequence[UserState]) -> FloatArray:
        """Scores float32 [B, N]: the dot products of the vectors of both sides."""
        scores: FloatArray = self.user_vectors(users) @ self.startup_vectors.T
        return scores

    def rank(self, users: Sequence[UserState], k: int, allowed: BoolArray | None) -> Ranking:
        """The best `k` allowed startups of each user, see `Scorer.rank`."""
        return top_k(self.score(users), k, allowed)

    def contributions(
        self, user: UserState, columns: npt.NDArray[np.integer], startup_ids: Sequence[str]
    ) -> FloatArray | None:
        """float32 [K, L], see `Scorer.contributions`."""
        del user, columns, startup_ids
        return None

    def people_parts(self, users: Sequence[UserState]) -> PeopleParts:
        """Parts of people, see `ScoresPeople`."""
        return PeopleParts(dense=self.user_vectors(users), sparse=csr_matrix((len(users), 0), dtype=np.float32))

    def startup_parts(self, column: int) -> StartupParts:
        """Parts of a startup."""
        return StartupParts(dense=self.startup_vectors[column], sparse=np.empty(0, dtype=np.float32))

    def lists_of(self, people: PeopleParts) -> FloatArray:
        """Scores float32 [B, N] from parts of people."""
        return products(people.dense, self.startup_vectors)


class TowerModel(ABC):
    """A trained network with everything it needs to turn records into vectors.

    Attributes:
        network: Without dropout and gradients, on the CPU.
    """

    def __init__(self, network: TowerNetwork) -> None:
        self.network = network.cpu().eval().requires_grad_(False)

    @property
    @abstractmethod
    def widths(self) -> Mapping[str, int]:
        """`user_input`, `startup_input` and `embedding`, for the description of a saved model."""

    @abstractmethod
    def bind(self, catalogue: Catalogue) -> BoundTowers:
        """Encode a catalogue once."""

    def extend(self, bound: BoundTowers, catalogue: Catalogue) -> BoundTowers:
        """What `bind(catalogue)` gives, in less time where a preset can.

        Args:
            bound: These towers, bound to a catalogue.
            catalogue: Begins with the startups of that one, and has more behind them.
        """
        del bound
        return self.bind(catalogue)

    @abstractmethod
    def to_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Tensors by name, and the fitted features as JSON data."""
