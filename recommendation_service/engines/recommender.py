"""The one contract of every engine: learn, bind to a catalogue, rank.

`fit` learns from data; `bind` prepares a catalogue (which may hold startups never seen in training) and returns an
immutable `Scorer`; `Scorer.rank` masks and picks. A subclass says only how it scores.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np

from recommendation_service.engines.types import (
    BoolArray,
    Catalogue,
    FloatArray,
    Ranking,
    TrainingData,
    UserState,
)


class Scorer(ABC):
    """A fitted engine bound to one catalogue; safe to share between threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    @abstractmethod
    def score(self, users: Sequence[UserState]) -> FloatArray:
        """Score every startup of the catalogue for each user.

        Returns:
            float32 [B, N], higher is better; NaN or -inf where the engine has nothing to say.
        """

    def rank(self, users: Sequence[UserState], k: int, allowed: BoolArray | None = None) -> Ranking:
        """The best `k` allowed startups of each user.

        Args:
            users: B users.
            k: Places, at least 1.
            allowed: [B, N] or [N]; False removes a startup before the best are picked.
        """
        return top_k(self.score(users), k, allowed)


class Recommender(ABC):
    """An engine. `name` is its one name everywhere: reports, routing tables, answers."""

    name: ClassVar[str]
    serves_cold_users: ClassVar[bool]
    """Whether it has something to say about a person without history."""

    @abstractmethod
    def fit(self, data: TrainingData) -> Self:
        """Learn from the data and return self."""

    @abstractmethod
    def bind(self, catalogue: Catalogue) -> Scorer:
        """Prepare a catalogue.

        Raises:
            NotFittedError: Before `fit`.
        """


def top_k(scores: FloatArray, k: int, allowed: BoolArray | None = None) -> Ranking:
    """Pick the best k columns per row; ties go to the lower column, NaN never ranks.

    Args:
        scores: float32 [B, N]; not changed.
        k: Places, at least 1; more than N are padded.
        allowed: [B, N] or [N]; False columns are never picked.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    masked = np.where(np.isnan(scores), -np.inf, scores)
    if allowed is not None:
        masked = np.where(allowed, masked, -np.inf)
    width = min(k, masked.shape[1])
    columns = _best_columns(masked, width)
    best = np.take_along_axis(masked, columns, axis=1)
    columns = np.where(np.isneginf(best), -1, columns)
    pad = ((0, 0), (0, k - width))
    return Ranking(
        columns=np.pad(columns, pad, constant_values=-1).astype(np.int32),
        scores=np.pad(best, pad, constant_values=-np.inf).astype(np.float32),
    )


def _best_columns(scores: FloatArray, width: int) -> np.ndarray[tuple[int, int], np.dtype[np.intp]]:
    """Columns [B, width] in order of (score descending, column ascending)."""
    if width == scores.shape[1]:
        return np.argsort(-scores, axis=1, kind="stable")
    threshold = -np.partition(-scores, width - 1, axis=1)[:, width - 1 : width]
    rows = []
    for row, bar in zip(scores, threshold[:, 0], strict=True):
        candidates = np.flatnonzero(row >= bar)
        rows.append(candidates[np.argsort(-row[candidates], kind="stable")][:width])
    return np.stack(rows) if rows else np.empty((0, width), dtype=np.intp)
