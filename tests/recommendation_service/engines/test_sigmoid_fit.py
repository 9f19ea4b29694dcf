from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines.sigmoid_fit import fit_sigmoid


def test_it_finds_the_curve_that_labels_came_from() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(4.0, 3.0, 40_000).astype(np.float32)
    chance = 1 / (1 + np.exp(-(0.7 * scores - 2.0)))
    labels = (rng.random(40_000) < chance).astype(np.float32)
    scale, bias = fit_sigmoid(scores, labels, np.ones_like(labels))
    assert scale == pytest.approx(0.7, abs=0.03)
    assert bias == pytest.approx(-2.0, abs=0.1)


def test_weights_count_rows() -> None:
    scores, labels = np.array([0.0, 1.0, 2.0, 2.0], dtype=np.float32), np.array([0, 1, 0, 1], dtype=np.float32)
    twice = fit_sigmoid(np.r_[scores, scores[:1]], np.r_[labels, labels[:1]], np.ones(5, dtype=np.float32))
    weighted = fit_sigmoid(scores, labels, np.array([2, 1, 1, 1], dtype=np.float32))
    scores_between = np.linspace(-1, 3, 9)
    np.testing.assert_allclose(
        twice[0] * scores_between + twice[1], weighted[0] * scores_between + weighted[1], atol=0.1
    )


@pytest.mark.parametrize("labels", [[0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 1, 1]], ids=["parted", "reversed", "all liked"])
def test_it_stays_finite_and_rising(labels: list[int]) -> None:
    scores = np.array([0, 1, 2, 3], dtype=np.float32)
    scale, bias = fit_sigmoid(scores, np.array(labels, dtype=np.float32), np.ones(4, dtype=np.float32))
    assert scale > 0
    assert np.isfinite([scale, bias]).all()
