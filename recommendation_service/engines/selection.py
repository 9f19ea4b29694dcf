"""The best few of a row of scores, without sorting the row or copying it."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.types import BoolArray, FloatArray, IntArray

Columns = npt.NDArray[np.intp]

_BLOCKS_PER_PLACE = 8
"""With this many blocks to a place, the best blocks hold little more than the best columns."""
_SHORTEST_BLOCK = 16
_FEW_BELOW = 31 / 32
_FLOAT_CEILING: FloatArray = np.array([-np.inf, np.inf], dtype=np.float32)
_WHOLE_CEILING: IntArray = np.array([np.iinfo(np.int32).min, np.iinfo(np.int32).max], dtype=np.int32)
_LOWEST_FLOAT = np.finfo(np.float32).min
_LOWEST_WHOLE = int(np.iinfo(np.int32).min)


def best_columns(scores: FloatArray, k: int) -> Columns:
    """Columns of the best `k` finite or +inf scores in order of (score descending, column ascending).

    Args:
        scores: [N], without NaN; -inf is never picked.
        k: Places, at least 1; fewer columns come back where fewer can be picked.
    """
    candidates = np.flatnonzero(scores >= bar(scores, k))
    found = scores[candidates]
    if np.isneginf(found).any():
        candidates, found = candidates[~np.isneginf(found)], found[~np.isneginf(found)]
    if len(candidates) > 2 * k:
        kept = found >= np.partition(found, len(found) - k)[len(found) - k]
        candidates, found = candidates[kept], found[kept]
    chosen: Columns = candidates[np.argsort(-found, kind="stable")[:k]]
    return chosen


def bar(scores: FloatArray | IntArray, k: int) -> float:
    """A value that at least `k` of the scores [N] without NaN reach, and few others; -inf where there are no more.

    Each of the k best blocks holds one score as good as its own best; one pass over the row finds them. A block takes
    every so many columns: neighbours are often alike, and vectors of the processor go along a row, not across it.
    """
    if k >= len(scores):
        return -np.inf
    length = len(scores) // (_BLOCKS_PER_PLACE * k)
    if length >= _SHORTEST_BLOCK:
        scores = scores[: len(scores) // length * length].reshape(length, -1).max(axis=0)
    place = len(scores) - k
    return float(np.partition(scores, place)[place])


def bars(scores: FloatArray, k: int) -> FloatArray:
    """`bar` of each column of scores [N, B], float32 [B]; NaN counts as -inf."""
    if k >= len(scores):
        return np.full(scores.shape[1], -np.inf, dtype=np.float32)
    length = len(scores) // (_BLOCKS_PER_PLACE * k)
    if length >= _SHORTEST_BLOCK:
        blocks = scores[: len(scores) // length * length].reshape(length, -1, scores.shape[1])
        highest = np.fmax.reduce(blocks, axis=0)
    else:
        highest = scores.copy()
    highest[np.isnan(highest)] = -np.inf
    place = len(highest) - k
    found: FloatArray = np.partition(highest, place, axis=0)[place]
    return found


def reaching(scores: FloatArray | IntArray, least: float) -> Columns:
    """Columns whose scores, float32 or int32 [N], reach `least`, by a float32 or not; never the lowest."""
    if scores.dtype == np.int32:
        reached = scores >= math.floor(max(least, _LOWEST_WHOLE + 1))
    else:
        reached = scores >= max(np.nextafter(np.float32(least), _LOWEST_FLOAT), _LOWEST_FLOAT)
    found: Columns = reached.nonzero()[0]
    return found


def keep_allowed(scores: FloatArray | IntArray, allowed: BoolArray) -> None:
    """Set the scores, float32 or int32 [N], of columns that are not allowed to the lowest there is (-inf), in place.

    Few are written one by one. Many would cost a mispredicted branch each, so that a minimum is taken over all.
    """
    if np.count_nonzero(allowed) >= _FEW_BELOW * len(allowed):
        keep_out(scores, (~allowed).nonzero()[0])
    else:
        ceiling = _WHOLE_CEILING if scores.dtype == np.int32 else _FLOAT_CEILING
        np.minimum(scores, ceiling.take(allowed.view(np.uint8), mode="clip"), out=scores)


def keep_out(scores: FloatArray | IntArray, columns: Columns) -> None:
    """Set the scores, float32 or int32 [N], of some columns to the lowest there is, in place."""
    scores[columns] = _LOWEST_WHOLE if scores.dtype == np.int32 else -np.inf
