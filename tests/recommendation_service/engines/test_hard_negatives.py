from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from recommendation_service.engines.hard_negatives import HardNegatives
from recommendation_service.engines.negative_sampling import Drawn
from recommendation_service.engines.training_config import NegativesConfig

EVERYTHING = torch.eye(9)
"""Content in which no startup is like any other."""


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def hard_negatives(scores: Tensor, *, hard: int, pool: int, content: Tensor = EVERYTHING) -> HardNegatives:
    """A model whose scores [U, S] are these."""
    config = NegativesConfig(hard=hard, hard_pool=pool, duplicate_above=0.9)
    return HardNegatives(config, user_vectors=scores, startup_vectors=torch.eye(scores.shape[1]), content=content)


def draw(hard: HardNegatives, excluded: Tensor, *, liked: dict[int, int] | None = None, seed: int = 0) -> Drawn:
    row, startups = list(liked or {}), list((liked or {}).values())
    return hard.draw(
        torch.arange(len(excluded)),
        excluded=excluded,
        row=torch.tensor(row, dtype=torch.int64),
        liked=torch.tensor(startups, dtype=torch.int64),
        generator=seeded(seed),
    )


@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(4, 9))
def test_from_the_top_of_what_is_left(seed: int, hard: int, pool: int) -> None:
    generator = seeded(seed)
    scores = torch.rand((3, 9), generator=generator)
    excluded = torch.rand((3, 9), generator=generator) < 0.4
    for person in range(3):
        drawn = draw(hard_negatives(scores[[person]], hard=hard, pool=pool), excluded[[person]], seed=seed)
        allowed = [n for n in scores[person].argsort(descending=True).tolist() if not excluded[person, n]][:pool]
        startups = drawn.startups.tolist()
        assert len(startups) == len(set(startups)) == min(hard, len(allowed))
        assert set(startups) <= set(allowed)
        inclusion = drawn.log_inclusion.exp().tolist()
        expected = [min(1.0, hard / len(allowed)) if n in allowed else 0.0 for n in range(9)]
        assert inclusion == pytest.approx(expected, abs=1e-6)


def test_near_duplicates_of_a_liked_startup_are_left_out_for_its_person_only() -> None:
    content = EVERYTHING.clone()
    content[1] = content[0] + 0.1 * content[1]
    scores = torch.tensor([[0.9, 0.8, 0.7, 0.6, 0, 0, 0, 0, 0]]).repeat(2, 1)
    excluded = torch.zeros((2, 9), dtype=torch.bool)
    excluded[0, 0] = True
    hard = hard_negatives(scores, hard=2, pool=3, content=content)
    drawn = draw(hard, excluded, liked={0: 0})
    assert set(drawn.startups[:2].tolist()) == {2, 3}
    assert float(drawn.log_inclusion[1].exp()) == pytest.approx(2 / 3)


def test_log_q_is_how_often_a_startup_is_in_the_batch() -> None:
    scores = torch.rand((3, 9), generator=seeded(4))
    excluded = torch.zeros((3, 9), dtype=torch.bool)
    hard, seen = hard_negatives(scores, hard=2, pool=4), torch.zeros(9)
    for seed in range(3000):
        drawn = draw(hard, excluded, seed=seed)
        seen[torch.unique(drawn.startups)] += 1 / 3000
    torch.testing.assert_close(seen, drawn.log_inclusion.exp(), atol=0.04, rtol=0)


def test_a_generator_decides_alone() -> None:
    scores, excluded = torch.rand((3, 9), generator=seeded()), torch.zeros((3, 9), dtype=torch.bool)
    hard, state = hard_negatives(scores, hard=2, pool=8), torch.get_rng_state()
    first = draw(hard, excluded, seed=1).startups
    assert torch.equal(first, draw(hard, excluded, seed=1).startups)
    assert not torch.equal(first, draw(hard, excluded, seed=2).startups)
    assert torch.equal(torch.get_rng_state(), state)


def test_nothing_left_to_draw() -> None:
    hard = hard_negatives(torch.zeros((1, 9)), hard=2, pool=4)
    drawn = draw(hard, torch.ones((1, 9), dtype=torch.bool))
    assert len(drawn.startups) == 0
    assert drawn.log_inclusion.tolist() == [-math.inf] * 9
