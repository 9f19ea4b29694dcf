from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare
from torch import Tensor

from recommendation_service.engines.negative_sampling import StartupSampler

CPU = torch.device("cpu")
COUNTS = torch.tensor([0, 1, 5, 40, 3, 200, 16, 0])


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn_counts(sampler: StartupSampler, draws: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    startups = sampler.draw(draws, seeded()).startups
    return torch.bincount(startups, minlength=len(sampler.probability)).numpy()


@pytest.mark.parametrize(
    ("sampler", "mass"),
    [
        (StartupSampler.uniform(8, CPU), [1.0] * 8),
        (StartupSampler.popularity(COUNTS, 1.0), COUNTS.tolist()),
        (StartupSampler.popularity(COUNTS, 0.5), [0, 1, 5**0.5, 40**0.5, 3**0.5, 200**0.5, 4, 0]),
        (StartupSampler.popularity(COUNTS, 0.0), [0, 1, 1, 1, 1, 1, 1, 0]),
    ],
    ids=["uniform", "popularity", "smoothed", "seen ones alike"],
)
def test_draws_follow_the_distribution(sampler: StartupSampler, mass: list[float]) -> None:
    observed = drawn_counts(sampler, 20_000)
    expected = np.array(mass) / sum(mass) * 20_000
    possible = expected > 0
    assert not observed[~possible].any()
    assert chisquare(observed[possible], expected[possible]).pvalue > 0.001
    np.testing.assert_allclose(sampler.probability.numpy(), expected / 20_000)


def test_a_generator_decides_alone() -> None:
    sampler = StartupSampler.popularity(COUNTS, 0.75)
    state = torch.get_rng_state()
    first = sampler.draw(50, seeded(1)).startups
    assert torch.equal(first, sampler.draw(50, seeded(1)).startups)
    assert not torch.equal(first, sampler.draw(50, seeded(2)).startups)
    assert torch.equal(torch.get_rng_state(), state)


def test_successive_draws_differ() -> None:
    generator, sampler = seeded(), StartupSampler.uniform(1000, CPU)
    assert not torch.equal(sampler.draw(20, generator).startups, sampler.draw(20, generator).startups)


def how_often_drawn(samplers: list[tuple[StartupSampler, int]], batches: int) -> Tensor:
    generator, seen = seeded(), torch.zeros(8)
    for _ in range(batches):
        startups = torch.cat([sampler.draw(count, generator).startups for sampler, count in samplers])
        seen[torch.unique(startups)] += 1
    return seen / batches


def test_the_log_q_of_a_mixture_is_how_often_a_startup_is_in_the_batch() -> None:
    samplers = [(StartupSampler.uniform(8, CPU), 2), (StartupSampler.popularity(COUNTS, 0.75), 3)]
    (first, few), (second, more) = samplers
    mixture = first.draw(few, seeded()) | second.draw(more, seeded())
    assert len(mixture.startups) == 5
    inclusion = mixture.log_inclusion.exp()
    by_hand = 1 - (7 / 8) ** 2 * (1 - 16**0.75 / float((COUNTS**0.75).sum())) ** 3
    assert float(inclusion[6]) == pytest.approx(by_hand, rel=1e-5)
    spread = torch.sqrt(inclusion * (1 - inclusion) / 4000)
    assert bool(((how_often_drawn(samplers, 4000) - inclusion).abs() < 4 * spread + 1e-9).all())


def test_what_a_batch_brings_itself_counts_as_drawn() -> None:
    own = StartupSampler(COUNTS).given(torch.tensor([5, 5, 3]))
    assert own.startups.tolist() == [5, 5, 3]
    shares = COUNTS / COUNTS.sum()
    torch.testing.assert_close(own.log_inclusion.exp(), 1 - (1 - shares) ** 3)


def test_certain_and_impossible_startups() -> None:
    sampler = StartupSampler(torch.tensor([0.0, 1.0]))
    assert sampler.draw(3, seeded()).startups.tolist() == [1, 1, 1]
    assert sampler.draw(3, seeded()).log_inclusion.tolist() == [-math.inf, 0.0]
    nothing = sampler.draw(0, seeded())
    assert len(nothing.startups) == 0
    assert nothing.log_inclusion.tolist() == [-math.inf, -math.inf]


def test_a_rare_startup_keeps_its_probability() -> None:
    """One in a hundred million: 1 - (1 - p)^n would be 0 in float32."""
    sampler = StartupSampler(torch.tensor([1.0, 1e8]))
    assert float(sampler.draw(10, seeded()).log_inclusion[0]) == pytest.approx(math.log(1e-7), rel=1e-5)


@given(st.lists(st.floats(0, 10), min_size=1, max_size=6).filter(lambda mass: sum(mass) > 1e-6), st.integers(0, 99))
def test_nothing_without_mass_is_drawn(mass: list[float], seed: int) -> None:
    startups = StartupSampler(torch.tensor(mass)).draw(40, seeded(seed)).startups
    assert bool((torch.tensor(mass)[startups] > 0).all())


@pytest.mark.parametrize("mass", [[0.0, 0.0], [1.0, -1.0], [math.nan]])
def test_masses_that_are_no_distribution_are_refused(mass: list[float]) -> None:
    with pytest.raises(ValueError, match=f"the masses of the {len(mass)} startups to draw from"):
        StartupSampler(torch.tensor(mass))
