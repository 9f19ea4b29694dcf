from __future__ import annotations

import numpy as np
import pytest
import torch

from recommendation_service.engines.pair_batches import PairBatches
from recommendation_service.engines.training_pairs import TrainingPairs
from recommendation_service.engines.types import Interactions, TrainingData

CPU = torch.device("cpu")


def batches_of(interactions: Interactions, *, batch_size: int) -> PairBatches:
    pairs = TrainingPairs.of(interactions, with_negatives=True, device=CPU)
    return PairBatches(pairs, batch_size=batch_size, device=CPU)


def tiny() -> Interactions:
    return Interactions(
        user=np.array([0, 0, 1, 1], dtype=np.int32),
        startup=np.array([2, 1, 2, 0], dtype=np.int32),
        label=np.array([1.0, 0.0, 0.6, 0.8], dtype=np.float32),
        weight=np.array([3.0, 1.0, 1.0, 2.0], dtype=np.float32),
        kind=np.zeros(4, dtype=np.int8),
        time=np.arange(4, dtype=np.int64),
    )


def test_a_batch_by_hand() -> None:
    source = batches_of(tiny(), batch_size=4)
    (batch,) = source.batches(torch.Generator().manual_seed(0))
    assert batch.users.tolist() == [0, 1]
    assert batch.startups.tolist() == [0, 1, 2]
    pairs = set(zip(batch.row.tolist(), batch.column.tolist(), batch.weight.tolist(), strict=True))
    assert pairs == {(0, 2, 3.0), (0, 1, 1.0), (1, 2, 1.0), (1, 0, 2.0)}
    assert not batch.known.any()


def test_a_batch_moves_whole() -> None:
    (batch,) = batches_of(tiny(), batch_size=4).batches(torch.Generator().manual_seed(0))
    assert batch.to(CPU) is batch
    moved = batch.to(torch.device("meta"))
    assert {moved.users.device.type, moved.label.device.type, moved.known.device.type} == {"meta"}
    assert (moved.moment, len(moved)) == (batch.moment, len(batch))


@pytest.mark.parametrize("batch_size", [2, 64, 10**6])
def test_an_epoch_holds_every_pair_once(platform: TrainingData, batch_size: int) -> None:
    rows = platform.interactions
    source = batches_of(rows, batch_size=batch_size)
    batches = list(source.batches(torch.Generator().manual_seed(1)))
    assert len(batches) == source.steps
    seen = sorted(
        pair
        for batch in batches
        for pair in zip(batch.users[batch.row].tolist(), batch.startups[batch.column].tolist(), strict=True)
    )
    assert seen == sorted(zip(rows.user.tolist(), rows.startup.tolist(), strict=True))


def test_the_generator_alone_decides_the_order(platform: TrainingData) -> None:
    source = batches_of(platform.interactions, batch_size=64)
    first, again, other = (
        [batch.row.tolist() for batch in source.batches(torch.Generator().manual_seed(seed))] for seed in (1, 1, 2)
    )
    assert first == again != other
