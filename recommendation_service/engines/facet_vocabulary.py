"""One vocabulary of facets for people and startups alike: a column for each facet that is common enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from recommendation_service.engines.content_facets import Facet


class FacetVocabulary:
    """A column for each known facet; facets of one kind lie side by side.

    Attributes:
        facets: V of them, in order of their columns.
    """

    def __init__(self, facets: Sequence[Facet]) -> None:
        self.facets = tuple(facets)

    @classmethod
    def fit(cls, rows: Iterable[Sequence[Facet]], *, min_count: int, most: int) -> Self:
        """The facets that at least `min_count` rows have; of more than `most`, those that most rows have."""
        counts = Counter(facet for row in rows for facet in row)
        common = [facet for facet, count in counts.items() if count >= min_count]
        kept = sorted(common, key=lambda facet: (-counts[facet], facet))[:most]
        return cls(sorted(kept))

    def __len__(self) -> int:
        return len(self.facets)

    @cached_property
    def column_of(self) -> dict[Facet, int]:
        """Column of each facet."""
        return {facet: column for column, facet in enumerate(self.facets)}

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The distinct kinds, K of them, in order of their columns."""
        return tuple(dict.fromkeys(kind for kind, _ in self.facets))

    @cached_property
    def kind_of(self) -> npt.NDArray[np.int64]:
        """int64 [V]: position in `kinds` of each column's kind."""
        place = {kind: place for place, kind in enumerate(self.kinds)}
        return np.array([place[kind] for kind, _ in self.facets], dtype=np.int64)

    def rows(self, facets: Sequence[Sequence[Facet]]) -> csr_matrix:
        """float32 [R, V]: 1 where a row has a facet; facets without a column are dropped."""
        known = [[self.column_of[facet] for facet in row if facet in self.column_of] for row in facets]
        starts = np.cumsum([0, *(len(row) for row in known)])
        columns = np.array([column for row in known for column in row], dtype=np.int64)
        values = np.ones(len(columns), dtype=np.float32)
        return csr_matrix((values, columns, starts), shape=(len(facets), len(self)))

    def ranked_rows(self, facets: Sequence[Sequence[Facet]]) -> csr_matrix:
        """float32 [R, V]: 1 for the first facet of a kind that a row names, 1/2 for the second, and so on."""
        rows = self.rows(facets)
        places = [place for row in facets for facet, place in _places(row) if facet in self.column_of]
        rows.data = (1.0 / (1.0 + np.array(places))).astype(np.float32)
        return rows

    def counted(self, rows: csr_matrix) -> csr_matrix:
        """The rows with n in place of each of n facets of one kind."""
        owners = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
        kinds = self.kind_of[rows.indices]
        counts = np.zeros((rows.shape[0], len(self.kinds)))
        np.add.at(counts, (owners, kinds), 1.0)
        return csr_matrix((counts[owners, kinds].astype(np.float32), rows.indices, rows.indptr), shape=rows.shape)


def _places(row: Sequence[Facet]) -> Iterator[tuple[Facet, int]]:
    """Each facet with how many of its kind the row names before it."""
    before: Counter[str] = Counter()
    for facet in row:
        yield facet, before[facet[0]]
        before[facet[0]] += 1
