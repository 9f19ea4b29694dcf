"""What engines share that know startups by who liked them and by nothing else."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from scipy.sparse import csr_matrix
from torch import Tensor

from recommendation_service.engines.config_json import override, to_dict
from recommendation_service.engines.errors import ConfigError, ModelFileError, NotFittedError
from recommendation_service.engines.liked_startups import liked_pairs
from recommendation_service.engines.recommender import Recommender
from recommendation_service.engines.types import TrainingData


class CollaborativeRecommender(Recommender):
    """Has nothing to say about people without history, or about startups that nobody liked.

    Attributes:
        called: The engine in messages.
        config: A frozen dataclass, whose defaults are the class's.
    """

    called: ClassVar[str]
    serves_cold_users: ClassVar[bool] = False

    def __init__(self, config: Any) -> None:
        self.config = config
        self._row_of: dict[str, int] | None = None

    def fit(self, data: TrainingData) -> Self:
        """Learn of all startups that anybody liked; sampled negatives and dislikes do not count."""
        liked = liked_pairs(data)
        rows = np.flatnonzero(np.diff(liked.tocsc().indptr))
        self._row_of = {data.startups[row].id: place for place, row in enumerate(rows.tolist())}
        self._learn(liked[:, rows])
        return self

    def to_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What was learned as named tensors, the rest as JSON data."""
        startups = list(self._rows())
        return self._learned(), {"config": to_dict(self.config), "startups": startups}

    @classmethod
    def from_state(cls, tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> Self:
        """The engine that `to_state` described.

        Raises:
            ModelFileError: If a part is missing or does not fit.
        """
        recommender = cls()  # type: ignore[call-arg] # every engine has its own default
        try:
            recommender.config = override(recommender.config, description["config"])
            recommender._row_of = {startup: row for row, startup in enumerate(description["startups"])}
            recommender._take(tensors)
        except (ConfigError, KeyError, TypeError, ValueError) as error:
            raise ModelFileError(f"the file does not hold an {cls.called} engine: {error}") from error
        return recommender

    @abstractmethod
    def _learn(self, liked: csr_matrix) -> None:
        """Learn from labels [U, S] of the startups that anybody liked."""

    @abstractmethod
    def _learned(self) -> dict[str, Tensor]:
        """What was learned, by name."""

    @abstractmethod
    def _take(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over what `_learned` gave, once the startups are known.

        Raises:
            KeyError, ValueError, ModelFileError: If it does not fit.
        """

    def _rows(self) -> dict[str, int]:
        """The row of each startup that anybody liked."""
        if self._row_of is None:
            raise NotFittedError(f"the {self.called} engine has not learned yet; call fit(data) first")
        return self._row_of
