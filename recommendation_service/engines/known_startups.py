"""Startups that lists and histories may name, with what of them does not change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from recommendation_service.engines.content_facets import startup_facets
from recommendation_service.engines.entity_encoding import text_block
from recommendation_service.engines.facet_vocabulary import FacetVocabulary
from recommendation_service.engines.moment_facets import moment_facets
from recommendation_service.engines.timeline import from_microseconds
from recommendation_service.engines.types import FloatArray, StartupRecord, UserRecord

Rows = npt.NDArray[np.int64]


class KnownStartups:
    """Records in order of their rows.

    Attributes:
        records: S of them.
        acted_on: int64 [S], row among the startups that the model saw acts on, -1 for the others.
        texts: float32 [S, T], centred; zeros where there is none.
    """

    def __init__(
        self, records: Sequence[StartupRecord], acted_on: Rows, *, vocabulary: FacetVocabulary, mean_text: FloatArray
    ) -> None:
        self.records = records
        self.acted_on = acted_on
        self.texts = centred_texts(records, mean_text)
        self._vocabulary = vocabulary
        self._lasting = vocabulary.counted(vocabulary.rows([startup_facets(record) for record in records]))

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row of each startup id."""
        return {record.id: row for row, record in enumerate(self.records)}

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
