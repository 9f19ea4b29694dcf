"""Facets as sparse vectors: which are rare and so telling, and how much each kind of facet says about a profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from copy import copy

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from recommendation_service.engines.content_facets import FACET_KINDS, Facet
from recommendation_service.engines.types import FloatArray

_CODE_OF_KIND = {kind: code for code, kind in enumerate(FACET_KINDS)}


class FacetSpace:
    """A column for each facet of some startups, weighted by how rare the facet was among those people acted on.

    Attributes:
        column_of: Column of each facet.
        rarity: float32 [V], -log of the smoothed share of the facet among all facets of its kind.
        origin: The same for a space and for all that extend it.
    """

    def __init__(self, facets: Sequence[Sequence[Facet]], counts: Mapping[Facet, int]) -> None:
        """Span the facets of these startups.

        Args:
            facets: The facets of each startup.
            counts: How many startups of the training rows have each facet.
        """
        distinct = dict.fromkeys(facet for row in facets for facet in row)
        self.column_of = {facet: column for column, facet in enumerate(distinct)}
        self._kinds = np.array([_CODE_OF_KIND[kind] for kind, _ in self.column_of], dtype=np.int64)
        self.rarity = self._rarity(np.array([counts.get(facet, 0) for facet in self.column_of], dtype=np.float64))
        self.origin: Hashable = object()

    def extended(self, facets: Sequence[Sequence[Facet]], counts: Mapping[Facet, int]) -> FacetSpace:
        """A space of these facets too, in which those that are here keep their columns.

        Rarity is what it would be had all been spanned at once: a kind with more facets makes each of them rarer.
        """
        space = FacetSpace([tuple(self.column_of), *facets], counts)
        space.origin = self.origin
        return space

    def weighted(self, seen: npt.NDArray[np.integer]) -> FacetSpace:
        """The same columns with the rarity of facets that were seen so often, [V]."""
        space = copy(self)
        space.rarity = self._rarity(np.asarray(seen, dtype=np.float64))
        return space

    @property
    def kinds(self) -> npt.NDArray[np.int64]:
        """int64 [V]: the kind of each facet, position in FACET_KINDS."""
        return self._kinds

    def widened(self, rows: csr_matrix) -> csr_matrix:
        """Rows of a space that this one extends, as rows of this one; nothing is copied."""
        return csr_matrix((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], len(self)))

    def __len__(self) -> int:
        return len(self.column_of)

    def rows(self, facets: Sequence[Sequence[Facet]]) -> csr_matrix:
        """float32 [R, V]: 1 where a row has a facet; facets outside the space are dropped."""
        entries = [
            (row, self.column_of[facet])
            for row, found in enumerate(facets)
            for facet in found
            if facet in self.column_of
        ]
        rows, columns = np.array(entries, dtype=np.int64).reshape(-1, 2).T
        values = np.ones(len(rows), dtype=np.float32)
        return csr_matrix((values, (rows, columns)), shape=(len(facets), len(self)))

    def shares(self, profiles: csr_matrix) -> csr_matrix:
        """Each row scaled so that the facets of one kind add up to 1, whatever their number."""
        row = np.repeat(np.arange(profiles.shape[0]), np.diff(profiles.indptr))
        place = row * len(FACET_KINDS) + self._kinds[profiles.indices]
        totals = np.bincount(place, weights=profiles.data)
        values = (profiles.data / totals[place]).astype(np.float32)
        return csr_matrix((values, profiles.indices, profiles.indptr), shape=profiles.shape)

    def damped(self, startups: csr_matrix) -> csr_matrix:
        """Startup rows in which each of n facets of one kind counts 1/sqrt(n): long lists do not win by length."""
        shares = self.shares(startups)
        return csr_matrix((np.sqrt(shares.data), startups.indices, startups.indptr), shape=startups.shape)

    def _rarity(self, seen: npt.NDArray[np.float64]) -> FloatArray:
        totals = np.bincount(self._kinds, weights=seen, minlength=len(FACET_KINDS))
        sizes = np.bincount(self._kinds, minlength=len(FACET_KINDS))
        share = (seen + 1) / (totals + sizes)[self._kinds]
        rarity: FloatArray = -np.log(share).astype(np.float32)
        return rarity


def count_facets(facets: Sequence[Sequence[Facet]], rows: npt.NDArray[np.integer]) -> dict[Facet, int]:
    """How many of these rows have each facet."""
    return dict(Counter(facet for row in rows for facet in facets[row]))
