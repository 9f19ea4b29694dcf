from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from contracts.dataset import EMBEDDING_DIM
from recommendation_service.engines.list_features import list_features
from recommendation_service.engines.types import StartupRecord, TrainingData

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def startup(name: str, *, category: str = "", tags: tuple[str, ...] = (), text: int | None = None) -> StartupRecord:
    embedding = None if text is None else np.eye(EMBEDDING_DIM, dtype=np.float32)[text] * 3
    return StartupRecord(id=name, opened_at=NOW, category=category, tags=tags, embedding=embedding)


def cosine(left: StartupRecord, right: StartupRecord) -> float:
    rows = list_features([left, right, startup("other", category="other", text=99)]).toarray()
    return float(rows[0] @ rows[1])


def test_rows_have_length_1(platform: TrainingData) -> None:
    rows = list_features(platform.startups)
    np.testing.assert_allclose(np.asarray(rows.multiply(rows).sum(axis=1)).ravel(), 1.0)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (startup("a", category="x"), startup("b", category="X "), 1.0),
        (startup("a", category="x"), startup("b", category="y"), 0.0),
        (startup("a", category="x", tags=("t",)), startup("b", category="x", tags=("u",)), 0.5),
        (startup("a", category="x", text=1), startup("b", category="x", text=2), 0.5),
        (startup("a", category="x", text=1), startup("b", category="y", text=1), 0.5),
        (startup("a", text=1), startup("b", text=1), 1.0),
        (startup("a"), startup("b"), 1.0),
        (startup("a"), startup("b", category="x"), 0.0),
    ],
)
def test_cosines_by_hand(left: StartupRecord, right: StartupRecord, expected: float) -> None:
    assert cosine(left, right) == pytest.approx(expected)


def test_startups_of_which_nothing_is_known_are_all_alike() -> None:
    rows = list_features([startup("a"), startup("b")]).toarray()
    assert rows[0] @ rows[1] == 1.0
