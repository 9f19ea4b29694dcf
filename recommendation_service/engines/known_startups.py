"""Startups that lists and histories may name, with what of them does not change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from recommendation_service.engines.content_facets import startup_facets
from recommendation_service.engines.entity_encoding import text_block
from recommendation_service.engines.facet_vocabulary import FacetVocabulary
from recommendation_service.engines.growing_rows import GrowingRows
from recommendation_service.engines.moment_facets import moment_facets
from recommendation_service.engines.sparse_rows import entries_of
from recommendation_service.engines.timeline import from_microseconds
from recommendation_service.engines.types import FloatArray, StartupRecord, UserRecord

Rows = npt.NDArray[np.int64]
_MOST_KEPT = 100_000


class KnownStartups:
    """Records in order of their rows.

    Attributes:
        records: S of them.
        acted_on: int64 [S], row among the startups that the model saw acts on, -1 for the others.
        texts: float32 [S, T], centred; zeros where there is none.
    """

    def __init__(
        self,
        records: Sequence[StartupRecord],
        acted_on: Rows,
        *,
        vocabulary: FacetVocabulary,
        mean_text: FloatArray,
        begun: KnownStartups | None = None,
    ) -> None:
        """Prepare startups.

        Args:
            records: S of them.
            acted_on: Of each.
            vocabulary: Facets that have a column.
            mean_text: What texts are centred by.
            begun: Those that these begin with; only what is behind them is prepared then.
        """
        self.records = records
        self.acted_on = acted_on
        self._vocabulary = vocabulary
        self._mean_text = mean_text
        self._kept: dict[tuple[int, int], Sequence[int]] = {}
        added = records if begun is None else records[len(begun.records) :]
        texts = centred_texts(added, mean_text)
        lasting = vocabulary.counted(vocabulary.rows([startup_facets(record) for record in added]))
        self._texts: GrowingRows = (
            GrowingRows.holding(texts) if begun is None else begun._texts.grown(len(begun.records), texts)
        )
        self.texts = self._texts.first(len(records))
        self._lasting: csr_matrix = lasting if begun is None else vstack([begun._lasting, lasting], format="csr")

    def extended(self, records: Sequence[StartupRecord], acted_on: Rows) -> KnownStartups:
        """These and more behind them; an id that comes twice names the later one."""
        return KnownStartups(
            [*self.records, *records],
            np.concatenate([self.acted_on, acted_on]),
            vocabulary=self._vocabulary,
            mean_text=self._mean_text,
            begun=self,
        )

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row of each startup id."""
        return {record.id: row for row, record in enumerate(self.records)}

    def facet_entries(self, rows: Rows, times: Rows) -> tuple[Rows, Rows, FloatArray]:
        """The entries of `facets(rows, times)`: row of each in 0..E-1, its column, and n. For a few rows."""
        owners, columns, counts = entries_of(self._lasting, rows)
        changing = [self._columns_at(row, time) for row, time in zip(rows.tolist(), times.tolist(), strict=True)]
        moving = np.array([column for found in changing for column in found], dtype=np.int64)
        movers = np.repeat(np.arange(len(rows)), [len(found) for found in changing])
        ones = np.ones(len(moving), dtype=np.float32)
        return (np.concatenate([owners, movers]), np.concatenate([columns, moving]), np.concatenate([counts, ones]))

    def _columns_at(self, row: int, time: int) -> Sequence[int]:
        """Columns of what a startup was at a time; people come back with the same acts, so some are kept."""
        kept = self._kept.get((row, time))
        if kept is None:
            column_of = self._vocabulary.column_of
            facets = moment_facets(self.records[row], from_microseconds(time))
            kept = tuple(column_of[facet] for facet in facets if facet in column_of)
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[row, time] = kept
        return kept

    def facets(self, rows: Rows, times: Rows) -> csr_matrix:
        """float32 [E, V]: n for each of n facets of a kind, of startups each as of a time (microseconds since 1970)."""
        changing = [
            moment_facets(self.records[row], from_microseconds(time))
            for row, time in zip(rows.tolist(), times.tolist(), strict=True)
        ]
        return csr_matrix(self._lasting[rows] + self._vocabulary.rows(changing))


def centred_texts(records: Sequence[StartupRecord] | Sequence[UserRecord], mean: FloatArray) -> FloatArray:
    """float32 [R, T]: unit texts less their mean; zeros where a text is missing or unusable."""
    texts, missing, invalid = text_block([record.embedding for record in records], len(mean))
    lengths = np.linalg.norm(texts, axis=1, keepdims=True)
    centred = texts / np.maximum(lengths, np.finfo(np.float32).tiny) - mean
    centred[missing | invalid | (lengths[:, 0] == 0)] = 0.0
    return np.asarray(centred, dtype=np.float32)
