from __future__ import annotations

import numpy as np

from recommendation_service.engines.act_table import ActTable
from recommendation_service.engines.history_pools import POOLS, pool_weights
from recommendation_service.engines.types import INTERACTION_KINDS

DAY = 86_400_000_000


def acts(*rows: tuple[int, str, float, int], people: int) -> ActTable:
    """(person, kind, label, days before the moment)."""
    person, kind, label, days = zip(*rows, strict=True) if rows else ((), (), (), ())
    return ActTable(
        people=people,
        person=np.array(person, dtype=np.int64),
        startup=np.zeros(len(rows), dtype=np.int64),
        label=np.array(label, dtype=np.float32),
        kind=np.array([INTERACTION_KINDS.index(name) for name in kind], dtype=np.int8),
        time=100 * DAY - np.array(days, dtype=np.int64) * DAY,
        as_of=np.full(people, 100 * DAY, dtype=np.int64),
    )


def test_by_hand() -> None:
    """A view ten days ago, an application now and a dislike; the half-life is ten days."""
    table = acts((1, "view", 0.4, 10), (1, "apply", 1.0, 0), (1, "dislike", 0.0, 1), people=2)
    pools = {name: weights.toarray() for name, weights in pool_weights(table, half_life_days=10.0).items()}
    assert tuple(pools) == POOLS
    assert all(not weights[0].any() for weights in pools.values())
    np.testing.assert_allclose(pools["liked"][1], [0.4 / 2.4, 1 / 2.4, 0], rtol=1e-6)
    np.testing.assert_allclose(pools["recent"][1], [0.2 / 2.2, 1 / 2.2, 0], rtol=1e-6)
    np.testing.assert_allclose(pools["strong"][1], [0, 1 / 2, 0], rtol=1e-6)
    np.testing.assert_allclose(pools["viewed"][1], [0.4 / 1.4, 0, 0], rtol=1e-6)
    np.testing.assert_allclose(pools["disliked"][1], [0, 0, 1 / 2], rtol=1e-6)


def test_nobody_did_anything() -> None:
    assert {weights.shape for weights in pool_weights(acts(people=3), half_life_days=1.0).values()} == {(3, 0)}
