"""Scores of many people for one startup: what an engine says of a pair, as products of parts made in advance.

An engine that compares a person with a startup does so by sums of products, so that everybody can be encoded once and
scored for any startup by one dense and one sparse product.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from recommendation_service.engines.types import BoolArray, FloatArray, UserState


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StartupParts:
    """What an engine looks at of one startup.

    Attributes:
        dense: float32 [D].
        sparse: float32 [V].
    """

    dense: FloatArray
    sparse: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeopleParts:
    """What an engine looks at of B people.

    Attributes:
        dense: float32 [B, D].
        sparse: float32 [B, V].
    """

    dense: FloatArray
    sparse: csr_matrix

    @property
    def known(self) -> BoolArray:
        """bool [B]: whether the engine has anything to go by."""
        known: BoolArray = self.dense.any(axis=1) | (np.diff(self.sparse.indptr) > 0)
        return known

    def scores(self, startup: StartupParts) -> FloatArray:
        """float32 [B]: the engine's scores of these people for a startup.

        The startup may have sparse columns that the people do not have yet: facets that came after them.
        """
        scores: FloatArray = self.dense @ startup.dense
        scores += self.sparse @ startup.sparse[: self.sparse.shape[1]]
        return scores

    def take(self, rows: npt.NDArray[np.intp]) -> PeopleParts:
        """Some of the people."""
        return PeopleParts(dense=self.dense[rows], sparse=self.sparse[rows])


@runtime_checkable
class ScoresPeople(Protocol):
    """A bound engine whose scores are products of parts."""

    @property
    def people_key(self) -> Hashable:
        """Parts made under equal keys fit together, whichever catalogue the engine is bound to."""

    def people_parts(self, users: Sequence[UserState]) -> PeopleParts:
        """The parts of B people."""

    def startup_parts(self, column: int) -> StartupParts:
        """The parts of one startup of the catalogue."""

    def lists_of(self, people: PeopleParts) -> FloatArray:
        """float32 [B, N]: the scores of all startups for people of whom nothing but their parts is known."""
