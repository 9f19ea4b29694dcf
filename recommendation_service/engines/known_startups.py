"""Startups that lists and histories may name, with what of them does not change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from recommendation_service.engines.facet_table import FacetTable, facets_of
from recommendation_service.engines.facet_vocabulary import FacetVocabulary
from recommendation_service.engines.known_texts import KnownTexts, centred, unit_texts_of
from recommendation_service.engines.moment_table import MomentTable
from recommendation_service.engines.sparse_rows import entries_of
from recommendation_service.engines.types import Catalogue, FloatArray, StartupRecord, UserRecord

Rows = npt.NDArray[np.int64]


class KnownStartups:
    """Records in order of their rows.

    Attributes:
        records: S of them.
        acted_on: int64 [S], row among the startups that the model saw acts on, -1 for the others.
        texts: Rows of centred texts, float32 [R, T], of rows int64 [R]; zeros where there is none.
    """

    def __init__(
        self,
        records: Sequence[StartupRecord],
        acted_on: Rows,
        *,
        vocabulary: FacetVocabulary,
        texts: KnownTexts,
        lasting: csr_matrix,
        moments: MomentTable,
    ) -> None:
        """Take over startups.

        Args:
            records: S of them.
            acted_on: Of each.
            vocabulary: Facets that have a column.
            texts: Of each.
            lasting: float32 [S, V]: n for each of n facets of a kind, of those that do not change with time.
            moments: Those that do.
        """
        self.records = records
        self.acted_on = acted_on
        self.texts = texts
        self._vocabulary = vocabulary
        self._lasting = lasting
        self._moments = moments

    @classmethod
    def of(
        cls,
        records: Sequence[StartupRecord],
        acted_on: Rows,
        *,
        vocabulary: FacetVocabulary,
        mean_text: FloatArray,
        catalogue: Catalogue | None = None,
        texts: FloatArray | None = None,
    ) -> Self:
        """Prepare startups.

        Args:
            records: S of them.
            acted_on: Of each.
            vocabulary: Facets that have a column.
            mean_text: float32 [T], what texts are centred by.
            catalogue: Holds the first records, N of them.
            texts: float32 [N, T], their unit texts.
        """
        first = np.empty((0, len(mean_text)), dtype=np.float32) if texts is None else texts
        others = unit_texts_of(records[len(first) :], len(mean_text))
        lasting = _lasting(FacetTable.of(records[len(first) :]), vocabulary)
        if catalogue is not None:
            lasting = vstack([_lasting(facets_of(catalogue), vocabulary), lasting], format="csr")
        return cls(
            records,
            acted_on,
            vocabulary=vocabulary,
            texts=KnownTexts(first, others, others_at=len(first), mean=mean_text),
            lasting=lasting,
            moments=MomentTable.of(records, vocabulary),
        )

    def extended(self, records: Sequence[StartupRecord], acted_on: Rows, texts: FloatArray) -> KnownStartups:
        """These and more behind them; an id that comes twice names the later one.

        Args:
            records: R more.
            acted_on: Of each.
            texts: float32 [N + R, T], unit texts of the catalogue that these began with, and of the others.
        """
        return KnownStartups(
            [*self.records, *records],
            np.concatenate([self.acted_on, acted_on]),
            vocabulary=self._vocabulary,
            texts=self.texts.grown(texts),
            lasting=vstack([self._lasting, _lasting(FacetTable.of(records), self._vocabulary)], format="csr"),
            moments=self._moments.extended(MomentTable.of(records, self._vocabulary)),
        )

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row of each startup id."""
        return {record.id: row for row, record in enumerate(self.records)}

    def facet_entries(self, rows: Rows, times: Rows) -> tuple[Rows, Rows, FloatArray]:
        """The entries of `facets(rows, times)`: row of each in 0..E-1, its column, and n."""
        owners, columns, counts = entries_of(self._lasting, rows)
        movers, moving = self._moments.entries(rows, times)
        ones = np.ones(len(moving), dtype=np.float32)
        return np.concatenate([owners, movers]), np.concatenate([columns, moving]), np.concatenate([counts, ones])

    def facets(self, rows: Rows, times: Rows) -> csr_matrix:
        """float32 [E, V]: n for each of n facets of a kind, of startups each as of a time (microseconds since 1970)."""
        owners, columns, counts = self.facet_entries(rows, times)
        return csr_matrix((counts, (owners, columns)), shape=(len(rows), len(self._vocabulary)))


def _lasting(facets: FacetTable, vocabulary: FacetVocabulary) -> csr_matrix:
    return vocabulary.counted(facets.rows(vocabulary.column_of, len(vocabulary)))


def centred_texts(records: Sequence[StartupRecord] | Sequence[UserRecord], mean: FloatArray) -> FloatArray:
    """float32 [R, T]: unit texts less their mean; zeros where a text is missing or unusable."""
    return centred(unit_texts_of(records, len(mean)), mean)
