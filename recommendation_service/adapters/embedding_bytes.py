"""Text embeddings as the platform stores them: little-endian float32 bytes."""

from __future__ import annotations

import numpy as np

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.engines.types import FloatArray


def decode_embedding(stored: bytes | memoryview) -> FloatArray | None:
    """The vector, float32 [EMBEDDING_DIM], or None if it is of another size, zero, or a value is not finite."""
    if len(stored) != 4 * EMBEDDING_DIM:
        return None
    vector = np.frombuffer(stored, dtype="<f4").astype(np.float32)
    return vector if np.isfinite(vector).all() and vector.any() else None
