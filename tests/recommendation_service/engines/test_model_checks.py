from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.model_checks import find_collapse


def test_different_vectors_pass() -> None:
    assert find_collapse(np.eye(3, dtype=np.float32), of="users") is None


def test_one_vector_is_not_judged() -> None:
    assert find_collapse(np.full((1, 4), 0.5, dtype=np.float32), of="users") is None


def test_constant_vectors_are_named() -> None:
    reason = find_collapse(np.full((5, 4), 0.5, dtype=np.float32), of="startups")
    assert reason is not None
    assert reason.startswith("all 5 startups have the same embedding")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_not_finite_are_refused(value: float) -> None:
    vectors = np.eye(3, dtype=np.float32)
    vectors[1, 1] = value
    with pytest.raises(TrainingError, match="embeddings of users are not finite"):
        find_collapse(vectors, of="users")
