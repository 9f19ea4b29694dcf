"""The score that every index gives a column, whatever it looked at to find it.

A product of two float32 vectors depends in its last bits on how many rows are multiplied at once. Lists that must be
the same from every index are therefore ranked by products in float64, one row at a time, rounded once.
"""

from __future__ import annotations

import numpy as np

from recommendation_service.engines.retrieval.scans import Columns
from recommendation_service.engines.types import FloatArray

_ROWS_AT_ONCE = 16_384


def exact_scores(vectors: FloatArray, columns: Columns, query: FloatArray) -> FloatArray:
    """Dot products float32 [C] of some columns' vectors with a query [D]."""
    wide = query.astype(np.float64)
    scores = np.empty(len(columns), dtype=np.float32)
    for start in range(0, len(columns), _ROWS_AT_ONCE):
        run = slice(start, start + _ROWS_AT_ONCE)
        scores[run] = np.vecdot(vectors.take(columns[run], axis=0).astype(np.float64), wide)
    return scores


def in_order(scores: FloatArray, columns: Columns, k: int) -> tuple[Columns, FloatArray]:
    """The best `k` of some columns with their scores, by (score descending, column ascending)."""
    order = np.lexsort((columns, -scores))[:k]
    return columns[order], scores[order]
