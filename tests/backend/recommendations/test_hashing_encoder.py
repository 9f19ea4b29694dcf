from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommendations.hashing_encoder import HashingEncoder


@given(st.lists(st.text(max_size=40), max_size=8))
def test_vectors_have_length_one_whatever_the_text(texts: list[str]) -> None:
    vectors = HashingEncoder().encode(texts)
    assert vectors.shape == (len(texts), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, rtol=1e-5)


def test_texts_that_share_words_are_alike() -> None:
    fintech, lending, games = HashingEncoder().encode(
        ["fintech payments for banks", "Payments, FINTECH lending for banks", "indie games studio"]
    )
    assert fintech @ lending > 0.7 > fintech @ games


def test_the_same_text_has_the_same_vector_in_any_process() -> None:
    """The places of a known text, worked out once: Python's own salted hash would change them from run to run."""
    vector = HashingEncoder().encode(["startup"])[0]
    assert np.flatnonzero(vector).tolist() == [223]
    assert vector[223] == 1.0
