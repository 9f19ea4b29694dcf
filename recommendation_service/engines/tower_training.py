"""Towers of any preset in training: what a run of epochs asks of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.tower_fitter import TowerFitter
from recommendation_service.engines.tower_model import TowerModel
from recommendation_service.engines.types import FloatArray

Rows = npt.NDArray[np.int64]


class TowerTraining(ABC):
    """A fresh network with the features and batches that it learns from.

    Attributes:
        fitter: Takes the epochs.
        missing_users: People whose text embedding is missing or unusable.
        missing_startups: Startups likewise.
    """

    fitter: TowerFitter[Any]
    missing_users: int
    missing_startups: int

    @abstractmethod
    def vectors(self, users: Rows, startups: Rows, as_of: datetime | None) -> tuple[FloatArray, FloatArray]:
        """What the network makes of some people and startups at a moment, without dropout.

        Args:
            users: int [U], rows of the training data.
            startups: int [N], likewise.
            as_of: The moment; None stands for the end of the rows.

        Returns:
            float32 [U, D] and [N, D].
        """

    def score_runs(self, users: Rows, startups: Rows, as_of: datetime | None) -> Callable[[slice], FloatArray]:
        """From a run of the users to their scores float32 [B, N]; arguments as of `vectors`."""
        user_vectors, startup_vectors = self.vectors(users, startups, as_of)
        return lambda run: user_vectors[run] @ startup_vectors.T

    @abstractmethod
    def model(self) -> TowerModel:
        """The network as it is now, ready to serve; training then must not go on."""
