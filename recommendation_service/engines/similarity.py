"""How alike startups are, by what they say of themselves: text and facets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from recommendation_service.engines.recommender import top_k
from recommendation_service.engines.types import Catalogue, FloatArray, StartupRecord
from recommendation_service.engines.vocabulary import normalise

TEXT_SHARE = 0.5
"""How much of the likeness is the cosine of the texts; the rest is the Jaccard index of the facets."""

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
        facets = _facet_table(catalogue.startups[there:], self._slots)
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


def _facet_table(startups: Sequence[StartupRecord], slots: dict[tuple[str, str], int]) -> csr_matrix:
    """float32 [N, V]: 1 where a startup has a facet; facets that have no slot yet get the next one."""
    rows: list[int] = []
    columns: list[int] = []
    for row, startup in enumerate(startups):
        found = {slots.setdefault(facet, len(slots)) for facet in _facets(startup)}
        rows.extend([row] * len(found))
        columns.extend(found)
    ones = np.ones(len(rows), dtype=np.float32)
    return csr_matrix((ones, (rows, columns)), shape=(len(startups), max(1, len(slots))))


def _widened(table: csr_matrix, like: csr_matrix) -> csr_matrix:
    """The same rows with as many columns as another table; nothing is copied."""
    return csr_matrix((table.data, table.indices, table.indptr), shape=(table.shape[0], like.shape[1]))


def _facets(startup: StartupRecord) -> Iterator[tuple[str, str]]:
    """Kind and normalised value of all that two startups may share."""
    place = startup.location
    single = {
        "type": startup.type,
        "category": startup.category,
        "field": startup.field,
        "phase": startup.phase,
        "country": place.country,
        "city": place.city,
    }
    several = {"tag": startup.tags, "stage": startup.stages}
    pairs = [*single.items(), *((kind, value) for kind, values in several.items() for value in values)]
    return ((kind, normalise(value)) for kind, value in pairs if normalise(value))
