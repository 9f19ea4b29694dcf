"""Embeddings as they lie in the database: float32 values, little-endian, and the hash of the text they stand for."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from contracts.dataset import EMBEDDING_DIM
from recommendations.data_errors import EmbeddingError

_STORED = np.dtype("<f4")


def vector_to_bytes(vector: npt.NDArray[np.float32]) -> bytes:
    """The stored form of a vector, float32 [EMBEDDING_DIM].

    Raises:
        EmbeddingError: If it has another width or holds a value that is not finite.
    """
    if vector.shape != (EMBEDDING_DIM,):
        raise EmbeddingError(f"an embedding has {EMBEDDING_DIM} values, got the shape {vector.shape}")
    if not np.isfinite(vector).all():
        raise EmbeddingError("an embedding holds a value that is not finite; it was not stored")
    return vector.astype(_STORED, copy=False).tobytes()


def vector_from_bytes(stored: bytes | memoryview) -> npt.NDArray[np.float32]:
    """The vector of a stored form, float32 [EMBEDDING_DIM].

    Raises:
        EmbeddingError: If the bytes are not those of EMBEDDING_DIM finite values.
    """
    cure = "run: python manage.py generate_embeddings --force"
    if len(stored) != EMBEDDING_DIM * _STORED.itemsize:
        expected = EMBEDDING_DIM * _STORED.itemsize
        raise EmbeddingError(f"a stored embedding has {len(stored)} bytes, expected {expected}; {cure}")
    vector = np.frombuffer(stored, dtype=_STORED).astype(np.float32, copy=False)
    if not np.isfinite(vector).all():
        raise EmbeddingError(f"a stored embedding holds a value that is not finite; {cure}")
    return vector


def text_hash(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
