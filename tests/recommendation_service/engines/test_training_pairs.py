from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from recommendation_service.engines.errors import TrainingError
from recommendation_service.engines.training_pairs import TrainingPairs
from recommendation_service.engines.types import Interactions, TrainingData

CPU = torch.device("cpu")
MakeInteractions = Callable[[list[tuple[int, int, str, int]]], Interactions]


def pairs_of(interactions: Interactions, *, with_negatives: bool = True) -> TrainingPairs:
    return TrainingPairs.of(interactions, with_negatives=with_negatives, device=CPU)


def test_every_row_once_per_epoch_in_full_batches(platform: TrainingData) -> None:
    pairs = pairs_of(platform.interactions)
    batches = list(pairs.batches(100, torch.Generator().manual_seed(0)))
    assert len(batches) == pairs.batch_count(100)
    assert all(len(batch) == 100 for batch in batches[:-1])
    assert sorted(torch.cat(batches).tolist()) == list(range(len(platform.interactions)))


def test_the_generator_decides_the_order(platform: TrainingData) -> None:
    pairs = pairs_of(platform.interactions)

    def order(seed: int) -> list[int]:
        return torch.cat(list(pairs.batches(64, torch.Generator().manual_seed(seed)))).tolist()

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_a_positive_stays_beside_its_negatives(platform: TrainingData) -> None:
    """Rows of one user at one moment are neighbours, and users follow each other at random."""
    rows = platform.interactions
    order = torch.cat(list(pairs_of(rows).batches(50, torch.Generator().manual_seed(0)))).numpy()
    key = np.stack([rows.user[order], rows.time[order]], axis=1)
    runs = 1 + int((key[1:] != key[:-1]).any(axis=1).sum())
    assert runs == len(np.unique(key, axis=0))


def test_without_sampled_negatives_dislikes_stay(make_interactions: MakeInteractions) -> None:
    rows = make_interactions([(0, 0, "apply", 5), (0, 1, "dislike", 6), (1, 2, "sampled_negative", 7)])
    pairs = pairs_of(rows, with_negatives=False)
    assert pairs.startup.tolist() == [0, 1]
    assert pairs.positives.tolist() == [True, False]
    assert pairs.time.tolist() == rows.time[:2].tolist()
    assert len(pairs_of(rows)) == 3


def test_no_positive_row(make_interactions: MakeInteractions) -> None:
    with pytest.raises(TrainingError, match="none of the 1 training rows has a label above 0"):
        pairs_of(make_interactions([(0, 0, "dislike", 5)]))
    with pytest.raises(TrainingError, match="none of the 0 training rows"):
        pairs_of(make_interactions([]))


def test_no_negative_row(make_interactions: MakeInteractions) -> None:
    rows = make_interactions([(0, 0, "apply", 5), (1, 1, "view", 6)])
    with pytest.raises(TrainingError, match=r"all 2 training rows are positive .* --negative-samples 2"):
        pairs_of(rows)
    assert len(pairs_of(rows, with_negatives=False)) == 2
