from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommendations.data_errors import EmbeddingError
from recommendations.embedding_vectors import text_hash, vector_from_bytes, vector_to_bytes

FINITE = st.floats(width=32, allow_nan=False, allow_infinity=False)


@given(arrays(np.float32, 384, elements=FINITE))
def test_a_vector_comes_back_as_it_was(vector: np.ndarray) -> None:
    stored = vector_to_bytes(vector)
    assert len(stored) == 1536
    np.testing.assert_array_equal(vector_from_bytes(stored), vector)
    np.testing.assert_array_equal(vector_from_bytes(memoryview(stored)), vector)


def test_bytes_are_little_endian_float32() -> None:
    vector = np.zeros(384, dtype=np.float32)
    vector[0] = -2.5
    assert vector_to_bytes(vector)[:4] == struct.pack("<f", -2.5)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused_both_ways(value: float) -> None:
    vector = np.zeros(384, dtype=np.float32)
    vector[7] = value
    with pytest.raises(EmbeddingError, match="not finite"):
        vector_to_bytes(vector)
    with pytest.raises(EmbeddingError, match=r"not finite; run: python manage.py generate_embeddings --force"):
        vector_from_bytes(vector.tobytes())


def test_another_width_is_refused_both_ways() -> None:
    with pytest.raises(EmbeddingError, match=r"384 values, got the shape \(3,\)"):
        vector_to_bytes(np.zeros(3, dtype=np.float32))
    with pytest.raises(EmbeddingError, match="12 bytes, expected 1536"):
        vector_from_bytes(b"\0" * 12)


def test_text_hash_is_sha256() -> None:
    assert text_hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
