from __future__ import annotations

import numpy as np
import pytest
import torch

from recommendation_service.engines.entity_encoding import SparseRow
from recommendation_service.engines.single_row import SingleRowTower
from recommendation_service.engines.tower_network import Tower
from recommendation_service.engines.training_config import TowerConfig
from recommendation_service.engines.types import FloatArray


def sparse(row: FloatArray, text_width: int) -> SparseRow:
    columns = np.flatnonzero(row[text_width:])
    return SparseRow(text=row[:text_width], columns=columns.tolist(), values=row[text_width:][columns].tolist())


@pytest.mark.parametrize("hidden", [(), (5,), (32, 16)], ids=str)
@pytest.mark.parametrize("text_width", [0, 7, 12])
def test_a_row_is_what_the_tower_makes_of_it(hidden: tuple[int, ...], text_width: int) -> None:
    torch.manual_seed(3)
    tower = Tower(TowerConfig(hidden=hidden, dropout=(0.3,) * len(hidden)), inputs=12, outputs=4).eval()
    one, rows = SingleRowTower(tower, text_width), torch.randn(40, 12) * (torch.rand(40, 12) < 0.5)
    with torch.inference_mode():
        expected = tower(rows).numpy()
    given = rows.numpy().copy()
    found = np.stack([one(sparse(row, text_width)) for row in given])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(given, rows.numpy())
    assert found.dtype == np.float32


def test_no_text_is_a_text_of_zeros() -> None:
    tower = Tower(TowerConfig(hidden=(5,), dropout=(0.0,)), inputs=12, outputs=4).eval()
    one, zeros = SingleRowTower(tower, 8), np.zeros(8, dtype=np.float32)
    np.testing.assert_array_equal(
        one(SparseRow(text=None, columns=[1], values=[0.5])), one(SparseRow(text=zeros, columns=[1], values=[0.5]))
    )


def test_a_row_that_gives_nothing_stays_nothing() -> None:
    tower = Tower(TowerConfig(hidden=(), dropout=()), inputs=3, outputs=2)
    torch.nn.init.zeros_(tower.layers[0].bias)
    found = SingleRowTower(tower, 2)(sparse(np.zeros(3, dtype=np.float32), 2))
    np.testing.assert_array_equal(found, [0.0, 0.0])


def test_a_value_that_is_not_finite_is_not_hidden() -> None:
    tower = Tower(TowerConfig(hidden=(4,), dropout=(0.0,)), inputs=3, outputs=2)
    found = SingleRowTower(tower, 2)(sparse(np.array([np.nan, 0, 0], dtype=np.float32), 2))
    assert np.isnan(found).all()
