"""How much of what a person liked, and of what they ask for, has the facets of a startup: kind by kind."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix, vstack

from recommendation_service.engines.content_facets import FACET_KINDS, preferred_facets, startup_facets
from recommendation_service.engines.facet_space import FacetSpace
from recommendation_service.engines.reranking.history_table import HistoryTable
from recommendation_service.engines.reranking.moment import Moment
from recommendation_service.engines.reranking.pairs import Pairs, entries_of
from recommendation_service.engines.types import FloatArray

_HALF_LIFE_DAYS = 365.0
_PROFILES = ("liked", "liked_lately", "asked")
_COVERED = ("tag", "skill")
"""Kinds of which a startup has several: how many of those the person asks for, or brings."""


class FacetFeatures:
    """For each kind the share of the profile that the startup's facets have; and all kinds, weighted by rarity.

    The other way round, the share of the startup's tags and skills that stand in what the person asks for.
    """

    names = (
        *(f"{profile}_{kind}" for profile in _PROFILES for kind in (*FACET_KINDS, "any")),
        *(f"covered_{kind}" for kind in _COVERED),
    )

    def __init__(self, moment: Moment, begun: FacetFeatures | None = None) -> None:
        """Lay out the facets of a moment, of which those that `begun` laid out for the moment it grew from are kept."""
        facets = [startup_facets(startup) for startup in moment.added]
        space = FacetSpace(facets, {}) if begun is None else begun._space.extended(facets, {})
        rows = space.rows(facets)
        if begun is not None:
            rows = vstack([space.widened(begun._facets), rows], format="csr")[moment.order]
        self._space: FacetSpace = space.weighted(
            np.bincount(rows[np.unique(moment.likes.startup)].indices, minlength=len(space))
        )
        self._facets: csr_matrix = rows
        self._catalogue = rows[: moment.columns]
        self._kind_of = space.kinds

    def values(self, histories: HistoryTable, pairs: Pairs) -> FloatArray:
        """float32 [P, 3 * (kinds + 1) + 2]; what is covered of nothing is not known."""
        owner, facet = entries_of(pairs.column, self._catalogue)
        cell = owner * len(FACET_KINDS) + self._kind_of[facet]
        profiles = [self._liked(histories, None), self._liked(histories, _HALF_LIFE_DAYS), self._asked(histories)]
        blocks = []
        for profile in profiles:
            shares = profile.toarray()[pairs.user[owner], facet]
            by_kind = np.bincount(cell, weights=shares, minlength=len(pairs) * len(FACET_KINDS))
            rare = np.bincount(owner, weights=shares * self._space.rarity[facet], minlength=len(pairs))
            blocks += [by_kind.reshape(len(pairs), len(FACET_KINDS)), rare[:, None]]
        there = np.bincount(cell, minlength=len(pairs) * len(FACET_KINDS))
        met = np.bincount(cell, weights=shares > 0, minlength=len(there))  # of what is asked for, the last profile
        covered = np.divide(met, there, out=np.full(len(there), np.nan), where=there > 0)
        blocks.append(covered.reshape(len(pairs), len(FACET_KINDS))[:, [FACET_KINDS.index(kind) for kind in _COVERED]])
        return np.concatenate(blocks, axis=1).astype(np.float32)

    def _liked(self, histories: HistoryTable, half_life_days: float | None) -> csr_matrix:
        liked = histories.matrix(histories.weights(half_life_days), self._facets.shape[0])
        return self._space.shares(liked @ self._facets)

    def _asked(self, histories: HistoryTable) -> csr_matrix:
        return self._space.shares(self._space.rows([preferred_facets(person) for person in histories.people]))
