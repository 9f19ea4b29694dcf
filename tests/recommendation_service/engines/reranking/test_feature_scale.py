from __future__ import annotations

import numpy as np
import pytest

from recommendation_service.engines.reranking.feature_scale import FeatureScale

NAN = np.nan
FEATURES = np.array([[1.0, NAN, 5.0, NAN], [3.0, 2.0, 5.0, NAN], [5.0, 4.0, 5.0, NAN]], dtype=np.float32)


def test_by_hand() -> None:
    """Mean 3, deviation sqrt(8/3); of the second 2 and 4 are known; the third never differs; of the fourth nothing."""
    scaled = FeatureScale.of(FEATURES).apply(FEATURES)
    step = 2 / np.sqrt(8 / 3)
    expected = [[-step, 0, 0, 0, 1, 1], [0, -1, 0, 0, 0, 1], [step, 1, 0, 0, 0, 1]]
    np.testing.assert_allclose(scaled, expected, atol=0.01)
    assert scaled.dtype == np.float32


def test_what_lies_beyond_is_as_good_as_the_next() -> None:
    rng = np.random.default_rng(0)
    known = rng.normal(size=(5000, 1)).astype(np.float32)
    known[0] = 1e9
    scale = FeatureScale.of(known)
    far = scale.apply(np.array([[np.inf], [1e9], [50.0], [-np.inf]], dtype=np.float32))
    assert far[0] == far[1] == far[2]
    assert 2 < far[0] < 5
    assert -5 < far[3] < -2


def test_what_was_always_known_has_no_column_for_being_unknown() -> None:
    scale = FeatureScale.of(FEATURES[:, :1])
    assert scale.width == 1
    np.testing.assert_array_equal(scale.apply(np.array([[NAN]], dtype=np.float32)), [[0.0]])


@pytest.mark.parametrize("columns", [slice(0, 4), slice(0, 1)], ids=["some unknown", "all known"])
def test_survives_its_tensors(columns: slice) -> None:
    scale = FeatureScale.of(FEATURES[:, columns])
    loaded = FeatureScale.from_tensors(scale.to_tensors())
    np.testing.assert_array_equal(loaded.apply(FEATURES[:, columns]), scale.apply(FEATURES[:, columns]))
