"""The one contract of every engine: learn, bind to a catalogue, rank.

`fit` learns from data; `bind` prepares a catalogue (which may hold startups never seen in training) and returns an
immutable `Scorer`; `Scorer.rank` masks and picks. A subclass says only how it scores.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.selection import best_columns
from recommendation_service.engines.types import (
    BoolArray,
    Catalogue,
    FloatArray,
    Ranking,
    TrainingData,
    UserState,
    empty_ranking,
)

_NOTHING = np.float32(-np.inf)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contributions:
    """How much of some scores each of L past startups makes up.

    Attributes:
        engine: Whose scores: an engine's name.
        parts: float32 [K, L]; those of all that a person did, and what does not depend on it, add up to the scores.
    """

    engine: str
    parts: FloatArray


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

    def contributions(
        self, user: UserState, columns: npt.NDArray[np.integer], startup_ids: Sequence[str]
    ) -> Contributions | None:
        """How much of the scores of K columns what a person did to L startups makes up.

        None where scores are no sums over what was done.
        """
        del user, columns, startup_ids
        return None

    def over(self, catalogue: Catalogue) -> Self:
        """The same scores for a catalogue of the same records, of which others may be live."""
        scorer = copy.copy(self)
        scorer.catalogue = catalogue
        return scorer


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

    def extend(self, scorer: Scorer, catalogue: Catalogue) -> Scorer:
        """What `bind(catalogue)` gives, but for what changes with time, in less time where an engine can.

        Args:
            scorer: Of this engine.
            catalogue: Begins with the startups that the scorer is bound to, and has more behind them.
        """
        del scorer
        return self.bind(catalogue)


def top_k(scores: FloatArray, k: int, allowed: BoolArray | None = None) -> Ranking:
    """Pick the best k columns per row; ties go to the lower column, NaN never ranks.

    Args:
        scores: float32 [B, N]; not changed.
        k: Places, at least 1; more than N are padded.
        allowed: [B, N] or [N]; False columns are never picked.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    users = len(scores)
    ranking = empty_ranking(users, k)
    masks = [None] * users if allowed is None else np.broadcast_to(allowed, scores.shape)
    for place, (row, mask) in enumerate(zip(scores, masks, strict=True)):
        ranked = _rankable(row, mask)
        columns = best_columns(ranked, k)
        ranking.columns[place, : len(columns)] = columns
        ranking.scores[place, : len(columns)] = ranked[columns]
    return ranking


def _rankable(scores: FloatArray, allowed: BoolArray | None) -> FloatArray:
    """The row with -inf for what must not be picked; the row itself where nothing has to change."""
    if allowed is not None:
        scores = np.where(allowed, scores, _NOTHING)
    if len(scores) and np.isnan(scores.max()):
        scores = np.where(np.isnan(scores), _NOTHING, scores)
    return scores
