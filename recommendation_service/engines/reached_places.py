"""The best startups by scores that are a text's product and the rest: most are ruled out without a look at their text.

What the rest of a score and the longest text could make together rules out most startups, what `TextReach` tells of
the others most of these; the texts of whoever is left are multiplied. The list is that of all the scores.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.retrieval.exact_scores import in_order
from recommendation_service.engines.retrieval.scans import Columns
from recommendation_service.engines.selection import bars
from recommendation_service.engines.text_reach import TextReach
from recommendation_service.engines.types import FloatArray

ROUNDING = 1e-5
"""Of sums of float32 products, in parts of their size."""
_MOST_LEFT = 1 / 16
"""Of all pairs; where the rest rules out less, one product of all texts takes less time."""
_LOWEST = np.finfo(np.float32).min
Places = npt.NDArray[np.intp]


def best_reached(
    texts: FloatArray, reach: TextReach, queries: FloatArray, others: FloatArray, k: int
) -> list[tuple[Columns, FloatArray]] | None:
    """The best `k` columns and their scores for each of B queries; None where too many texts might be among them.

    Args:
        texts: float32 [N, T].
        reach: Of them.
        queries: float32 [B, T].
        others: float32 [N, B], the rest of the scores; -inf where a column is not allowed.
        k: Places, at least 1.
    """
    asked = reach.asked(queries)
    least = _least(texts, queries, others, k)
    if least is None:
        return None
    left = _pairs(others, least - asked.most)
    if left is None:
        return None
    columns, rows = left
    kept = reach.most(asked, columns, rows) + others[columns, rows] >= least[rows]
    found = []
    for row, theirs in enumerate(_by_row(columns[kept], rows[kept], len(queries))):
        found.append(in_order(texts.take(theirs, axis=0) @ queries[row] + others[theirs, row], theirs, k))
    return found


def _least(texts: FloatArray, queries: FloatArray, others: FloatArray, k: int) -> FloatArray | None:
    """float32 [B]: what at least k scores reach, told by those whose rest is best; None where too many are."""
    first = _pairs(others, bars(others, k))
    if first is None:
        return None
    columns, rows = first
    scores = np.vecdot(texts.take(columns, axis=0), queries.take(rows, axis=0)) + others[columns, rows]
    scores[np.isnan(scores)] = -np.inf
    best_first = scores[np.lexsort((-scores, rows))]
    counts = np.bincount(rows, minlength=len(queries))
    last = np.cumsum(counts) - counts + k - 1
    found = np.full(len(queries), -np.inf, dtype=np.float32)
    found[counts >= k] = best_first[last[counts >= k]]
    found -= np.float32(ROUNDING) * np.abs(found)
    return found


def _pairs(others: FloatArray, least: FloatArray) -> tuple[Columns, Places] | None:
    """Columns and rows whose rest reaches what is given for the row, float32 [B]; None where they are too many."""
    reached = np.flatnonzero(others >= np.maximum(least, _LOWEST))
    if len(reached) > _MOST_LEFT * others.size:
        return None
    columns, rows = np.divmod(reached, others.shape[1])
    return columns, rows


def _by_row(columns: Columns, rows: Places, count: int) -> Iterator[Columns]:
    """The columns of each row, ascending."""
    order = np.argsort(rows, kind="stable")
    columns, ends = columns[order], np.cumsum(np.bincount(rows, minlength=count))
    return iter(np.split(columns, ends[:-1]))
