"""Models that cannot rank: embeddings that are not finite, or the same for everybody."""

from __future__ import annotations

import numpy as np

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.types import FloatArray

_SAME = 1.0 - 1e-6
"""Length of the mean of unit vectors above which they all are one vector."""


def find_collapse(vectors: FloatArray, *, of: str) -> str | None:
    """Why these embeddings cannot rank anything, or None when they can.

    Args:
        vectors: float32 [R, D], unit length.
        of: Whose they are (`users`, `startups`), for the message.

    Returns:
        The reason, if at least two rows are there and all are the same.

    Raises:
        TrainingError: If a value is not finite: such a model is not even worth keeping.
    """
    if not np.isfinite(vectors).all():
        raise TrainingError(f"the embeddings of {of} are not finite; lower optimizer.learning_rate")
    if len(vectors) > 1 and np.linalg.norm(vectors.mean(axis=0, dtype=np.float64)) > _SAME:
        return (
            f"all {len(vectors)} {of} have the same embedding, so the model cannot rank; check that their features "
            "differ (python manage.py generate_embeddings, then export the dataset again) or lower the learning rate"
        )
    return None
