from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import torch

from recommendation_service.engines.act_table import ActTable
from recommendation_service.engines.histories import Histories
from recommendation_service.engines.history_model import BoundHistories, HistoryModel
from recommendation_service.engines.history_network import PeopleTensors
from recommendation_service.engines.history_people import encode_people
from recommendation_service.engines.history_weights import HistoryWeights
from recommendation_service.engines.timeline import data_before
from recommendation_service.engines.training_config import history
from recommendation_service.engines.two_tower import TwoTowerRecommender
from recommendation_service.engines.types import Catalogue, HistoryItem, TrainingData, UserRecord, UserState

CUT = datetime(2025, 4, 1, tzinfo=UTC)
STRANGER = UserState(record=UserRecord(id="stranger", role="pilot"))


@pytest.fixture(scope="module")
def bound(make_platform: Callable[..., TrainingData]) -> tuple[BoundHistories, HistoryModel, list[UserState]]:
    """Towers bound to half of the startups, and people whose histories name all of them and one that nobody knows."""
    data = make_platform(with_rounds=True)
    recommender = TwoTowerRecommender(replace(history(), epochs=2, refit=False)).fit(data_before(data, CUT))
    model = recommender.model
    assert isinstance(model, HistoryModel)
    towers = model.bind(Catalogue(startups=data.startups[::2], as_of=CUT))
    assert isinstance(towers, BoundHistories)
    histories = Histories(data)
    states = [histories.state(user, CUT) for user in range(len(data.users))]
    unknown = HistoryItem(startup_id="never heard of", kind="like", label=0.8, time=datetime(2025, 1, 1, tzinfo=UTC))
    odd = replace(states[0], history=(unknown, *states[0].history))
    return towers, model, [STRANGER, odd, *states]


@pytest.mark.parametrize("some", [slice(0, 1), slice(1, 2), slice(0, 9), slice(0, None), slice(0, 0)])
def test_it_gives_what_the_encoder_gives(
    bound: tuple[BoundHistories, HistoryModel, list[UserState]], some: slice
) -> None:
    towers, model, states = bound
    users = states[some]
    people = encode_people(model.encoder, users, towers.known, towers.as_of)
    acts = ActTable.of_states(users, towers.known.row_of, towers.as_of)
    expected = model.encoder.people([user.record for user in users], acts, towers.known, towers.past)
    assert len(people) == len(users)
    for pool, table in zip(people.facets, expected.facets, strict=True):
        np.testing.assert_allclose(pool, table.toarray(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(people.texts, expected.texts, atol=1e-6)
    np.testing.assert_array_equal(people.gates, expected.gates)
    np.testing.assert_array_equal(people.roles, expected.roles)


def test_folded_weights_are_those_of_the_network(
    bound: tuple[BoundHistories, HistoryModel, list[UserState]],
) -> None:
    towers, model, states = bound
    people = encode_people(model.encoder, states, towers.known, towers.as_of)
    tensors = PeopleTensors(
        facets=torch.from_numpy(people.facets),
        texts=torch.from_numpy(people.texts),
        gates=torch.from_numpy(people.gates),
        roles=torch.from_numpy(people.roles),
    )
    wanted, rest, alike = (part.numpy() for part in model.network.parts_of_people(tensors))
    found = HistoryWeights.of(model.network).parts_of(people)
    np.testing.assert_allclose(found[0], wanted, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[1], rest, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[2], alike.T, rtol=1e-4, atol=1e-5)


def test_many_are_ranked_as_each_alone(bound: tuple[BoundHistories, HistoryModel, list[UserState]]) -> None:
    """More than are ranked at once, each with startups of their own taken away."""
    towers, _, states = bound
    users = (states * 3)[:70]
    startups = len(towers.serving)
    allowed = np.random.default_rng(3).random((len(users), startups)) < 0.7
    together = towers.rank(users, 7, allowed)
    for row, user in enumerate(users):
        alone = towers.rank([user], 7, allowed[row : row + 1])
        np.testing.assert_allclose(together.scores[row], alone.scores[0], atol=1e-5)
        assert allowed[row, together.columns[row][together.columns[row] >= 0]].all()
    np.testing.assert_allclose(towers.rank(users, 7, None).scores, -np.sort(-towers.score(users))[:, :7], atol=1e-5)
