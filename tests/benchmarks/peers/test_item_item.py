"""Item-item peers against what they are by definition, computed pair by pair."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from peers.ease import EasePeer
from peers.item_item import ItemItemPeer, keep_largest
from peers.item_knn import ItemKnnPeer
from peers.rp3beta import Rp3BetaPeer
from scipy.sparse import csr_matrix

from recommendation_service.engines.errors import NotFittedError
from recommendation_service.engines.types import Catalogue, TrainingData, UserState

LIKES = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 1, 1]], dtype=np.float64)
STARTUPS = range(LIKES.shape[1])


def test_ease_is_the_ridge_regression_of_each_startup_on_the_others() -> None:
    found = np.asarray(EasePeer(regularization=0.7).item_weights(csr_matrix(LIKES, dtype=np.float32)))
    for target in STARTUPS:
        others = [column for column in STARTUPS if column != target]
        features = LIKES[:, others]
        ridge = np.linalg.solve(features.T @ features + 0.7 * np.eye(3), features.T @ LIKES[:, target])
        np.testing.assert_allclose(found[others, target], ridge, rtol=1e-4)
        assert found[target, target] == 0


def test_item_knn_is_the_shrunk_cosine_of_columns() -> None:
    found = ItemKnnPeer(neighbours=10, shrinkage=1.5).item_weights(csr_matrix(LIKES)).toarray()
    for one, other in itertools.permutations(STARTUPS, 2):
        a, b = LIKES[:, one], LIKES[:, other]
        expected = a @ b / (math.sqrt(a @ a) * math.sqrt(b @ b) + 1.5)
        assert found[one, other] == pytest.approx(expected)
    assert not found.diagonal().any()


def test_rp3beta_adds_up_the_walks_over_each_person() -> None:
    alpha, beta = 0.7, 0.4
    found = Rp3BetaPeer(alpha=alpha, beta=beta, neighbours=10).item_weights(csr_matrix(LIKES)).toarray()
    for start, end in itertools.permutations(STARTUPS, 2):
        walk = 0.0
        for person in LIKES:
            to_person = person[start] / LIKES[:, start].sum()
            to_end = person[end] / person.sum()
            walk += to_person**alpha * to_end**alpha
        assert found[start, end] == pytest.approx(walk / LIKES[:, end].sum() ** beta, rel=1e-5)
    assert not found.diagonal().any()


def test_keep_largest_keeps_the_largest_of_each_column() -> None:
    weights = csr_matrix([[0.0, 3.0, 1.0], [2.0, 0.0, 5.0], [4.0, 1.0, 0.0], [1.0, 2.0, 4.0]])
    kept = keep_largest(weights, 2).toarray()
    np.testing.assert_array_equal(kept, [[0.0, 3.0, 0.0], [2.0, 0.0, 5.0], [4.0, 0.0, 0.0], [0.0, 2.0, 4.0]])


PEERS = [
    EasePeer(regularization=1.0),
    ItemKnnPeer(neighbours=10, shrinkage=0.0),
    Rp3BetaPeer(alpha=1.0, beta=0.5, neighbours=10),
]


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_scores_are_histories_times_weights_in_the_order_of_the_catalogue(
    peer: ItemItemPeer, data: TrainingData, catalogue: Catalogue, states: list[UserState]
) -> None:
    scores = peer.fit(data).bind(catalogue).score(states)
    weights = peer.item_weights(csr_matrix(LIKES, dtype=np.float32))
    dense = weights.toarray() if hasattr(weights, "toarray") else weights
    assert np.isnan(scores[:, 0]).all(), "nothing is known of a startup that nobody liked"
    np.testing.assert_allclose(scores[:, 1:], (LIKES @ dense)[:, ::-1], rtol=1e-5)


def test_startups_with_too_few_acts_take_no_part(
    data: TrainingData, catalogue: Catalogue, states: list[UserState]
) -> None:
    scores = EasePeer(regularization=1.0, least_acts=3).fit(data).bind(catalogue).score(states)
    np.testing.assert_array_equal(np.isnan(scores[0]), [True, True, False, False, False])


def test_binding_before_fitting_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(NotFittedError, match=r"ease.*call fit"):
        EasePeer(regularization=1.0).bind(catalogue)
