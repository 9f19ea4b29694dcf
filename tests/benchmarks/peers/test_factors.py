"""The library's factor models behind the contract of engines."""

from __future__ import annotations

import numpy as np
import pytest
from peers.factors import AlsPeer, BprPeer, FactorPeer

from recommendation_service.engines.types import Catalogue, TrainingData, UserRecord, UserState


def als(seed: int = 1) -> AlsPeer:
    return AlsPeer(factors=4, regularization=0.01, alpha=10.0, iterations=30, seed=seed)


def bpr(seed: int = 1) -> BprPeer:
    return BprPeer(factors=4, regularization=0.001, learning_rate=0.1, iterations=300, seed=seed)


@pytest.mark.parametrize("peer", [als(), bpr()], ids=lambda peer: peer.name)
def test_what_people_liked_comes_before_what_they_did_not(
    peer: FactorPeer, data: TrainingData, catalogue: Catalogue, states: list[UserState]
) -> None:
    scores = peer.fit(data).bind(catalogue).score(states)[:, :0:-1]
    likes = np.zeros(scores.shape, dtype=bool)
    likes[data.interactions.user, data.interactions.startup] = True
    for row, liked in zip(scores, likes, strict=True):
        assert row[liked].min() > row[~liked].max()


@pytest.mark.parametrize("make", [als, bpr])
def test_a_seed_decides_everything(
    make: type[FactorPeer], data: TrainingData, catalogue: Catalogue, states: list[UserState]
) -> None:
    first, again, other = (make(seed=seed).fit(data).bind(catalogue).score(states) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first[:, 1:], other[:, 1:])


def test_nothing_is_said_of_strangers(data: TrainingData, catalogue: Catalogue) -> None:
    stranger = UserState(record=UserRecord(id="stranger", role="investor"))
    assert np.isnan(als().fit(data).bind(catalogue).score([stranger])).all()
