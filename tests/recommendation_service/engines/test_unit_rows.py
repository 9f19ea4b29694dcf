from __future__ import annotations

import numpy as np

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.engines.unit_rows import unit_rows, unit_texts


def test_rows_by_hand() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 0.0], [-2.0, 0.0]], dtype=np.float32)
    np.testing.assert_allclose(unit_rows(rows), [[0.6, 0.8], [0.0, 0.0], [-1.0, 0.0]], rtol=1e-6)


def test_what_has_no_text_is_zeros() -> None:
    text = np.full(EMBEDDING_DIM, 2.0, dtype=np.float32)
    found = unit_texts([None, text])
    assert found.dtype == np.float32
    assert not found[0].any()
    np.testing.assert_allclose(found[1], 1 / np.sqrt(EMBEDDING_DIM), rtol=1e-6)
    assert unit_texts([]).shape == (0, EMBEDDING_DIM)
