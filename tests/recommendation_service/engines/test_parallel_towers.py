"""The training pass by hand against torch's own layers and gradients, on any number of threads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recommendation_service.engines.parallel_towers import ParallelTowers
from recommendation_service.engines.relu_dropout import ReluDropout
from recommendation_service.engines.shared_work import sharing


@pytest.fixture(params=[1, 2, 3])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    with sharing():
        yield request.param
    torch.set_num_threads(before)


def layers(inputs: int, hidden: Sequence[int], rate: float, seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    parts: list[nn.Module] = []
    for width in hidden:
        parts += [nn.Linear(inputs, width), ReluDropout(rate)]
        inputs = width
    return nn.Sequential(*parts, nn.Linear(inputs, 4))


def features(rows: int, width: int) -> Tensor:
    return torch.randn(rows, width, generator=torch.Generator().manual_seed(1))


def gradients(towers: Sequence[nn.Sequential], vectors: Sequence[Tensor]) -> list[Tensor]:
    """Of something that treats every entry of the vectors differently."""
    total = sum((one * torch.arange(1.0, one.numel() + 1).view_as(one).cos()).sum() for one in vectors)
    assert isinstance(total, Tensor)
    return list(torch.autograd.grad(total, [p for tower in towers for p in tower.parameters()]))


@pytest.mark.parametrize("hidden", [(), (7,), (8, 5)])
@pytest.mark.parametrize("counts", [(9, 20), (1, 1), (6, 0), (0, 5), (40, 2)])
def test_without_dropout_vectors_and_gradients_are_torchs(
    threads: int, counts: tuple[int, int], hidden: Sequence[int]
) -> None:
    assert threads
    towers = [layers(6, hidden, 0.0), layers(5, hidden, 0.0, seed=1)]
    inputs = [features(50, 6), features(30, 5)]
    rows = [torch.randint(len(x), (n,)) for x, n in zip(inputs, counts, strict=True)]
    vectors = ParallelTowers(towers).encode(inputs, rows)
    expected = [F.normalize(tower(x[r]), dim=1) for tower, x, r in zip(towers, inputs, rows, strict=True)]
    torch.testing.assert_close(list(vectors), expected)
    torch.testing.assert_close(gradients(towers, vectors), gradients(towers, expected), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("rate", [0.3, 0.9])
def test_the_gradient_is_that_of_the_units_that_were_kept(threads: int, rate: float) -> None:
    """Finite differences, in a tower whose dropout repeats because the seed does."""
    assert threads
    tower = layers(6, (32, 16), rate)
    parallel = ParallelTowers([tower])
    inputs, rows = [features(12, 6)], [torch.arange(12)]

    def loss() -> Tensor:
        torch.manual_seed(5)
        (vectors,) = parallel.encode(inputs, rows)
        return (vectors * torch.arange(1.0, vectors.numel() + 1).view_as(vectors).cos()).sum()

    found = torch.autograd.grad(loss(), list(tower.parameters()))
    for parameter, gradient in zip(tower.parameters(), found, strict=True):
        step = torch.randn(parameter.shape, generator=torch.Generator().manual_seed(2)) * 2e-4
        kept = parameter.detach().clone()
        with torch.no_grad():
            parameter += step
        above = loss().item()
        with torch.no_grad():
            parameter.copy_(kept - step)
        below = loss().item()
        with torch.no_grad():
            parameter.copy_(kept)
        assert (above - below) / 2 == pytest.approx((gradient * step).sum().item(), rel=0.05, abs=3e-5)


def test_dropout_keeps_the_mean_repeats_under_a_seed_and_differs_from_row_to_row(threads: int) -> None:
    """One hidden unit that is always 1 and an output of (unit, 1): what dropout did can be read off the angle."""
    assert threads
    tower = nn.Sequential(nn.Linear(1, 64), ReluDropout(0.25), nn.Linear(64, 2))
    with torch.no_grad():
        tower[0].weight.zero_()
        tower[0].bias.fill_(1.0)
        tower[2].weight.copy_(torch.stack([torch.full((64,), 1 / 64), torch.zeros(64)]))
        tower[2].bias.copy_(torch.tensor([0.0, 1.0]))
    parallel, inputs, rows = ParallelTowers([tower]), [torch.zeros(1, 1)], [torch.zeros(4000, dtype=torch.int64)]

    def means(seed: int) -> Tensor:
        torch.manual_seed(seed)
        (vectors,) = parallel.encode(inputs, rows)
        return (vectors[:, 0] / vectors[:, 1]).detach()

    assert means(1).mean().item() == pytest.approx(1.0, abs=5 * (0.25 / 0.75 / 64 / 4000) ** 0.5)
    assert means(1).var().item() == pytest.approx(0.25 / 0.75 / 64, rel=0.15)
    assert torch.equal(means(1), means(1))
    assert not torch.equal(means(1), means(2))


def test_what_is_not_finite_reaches_the_gradient(threads: int) -> None:
    assert threads
    tower = layers(6, (8,), 0.3)
    inputs = features(5, 6)
    inputs[2, 0] = float("nan")
    (vectors,) = ParallelTowers([tower]).encode([inputs], [torch.arange(5)])
    assert any(not torch.isfinite(gradient).all() for gradient in gradients([tower], [vectors]))


def test_memory_grows_with_a_larger_step_and_a_smaller_one_does_not_see_the_rest(threads: int) -> None:
    assert threads
    tower, inputs = layers(6, (8,), 0.0), features(50, 6)
    parallel = ParallelTowers([tower])
    for count in (3, 50, 7):
        (vectors,) = parallel.encode([inputs], [torch.arange(count)])
        expected = F.normalize(tower(inputs[:count]), dim=1)
        torch.testing.assert_close(gradients([tower], [vectors]), gradients([tower], [expected]), rtol=1e-4, atol=1e-5)


def test_going_backward_through_a_step_whose_memory_is_taken_is_refused() -> None:
    tower, inputs, rows = layers(6, (8,), 0.0), [features(5, 6)], [torch.arange(5)]
    parallel = ParallelTowers([tower])
    first = parallel.encode(inputs, rows)
    parallel.encode(inputs, rows)
    with pytest.raises(RuntimeError, match="the memory of step 1 was taken by step 2"):
        gradients([tower], first)
