"""The facets of many startups as arrays, read from each record once for every engine that looks at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Self
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from recommendation_service.engines.content_facets import Facet, startup_facets
from recommendation_service.engines.types import Catalogue, StartupRecord


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FacetTable:
    """N startups.

    Attributes:
        facets: The distinct ones, in the order in which they first come.
        starts: int64 [N + 1]: the entries of startup n are those from `starts[n]` to `starts[n + 1]`.
        columns: int32 [E], position in `facets` of every entry.
    """

    facets: Sequence[Facet]
    starts: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int32]

    @classmethod
    def of(cls, startups: Sequence[StartupRecord]) -> Self:
        """Read the facets of some startups."""
        column_of: dict[Facet, int] = {}
        entries: list[int] = []
        starts = [0]
        for startup in startups:
            entries.extend([column_of.setdefault(facet, len(column_of)) for facet in startup_facets(startup)])
            starts.append(len(entries))
        return cls(
            facets=tuple(column_of),
            starts=np.array(starts, dtype=np.int64),
            columns=np.array(entries, dtype=np.int32),
        )

    def counts(self) -> dict[Facet, int]:
        """How many startups have each facet."""
        found = np.bincount(self.columns, minlength=len(self.facets))
        return dict(zip(self.facets, found.tolist(), strict=True))

    def rows(self, column_of: Mapping[Facet, int], width: int) -> csr_matrix:
        """float32 [N, width]: 1 where a startup has a facet, in that facet's column; facets without one are dropped."""
        columns = np.array([column_of.get(facet, -1) for facet in self.facets], dtype=np.int32)[self.columns]
        has_column = columns >= 0
        before = np.concatenate([[0], np.cumsum(has_column)])
        columns = columns[has_column]
        values = np.ones(len(columns), dtype=np.float32)
        return csr_matrix((values, columns, before[self.starts]), shape=(len(self.starts) - 1, width))


_TABLES: WeakKeyDictionary[Catalogue, FacetTable] = WeakKeyDictionary()
_LOCK = Lock()


def facets_of(catalogue: Catalogue) -> FacetTable:
    """The table of all startups of a catalogue, kept for as long as the catalogue is."""
    with _LOCK:
        table = _TABLES.get(catalogue)
        if table is None:
            table = _TABLES[catalogue] = FacetTable.of(catalogue.startups)
        return table
