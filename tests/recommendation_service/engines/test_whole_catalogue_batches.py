from __future__ import annotations

import numpy as np
import torch

from recommendation_service.engines.training_pairs import TrainingPairs
from recommendation_service.engines.types import TrainingData
from recommendation_service.engines.whole_catalogue_batches import WholeCatalogueBatches


def batches_of(data: TrainingData, batch_size: int) -> tuple[TrainingPairs, WholeCatalogueBatches]:
    pairs = TrainingPairs.of(data.interactions, with_negatives=False, device=torch.device("cpu"))
    users, startups = len(data.users), len(data.startups)
    return pairs, WholeCatalogueBatches(pairs, batch_size=batch_size, users=users, startups=startups)


def test_every_pair_comes_once_with_its_label(platform: TrainingData) -> None:
    pairs, source = batches_of(platform, batch_size=7)
    batches = list(source.batches(torch.Generator().manual_seed(0)))
    assert len(batches) == source.steps
    seen = [
        (int(batch.users[row]), int(batch.startups[column]), float(label), float(weight))
        for batch in batches
        for row, column, label, weight in zip(batch.row, batch.column, batch.label, batch.weight, strict=True)
    ]
    there = zip(*(column.tolist() for column in (pairs.user, pairs.startup, pairs.label, pairs.weight)), strict=True)
    assert sorted(seen) == sorted(there)


def test_every_active_person_meets_the_whole_catalogue_once(platform: TrainingData) -> None:
    pairs, source = batches_of(platform, batch_size=7)
    batches = list(source.batches(torch.Generator().manual_seed(0)))
    assert sorted(torch.cat([batch.users for batch in batches]).tolist()) == pairs.user.unique().tolist()
    for batch in batches:
        assert len(batch.users) <= 7
        assert batch.startups.tolist() == list(range(len(platform.startups)))
        assert not batch.log_q.any()


def test_what_a_person_likes_is_never_their_negative(platform: TrainingData) -> None:
    pairs, source = batches_of(platform, batch_size=16)
    liked = np.zeros((len(platform.users), len(platform.startups)), dtype=bool)
    liked[pairs.user[pairs.positives], pairs.startup[pairs.positives]] = True
    for batch in source.batches(torch.Generator().manual_seed(0)):
        np.testing.assert_array_equal(batch.known.numpy(), liked[batch.users])


def test_the_order_is_drawn_from_the_generator(platform: TrainingData) -> None:
    _, source = batches_of(platform, batch_size=16)
    first, again, other = (
        torch.cat([batch.users for batch in source.batches(torch.Generator().manual_seed(seed))]) for seed in (3, 3, 4)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
