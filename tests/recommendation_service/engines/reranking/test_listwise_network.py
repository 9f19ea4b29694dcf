from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from recommendation_service.engines.errors import ConfigError, ModelFileError
from recommendation_service.engines.reranking.listwise_network import (
    ListwiseNetwork,
    ListwiseNetworkConfig,
    listwise_loss,
)
from recommendation_service.engines.reranking.ranking_rows import RankingRows
from recommendation_service.engines.training_config import OptimizerConfig

CONFIG = ListwiseNetworkConfig(
    hidden=(16,), dropout=0.0, epochs=60, lists_per_step=8, optimizer=OptimizerConfig(learning_rate=0.02)
)


@pytest.fixture(scope="module")
def rows() -> RankingRows:
    """Of each list the row proved relevant whose two first features match best, however the list lies as a whole."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(60, 10, 3)).astype(np.float32)
    label = np.zeros((60, 10), dtype=np.float32)
    label[np.arange(60), (features[:, :, 0] + features[:, :, 1]).argmax(axis=1)] = 1.0
    features[:, :, 0] += rng.normal(scale=3, size=(60, 1))
    features[rng.random((60, 10)) < 0.1, 2] = np.nan
    return RankingRows(
        features=features.reshape(-1, 3), label=label.reshape(-1), group_sizes=np.full(60, 10, dtype=np.int64)
    )


def test_the_loss_by_an_independent_softmax() -> None:
    """Lists of unequal length, graded labels, and one in which nothing proved relevant."""
    scores = torch.tensor([1.0, 2.0, 0.5, 3.0, -1.0, 0.0, 4.0])
    labels = torch.tensor([1.0, 0.0, 0.5, 0.0, 1.0, 0.0, 0.0])
    lists = torch.tensor([0, 0, 0, 1, 1, 2, 2])
    expected = [
        torch.nn.functional.cross_entropy(scores[:3], labels[:3] / 1.5),
        torch.nn.functional.cross_entropy(scores[3:5], labels[3:5]),
        torch.tensor(0.0),
    ]
    torch.testing.assert_close(listwise_loss(scores, labels, lists), torch.stack(expected).mean())


def test_the_loss_stays_finite_where_scores_do_not_fit_an_exponential() -> None:
    scores = torch.tensor([1000.0, -1000.0, 500.0], requires_grad=True)
    loss = listwise_loss(scores, torch.tensor([0.0, 1.0, 0.0]), torch.tensor([0, 0, 0]))
    torch.testing.assert_close(loss.detach(), torch.tensor(2000.0))
    loss.backward()
    assert scores.grad is not None
    assert scores.grad.isfinite().all()


def test_learns_what_decides_within_a_list(rows: RankingRows) -> None:
    """That whole lists lie higher than others says nothing."""
    scores = ListwiseNetwork.fit(rows, CONFIG, seed=0).predict(rows.features).reshape(60, 10)
    found = scores.argmax(axis=1) == rows.label.reshape(60, 10).argmax(axis=1)
    assert found.mean() > 0.9


def test_the_same_seed_gives_the_same_network(rows: RankingRows) -> None:
    config = replace(CONFIG, dropout=0.3, epochs=2)
    one = ListwiseNetwork.fit(rows, config, seed=1).predict(rows.features)
    same = ListwiseNetwork.fit(rows, config, seed=1).predict(rows.features)
    other = ListwiseNetwork.fit(rows, config, seed=2).predict(rows.features)
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    ListwiseNetwork.fit(rows, config, seed=1)
    torch.testing.assert_close(torch.rand(3), expected)  # nobody else's chance is touched


def test_one_candidate_is_scored_as_among_many(rows: RankingRows) -> None:
    network = ListwiseNetwork.fit(rows, replace(CONFIG, epochs=2), seed=0)
    together = network.predict(rows.features)
    np.testing.assert_allclose(network.predict(rows.features[17:18]), together[17:18], rtol=1e-5)
    assert network.predict(rows.features[:0]).shape == (0,)


def test_survives_its_tensors(rows: RankingRows) -> None:
    network = ListwiseNetwork.fit(rows, replace(CONFIG, epochs=2), seed=0)
    loaded = ListwiseNetwork.from_tensors(network.to_tensors(), CONFIG)
    np.testing.assert_array_equal(loaded.predict(rows.features), network.predict(rows.features))


@pytest.mark.parametrize(
    ("lost", "hidden"), [("scale.mean", (16,)), ("layers.0.weight", (16,)), (None, (17,))], ids=str
)
def test_tensors_that_are_no_such_network_are_refused(
    rows: RankingRows, lost: str | None, hidden: tuple[int, ...]
) -> None:
    tensors = ListwiseNetwork.fit(rows, replace(CONFIG, epochs=1), seed=0).to_tensors()
    kept = {name: tensor for name, tensor in tensors.items() if name != lost}
    with pytest.raises(ModelFileError, match="does not hold the network of a re-ranker"):
        ListwiseNetwork.from_tensors(kept, replace(CONFIG, hidden=hidden))


@pytest.mark.parametrize(
    "values", [{"hidden": ()}, {"hidden": (0,)}, {"dropout": 1.0}, {"epochs": 0}, {"lists_per_step": 0}]
)
def test_impossible_settings_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(values))):
        ListwiseNetworkConfig(**values)
