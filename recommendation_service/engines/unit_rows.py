"""Vectors scaled to unit length, so that their dot products are cosines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.engines.types import FloatArray


def unit_rows(rows: FloatArray) -> FloatArray:
    """float32 [R, D] of unit rows; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: FloatArray = (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    return unit


def unit_texts(embeddings: Sequence[FloatArray | None]) -> FloatArray:
    """float32 [R, EMBEDDING_DIM] of unit text embeddings; zeros where there is none."""
    rows = np.zeros((len(embeddings), EMBEDDING_DIM), dtype=np.float32)
    for row, embedding in enumerate(embeddings):
        if embedding is not None:
            rows[row] = embedding
    return unit_rows(rows)
