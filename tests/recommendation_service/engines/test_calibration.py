from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines.calibration import reliability


def arrays(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def test_by_hand() -> None:
    found = reliability(arrays(0.1, 0.3, 0.8, 1.0), arrays(0.0, 1.0, 1.0, 0.6), bins=2)
    assert [(b.low, b.high, b.count) for b in found.bins] == [(0.0, 0.5, 2), (0.5, 1.0, 2)]
    assert [b.probability for b in found.bins] == pytest.approx([0.2, 0.9])
    assert [b.label for b in found.bins] == pytest.approx([0.5, 0.8])
    assert found.ece == pytest.approx((2 * 0.3 + 2 * 0.1) / 4)
    assert found.brier == pytest.approx((0.01 + 0.49 + 0.04 + 0.16) / 4)
    assert (found.pairs, found.probability, found.label) == (4, pytest.approx(0.55), pytest.approx(0.65))


def test_empty_bins_are_left_out() -> None:
    assert [b.low for b in reliability(arrays(0.05, 0.95), arrays(0, 1)).bins] == [0.0, 0.9]


def test_probabilities_that_mean_what_they_say_are_calibrated() -> None:
    rng = np.random.default_rng(0)
    probability = rng.random(200_000)
    found = reliability(probability, (rng.random(200_000) < probability).astype(np.float64))
    assert found.ece < 0.01
    assert found.brier == pytest.approx(1 / 6, abs=0.005)


def test_confidence_that_is_not_earned_shows() -> None:
    assert reliability(np.full(100, 0.9), np.zeros(100)).ece == pytest.approx(0.9)


def test_equals_an_independent_library() -> None:
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    sklearn_calibration = pytest.importorskip("sklearn.calibration")
    rng = np.random.default_rng(1)
    probability = rng.random(500)
    label = (rng.random(500) < 0.4).astype(np.float64)
    found = reliability(probability, label)
    assert found.brier == pytest.approx(sklearn_metrics.brier_score_loss(label, probability), abs=1e-9)
    shares, means = sklearn_calibration.calibration_curve(label, probability, n_bins=10)
    np.testing.assert_allclose([b.label for b in found.bins], shares, rtol=0, atol=1e-9)
    np.testing.assert_allclose([b.probability for b in found.bins], means, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("probability", "label", "message"),
    [((), (), "got 0, 0"), ((0.1,), (0.0, 1.0), "got 1, 2"), ((1.5,), (1.0,), r"1\.5"), ((np.nan,), (1.0,), "nan")],
)
def test_what_is_no_probability_is_refused(
    probability: tuple[float, ...], label: tuple[float, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        reliability(arrays(*probability), arrays(*label))
