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


class TextBlocks:
    """Vectors of many startups, some thousand in one piece of memory: small pieces would never be given back."""

    def __init__(self, rows_in_block: int = 1024) -> None:
        """Start without any."""
        self._rows_in_block = rows_in_block
        self._block: FloatArray = np.empty((0, EMBEDDING_DIM), dtype=np.float32)
        self._used = 0

    def add(self, stored: bytes | memoryview, before: FloatArray | None = None) -> FloatArray | None:
        """The vector as `decode_embedding` gives it, in the block; or the one there was before, if it is the same."""
        if before is not None and before.tobytes() == stored:
            return before
        vector = decode_embedding(stored)
        if vector is None:
            return None
        if self._used == len(self._block):
            self._block, self._used = np.empty((self._rows_in_block, EMBEDDING_DIM), dtype=np.float32), 0
        self._block[self._used] = vector
        self._used += 1
        kept: FloatArray = self._block[self._used - 1]
        return kept
