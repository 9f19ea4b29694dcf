"""What the history towers look at: some startups as of a moment, and some people with what they did before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from recommendation_service.engines.types import FloatArray

Rows = npt.NDArray[np.int64]
FACET_POOLS = ("said", "said_first", "liked", "recent", "strong", "viewed", "disliked", "liked_often")
TEXT_POOLS = ("liked", "recent", "own")
AUDIENCE_POOLS = ("liked", "recent")
GATES = ("always", "likes", "newcomer")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StartupFacts:
    """What is known of N startups as of a moment, but for their texts.

    Attributes:
        facets: float32 [N, V], n where a startup has one of n facets of a kind.
        numbers: float32 [N, M], see `startup_numbers`.
        audience: float32 [N, A], see `audience_vectors`; empty for a startup that nobody liked.
        known: int64 [N], row among the startups that were acted on by the moment, -1 for the others.
    """

    facets: csr_matrix
    numbers: FloatArray
    audience: csr_matrix
    known: Rows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StartupSide(StartupFacts):
    """N startups as of a moment.

    Attributes:
        texts: float32 [N, T], centred; zeros where there is none.
    """

    texts: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeopleSide:
    """B people as of a moment.

    Attributes:
        facets: float32 [B, V] for each of FACET_POOLS.
        texts: float32 [3, B, T], for each of TEXT_POOLS.
        audience: float32 [B, A] for each of AUDIENCE_POOLS.
        gates: float32 [B, 3], for each of GATES: 1, log(1 + how many startups they liked), whether they liked none.
        roles: int64 [B], -1 for a role never seen.
    """

    facets: tuple[csr_matrix, ...]
    texts: FloatArray
    audience: tuple[csr_matrix, ...]
    gates: FloatArray
    roles: Rows
