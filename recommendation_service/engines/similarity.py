"""How alike startups are, by what they say of themselves: text and facets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from recommendation_service.engines.facet_table import FacetTable, facets_of
from recommendation_service.engines.recommender import top_k
from recommendation_service.engines.types import Catalogue, FloatArray

TEXT_SHARE = 0.5
"""How much of the likeness is the cosine of the texts; the rest is the Jaccard index of the facets."""

_KINDS = frozenset({"type", "category", "field", "phase", "country", "city", "tag", "stage"})
"""The kinds of facets that count."""

Columns = npt.NDArray[np.integer]


class StartupSimilarity:
    """The likeness of any startup of a catalogue to all others; safe to share between threads."""

    name = "content_similarity"

    def __init__(self, catalogue: Catalogue, begun: StartupSimilarity | None = None) -> None:
        """Lay out the facets of the catalogue's startups; their texts are there already.

        Args:
            catalogue: N startups.
            begun: Of a catalogue that this one begins with; only what is behind it is laid out then.
        """
        self._slots: dict[tuple[str, str], int] = {} if begun is None else dict(begun._slots)
        there = 0 if begun is None else begun._facets.shape[0]
        added = facets_of(catalogue) if begun is None else FacetTable.of(catalogue.startups[there:])
        for facet in added.facets:
            if facet[0] in _KINDS:
                self._slots.setdefault(facet, len(self._slots))
        facets = added.rows(self._slots, max(1, len(self._slots)))
        if begun is not None:
            facets = vstack([_widened(begun._facets, facets), facets], format="csr")
        self._facets: csr_matrix = facets
        self._facet_counts = np.diff(self._facets.indptr).astype(np.float32)
        self._texts = catalogue.texts

    def score(self, column: int) -> FloatArray:
        """Likeness float32 [N] of one startup to all, at most 1; a startup without text has a text cosine of 0."""
        shared = (self._facets @ self._facets[column].T).toarray()[:, 0]
        either = self._facet_counts + self._facet_counts[column] - shared
        jaccard = shared / np.maximum(either, 1.0)
        text = self._texts @ self._texts[column]
        likeness: FloatArray = (TEXT_SHARE * text + (1 - TEXT_SHARE) * jaccard).astype(np.float32)
        return likeness

    def closest(self, column: int, k: int) -> tuple[list[int], list[float]]:
        """The `k` other startups most like one, and their likeness, most alike first."""
        others = np.arange(len(self._texts)) != column
        ranking = top_k(self.score(column)[None, :], k, others)
        kept = ranking.columns[0] >= 0
        return ranking.columns[0][kept].tolist(), ranking.scores[0][kept].tolist()

    def text_cosine(self, rows: Columns, columns: Columns) -> FloatArray:
        """Cosine float32 [R, C] of the texts of some startups and some others."""
        cosine: FloatArray = self._texts[rows] @ self._texts[columns].T
        return cosine


def _widened(table: csr_matrix, like: csr_matrix) -> csr_matrix:
    """The same rows with as many columns as another table; nothing is copied."""
    return csr_matrix((table.data, table.indices, table.indptr), shape=(table.shape[0], like.shape[1]))
