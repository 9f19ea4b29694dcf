from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommendation_service.engines.auc import auc

NAN = float("nan")


def one(scores: list[float], relevant: list[int], hidden: tuple[int, ...] = ()) -> float:
    columns = np.arange(len(scores))
    found = auc(
        np.array([scores], dtype=np.float32), ~np.isin(columns, hidden)[None, :], np.isin(columns, relevant)[None, :]
    )
    return float(found[0])


@pytest.mark.parametrize(
    ("scores", "relevant", "hidden", "expected"),
    [
        ([3, 2, 1], [0], (), 1.0),
        ([3, 2, 1], [2], (), 0.0),
        ([3, 2, 1], [1], (), 0.5),
        ([1, 1, 1], [1], (), 0.5),
        ([2, 1, 1, 0], [1], (), 1.5 / 3),
        ([3, 2, 1], [1], (0,), 1.0),
        ([3, 2, 1, 0], [0, 2], (), 3 / 4),
        ([NAN, 1, 2], [0], (), 0.0),
        ([NAN, -np.inf, 2], [0], (), 0.25),
        ([1, 2], [0, 1], (), 0.5),
        ([1, 2], [], (), 0.5),
    ],
)
def test_by_hand(scores: list[float], relevant: list[int], hidden: tuple[int, ...], expected: float) -> None:
    assert one(scores, relevant, hidden) == expected


@given(
    arrays(np.float32, (3, 12), elements=st.sampled_from([-1.0, 0.0, 0.5, 0.5, 2.0])),
    arrays(np.bool_, (3, 12)),
    arrays(np.bool_, (3, 12)),
)
def test_equals_counting_pairs(scores: np.ndarray, allowed: np.ndarray, relevant: np.ndarray) -> None:
    for row, found in enumerate(auc(scores, allowed, relevant)):
        good = scores[row, allowed[row] & relevant[row]]
        other = scores[row, allowed[row] & ~relevant[row]]
        wins = [1.0 if a > b else 0.5 if a == b else 0.0 for a in good for b in other]
        assert found == pytest.approx(np.mean(wins) if wins else 0.5, abs=1e-12)


def test_equals_an_independent_library() -> None:
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 40, size=(30, 200)).astype(np.float32)
    allowed, relevant = rng.random((30, 200)) < 0.9, rng.random((30, 200)) < 0.1
    theirs = [
        sklearn_metrics.roc_auc_score(good[may], row[may])
        for row, may, good in zip(scores, allowed, relevant, strict=True)
    ]
    np.testing.assert_allclose(auc(scores, allowed, relevant), theirs, rtol=0, atol=1e-9)
