from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.model_checks import refuse_degenerate


def test_different_vectors_pass() -> None:
    refuse_degenerate(np.eye(3, dtype=np.float32), of="users")


def test_one_vector_is_not_judged() -> None:
    refuse_degenerate(np.full((1, 4), 0.5, dtype=np.float32), of="users")


def test_constant_vectors_are_refused() -> None:
    with pytest.raises(TrainingError, match="all 5 startups have the same embedding"):
        refuse_degenerate(np.full((5, 4), 0.5, dtype=np.float32), of="startups")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_vectors_that_are_not_finite_are_refused(value: float) -> None:
    vectors = np.eye(3, dtype=np.float32)
    vectors[1, 1] = value
    with pytest.raises(TrainingError, match="embeddings of users are not finite"):
        refuse_degenerate(vectors, of="users")
