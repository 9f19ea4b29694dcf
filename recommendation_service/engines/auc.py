"""Area under the ROC curve per user, over everything that could have been shown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from recommendation_service.engines.types import BoolArray, FloatArray

Values = npt.NDArray[np.float64]


def auc(scores: FloatArray, allowed: BoolArray, relevant: BoolArray) -> Values:
    """How likely a relevant column scores above another one (Hanley & McNeil 1982); a tie counts half.

    Args:
        scores: float32 [B, N]; NaN counts as the lowest score.
        allowed: bool [B, N]; the other columns take no part.
        relevant: bool [B, N].

    Returns:
        float64 [B] in [0, 1]; 0.5 where there is nothing to put in order.
    """
    usable = np.where(np.isnan(scores), -np.inf, scores)
    rows = zip(usable, allowed, relevant, strict=True)
    return np.array([_row_auc(row[may & ~good], row[may & good]) for row, may, good in rows], dtype=np.float64)


def _row_auc(negatives: FloatArray, positives: FloatArray) -> float:
    pairs = len(negatives) * len(positives)
    if not pairs:
        return 0.5
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left").sum()
    up_to = np.searchsorted(ordered, positives, side="right").sum()
    return float(below + up_to) / 2 / pairs
