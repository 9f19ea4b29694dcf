"""Vectors scaled to unit length, so that their dot products are cosines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from contracts.dataset import EMBEDDING_DIM

Floats = npt.NDArray[np.float32]


def unit_rows(rows: Floats) -> Floats:
    """float32 [R, D] of unit rows; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    return unit


def unit_texts(embeddings: Sequence[Floats | None]) -> Floats:
    """float32 [R, EMBEDDING_DIM] of unit text embeddings; zeros where there is none that can be used."""
    rows = np.zeros((len(embeddings), EMBEDDING_DIM), dtype=np.float32)
    for row, embedding in enumerate(embeddings):
        if embedding is not None and embedding.shape == (EMBEDDING_DIM,):
            rows[row] = embedding
    rows[~np.isfinite(rows).all(axis=1)] = 0.0
    return unit_rows(rows)
