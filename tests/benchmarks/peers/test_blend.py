"""Standardised scores and their weighted sum, by hand."""

from __future__ import annotations

import numpy as np
from peers.blend import BlendPeer, standardised
from peers.ease import EasePeer
from peers.item_knn import ItemKnnPeer

from recommendation_service.engines.types import Catalogue, TrainingData, UserState


def test_standardised_rows_have_mean_0_and_deviation_1_where_something_is_known() -> None:
    found = standardised(np.array([[1.0, np.nan, 3.0], [2.0, 2.0, 2.0], [np.nan] * 3], dtype=np.float32))
    np.testing.assert_allclose(found, [[-1, 0, 1], [0, 0, 0], [0, 0, 0]])


def test_a_blend_is_the_weighted_sum(data: TrainingData, catalogue: Catalogue, states: list[UserState]) -> None:
    parts = [ItemKnnPeer(neighbours=9, shrinkage=0.0), EasePeer(regularization=1.0)]
    blended = BlendPeer(parts, [1.0, 0.25]).fit(data).bind(catalogue).score(states)
    knn, ease = (part.fit(data).bind(catalogue).score(states) for part in parts)
    np.testing.assert_allclose(blended, standardised(knn) + 0.25 * standardised(ease), rtol=1e-5)
