from __future__ import annotations

import numpy as np
import pytest
import torch

from recommendation_service.engines.single_row import SingleRowTower
from recommendation_service.engines.tower_network import Tower
from recommendation_service.engines.training_config import TowerConfig


@pytest.mark.parametrize("hidden", [(), (5,), (32, 16)], ids=str)
def test_a_row_is_what_the_tower_makes_of_it(hidden: tuple[int, ...]) -> None:
    torch.manual_seed(3)
    tower = Tower(TowerConfig(hidden=hidden, dropout=(0.3,) * len(hidden)), inputs=12, outputs=4).eval()
    one, rows = SingleRowTower(tower), torch.randn(40, 12)
    with torch.inference_mode():
        expected = tower(rows).numpy()
    given = rows.numpy().copy()
    found = np.stack([one(row) for row in given])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(given, rows.numpy())
    assert found.dtype == np.float32


def test_a_row_that_gives_nothing_stays_nothing() -> None:
    tower = Tower(TowerConfig(hidden=(), dropout=()), inputs=3, outputs=2)
    torch.nn.init.zeros_(tower.layers[0].bias)
    found = SingleRowTower(tower)(np.zeros(3, dtype=np.float32))
    np.testing.assert_array_equal(found, [0.0, 0.0])


def test_a_value_that_is_not_finite_is_not_hidden() -> None:
    tower = Tower(TowerConfig(hidden=(4,), dropout=(0.0,)), inputs=3, outputs=2)
    found = SingleRowTower(tower)(np.array([np.nan, 0, 0], dtype=np.float32))
    assert np.isnan(found).all()
